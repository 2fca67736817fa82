package helper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// implicit starts from whatever the AWS SDK's default chain finds.
//
// That chain may find a credential_process that is this program again: a
// profile that leads back to its own connector is a cycle, one that leads to
// another connector is answered in this process instead of a new one.
func (h *Helper) implicit(ctx context.Context, c connector.Connector, chain Chain) (session, error) {
	base, err := h.ambient(ctx, c, chain)
	if err != nil {
		if ctx.Err() != nil && !errors.Is(err, errSlowProgram) {
			return session{}, ended(ctx)
		}
		return session{}, err
	}
	base.Connector = c.Name
	if err := base.printable(); err != nil {
		return session{}, err
	}
	if c.RoleARN == "" {
		return base, nil
	}
	return h.fromSTS(ctx, c, base)
}

func (h *Helper) ambient(ctx context.Context, c connector.Connector, chain Chain) (session, error) {
	profile := c.Profile
	if profile == "" {
		profile = h.Env.Ambient.Profile
	}
	if profile == "" {
		return h.defaultChain(ctx, c)
	}
	o, err := h.origin(ctx, profile)
	if err != nil {
		return session{}, err
	}
	var base session
	switch {
	case o.connector != "" && slices.Contains(chain, o.connector):
		return session{}, cycle(append(slices.Clone(chain), o.connector))
	case o.connector != "":
		h.log().Debug("profile answered in this process", "profile", o.profile, "connector", o.connector)
		base, err = h.inProcess(ctx, o.connector, chain)
	case o.process != "":
		base, err = h.fromProgram(ctx, o.profile, o.process, chain)
	default:
		return h.defaultChain(ctx, c)
	}
	if err != nil || len(o.roles) == 0 {
		return base, err
	}
	return h.throughRoles(ctx, c, base, o.roles)
}

// inProcess returns another connector's credentials as the base of this one's.
func (h *Helper) inProcess(ctx context.Context, name string, chain Chain) (session, error) {
	inner := *h
	inner.Env.Chain = chain
	inner.Answered = nil // it is no answer to a caller
	got, err := inner.Credentials(ctx, name)
	if err != nil {
		return session{}, err
	}
	c, err := h.Connectors.Lookup(name)
	if err != nil {
		return session{}, err
	}
	return session{Key: c.Key, ID: got.AccessKeyID, Secret: got.SecretAccessKey, Token: got.SessionToken, AccountID: got.AccountID, Issued: h.now(), Expires: got.Expires}, nil
}

func (h *Helper) defaultChain(ctx context.Context, c connector.Connector) (session, error) {
	cfg, err := h.sdk(ctx, c)
	if err != nil {
		return session{}, err
	}
	// A program that the SDK starts would outlive us with our standard error, and
	// the SDK shows what it prints.
	if from, ok := cfg.Credentials.(aws.CredentialProviderSource); ok && slices.Contains(from.ProviderSources(), aws.CredentialSourceProcess) {
		return session{}, &Error{Reason: Misconfigured, Text: "the environment leads to a credential_process in no profile that is known", Advice: "set profile_name"}
	}
	return h.retrieve(ctx, c, cfg.Credentials)
}

// sdk returns the SDK's configuration as the environment and c have it.
func (h *Helper) sdk(ctx context.Context, c connector.Connector, more ...func(*config.LoadOptions) error) (aws.Config, error) {
	where := h.Env.Ambient
	if where.Err != nil {
		return aws.Config{}, where.Err
	}
	transport, err := Client{CABundle: h.Env.CABundle}.transport()
	if err != nil {
		return aws.Config{}, err
	}
	options := append(more, config.WithRegion(c.Region), config.WithHTTPClient(narrow(transport.WithTimeout(attemptTimeout))),
		config.WithSharedConfigFiles([]string{where.ConfigFile}), config.WithSharedCredentialsFiles([]string{where.CredentialsFile}),
		config.WithAPIOptions([]func(*middleware.Stack) error{unpanicked}))
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.EndpointURL != "" {
		options = append(options, config.WithBaseEndpoint(c.EndpointURL))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, ambientError(c, err)
	}
	return cfg, nil
}

