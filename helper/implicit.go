package helper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
)

// implicit starts from whatever the AWS SDK's default chain finds.
//
// That chain may find a credential_process that is this program again: a
// profile that leads back to its own connector is a cycle, one that leads to
// another connector is answered in this process instead of a new one.
func (h *Helper) implicit(ctx context.Context, c connector.Connector, chain Chain) (session, error) {
	base, err := h.ambient(ctx, c, chain)
	if err != nil {
		if ctx.Err() != nil {
			return session{}, ended(ctx)
		}
		return session{}, err
	}
	base.Connector = c.Name
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
	if profile != "" {
		name, nested, err := h.leadsBack(ctx, profile)
		if err != nil {
			return session{}, err
		}
		if slices.Contains(chain, name) {
			return session{}, cycle(append(slices.Clone(chain), name))
		}
		if name != "" && !nested {
			h.log().Debug("profile answered in this process", "profile", profile, "connector", name)
			return h.inProcess(ctx, name, chain)
		}
	}
	if h.Env.Ambient.Mark != nil {
		if err := h.Env.Ambient.Mark(chain); err != nil {
			return session{}, err
		}
	}
	return h.defaultChain(ctx, c)
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
	where := h.Env.Ambient
	if where.Err != nil {
		return session{}, where.Err
	}
	transport, err := Client{CABundle: h.Env.CABundle}.transport()
	if err != nil {
		return session{}, err
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(c.Region), config.WithHTTPClient(transport),
		config.WithSharedConfigFiles([]string{where.ConfigFile}), config.WithSharedCredentialsFiles([]string{where.CredentialsFile})}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.EndpointURL != "" {
		options = append(options, config.WithBaseEndpoint(c.EndpointURL))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return session{}, ambientError(c, err)
	}
	got, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return session{}, ambientError(c, err)
	}
	s := session{ID: got.AccessKeyID, Secret: secret.New(got.SecretAccessKey), Token: secret.New(got.SessionToken), AccountID: got.AccountID, Issued: h.now()}
	if got.CanExpire {
		s.Expires = got.Expires.UTC().Truncate(time.Second)
	}
	return s, nil
}

// leadsBack reports which connector of this program the credentials of profile
// come from, "" for none, and whether other profiles lie between.
func (h *Helper) leadsBack(ctx context.Context, profile string) (name string, nested bool, err error) {
	where := h.Env.Ambient
	if where.Err != nil {
		return "", false, where.Err
	}
	shared, err := config.LoadSharedConfigProfile(ctx, profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{where.ConfigFile}, []string{where.CredentialsFile}
	})
	if err != nil {
		var missing config.SharedConfigProfileNotExistError
		if errors.As(err, &missing) && profile == config.DefaultSharedConfigProfile {
			return "", false, nil
		}
		return "", false, profileError(profile, where.ConfigFile, err)
	}
	last := &shared
	for last.Source != nil {
		last, nested = last.Source, true
	}
	// The SDK asks the process only where nothing before it in its order is set.
	if last.CredentialProcess == "" || last.Credentials.HasKeys() || last.CredentialSource != "" || last.WebIdentityTokenFile != "" || last.SSOSessionName != "" || last.SSOStartURL != "" || last.LoginSession != "" {
		return "", nested, nil
	}
	return connectorOfProcess(last.CredentialProcess, where.Self), nested || shared.RoleARN != "", nil
}

// connectorOfProcess returns NAME if the command line is `SELF get NAME`, whatever name SELF goes by.
func connectorOfProcess(line, self string) string {
	args := strings.Fields(line)
	if len(args) < 3 || args[1] != "get" || self == "" {
		return ""
	}
	program, err := exec.LookPath(strings.Trim(args[0], `"'`))
	if err != nil || !sameFile(program, self) {
		return ""
	}
	return strings.Trim(args[2], `"'`)
}

func sameFile(a, b string) bool {
	if real, err := filepath.EvalSymlinks(a); err == nil {
		a = real
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
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