func (h *Helper) retrieve(ctx context.Context, c connector.Connector, from aws.CredentialsProvider) (session, error) {
	got, err := from.Retrieve(ctx)
	if err != nil {
		return session{}, ambientError(c, err)
	}
	s := session{ID: got.AccessKeyID, Secret: secret.New(got.SecretAccessKey), Token: secret.New(got.SessionToken), AccountID: got.AccountID, Issued: h.now()}
	s.Foreign = got.Source == endpointcreds.ProviderName || got.Source == ec2rolecreds.ProviderName
	if got.CanExpire {
		s.Expires = got.Expires.UTC().Truncate(time.Second)
	}
	return s, nil
}

// throughRoles assumes the roles of profiles, the first one with base.
func (h *Helper) throughRoles(ctx context.Context, c connector.Connector, base session, roles []config.SharedConfig) (session, error) {
	own := base.credentials()
	start := credentials.NewStaticCredentialsProvider(own.AccessKeyID, own.SecretAccessKey.Reveal(), own.SessionToken.Reveal())
	cfg, err := h.sdk(ctx, c, config.WithCredentialsProvider(start))
	if err != nil {
		return session{}, err
	}
	for _, p := range roles {
		if p.MFASerial != "" {
			return session{}, &Error{Reason: Misconfigured, Text: fmt.Sprintf("profile %q: mfa_serial: this version cannot ask for MFA codes", p.Profile), Advice: "use a profile without mfa_serial"}
		}
		cfg.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), p.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName, o.ExternalID = p.RoleSessionName, optional(p.ExternalID)
			// The SDK's own chain takes none that is not longer than its default.
			if p.RoleDurationSeconds != nil && *p.RoleDurationSeconds > stscreds.DefaultDuration {
				o.Duration = *p.RoleDurationSeconds
			}
		})
	}
	return h.retrieve(ctx, c, cfg.Credentials)
}

// origin is where a profile's credentials start.
type origin struct {
	// profile is the one that names the process below.
	profile string
	// process is its credential_process, empty where they come from elsewhere.
	process string
	// connector is the one of this program that the process is, empty for none.
	connector string
	// roles are the profiles on the way whose roles are assumed, in this order.
	roles []config.SharedConfig
}

// origin follows profile to where its credentials start.
func (h *Helper) origin(ctx context.Context, profile string) (origin, error) {
	where := h.Env.Ambient
	if where.Err != nil {
		return origin{}, where.Err
	}
	shared, err := config.LoadSharedConfigProfile(ctx, profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{where.ConfigFile}, []string{where.CredentialsFile}
	})
	if err != nil {
		var missing config.SharedConfigProfileNotExistError
		if errors.As(err, &missing) && profile == config.DefaultSharedConfigProfile {
			return origin{}, nil
		}
		return origin{}, profileError(profile, where.ConfigFile, err)
	}
	last := &shared
	var roles []config.SharedConfig
	for ; ; last = last.Source {
		if last.RoleARN != "" {
			roles = slices.Insert(roles, 0, *last)
		}
		if last.Source == nil {
			break
		}
	}
	// The SDK asks the process only where nothing before it in its order is set.
	if last.CredentialProcess == "" || last.Credentials.HasKeys() || last.CredentialSource != "" || last.WebIdentityTokenFile != "" || last.SSOSessionName != "" || last.SSOStartURL != "" || last.LoginSession != "" {
		return origin{}, nil
	}
	return origin{last.Profile, last.CredentialProcess, connectorOfProcess(last.CredentialProcess, where.Self), roles}, nil
}

func profileError(profile, file string, err error) error {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return &Error{Reason: Misconfigured, Text: fmt.Sprintf("profile %q does not exist in %s", profile, file), Advice: "correct profile_name or AWS_PROFILE; `aws configure list-profiles` shows what there is", Err: err}
	}
	return &Error{Reason: Misconfigured, Text: fmt.Sprintf("profile %q: %s", profile, Clean(err.Error())), Advice: "correct the profile in " + file, Err: err}
}

// ambientError is for a default chain that yields nothing.
func ambientError(c connector.Connector, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		return awsError(opDefaultChain, c, err)
	}
	text := Clean(err.Error())
	if strings.Contains(text, "EC2 IMDS") || strings.Contains(text, "ec2imds") {
		return &Error{Reason: NeedsPerson, Text: "the environment has no AWS credentials: none in variables, profile, container or instance",
			Advice: "set profile_name, sign in with `aws sso login`, or use a method that takes a stored key", Err: err, costly: true}
	}
	return &Error{Reason: NeedsPerson, Text: "credentials of the environment: " + text, Advice: "see that `aws sts get-caller-identity` works with the same profile", Err: err}
}
