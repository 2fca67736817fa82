package cli

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"

	"github.com/spf13/cobra"
)

// shown is a connector as `show --json` tells it: the fields of
// connectors.toml as resolved, with what follows from them.
type shown struct {
	Name              string            `json:"name"`
	Method            string            `json:"auth_method"`
	Region            string            `json:"region"`
	Partition         string            `json:"partition"`
	AccountID         string            `json:"account_id,omitempty"`
	Key               string            `json:"key,omitempty"`
	KeyProcess        []string          `json:"key_process,omitempty"`
	Profile           string            `json:"profile_name,omitempty"`
	AllowImplicit     bool              `json:"allow_implicit_auth_methods,omitempty"`
	RoleARN           string            `json:"role_arn,omitempty"`
	EndpointURL       string            `json:"endpoint_url,omitempty"`
	EndpointURLs      map[string]string `json:"endpoint_urls,omitempty"`
	ResourceType      string            `json:"resource_type"`
	ResourceID        string            `json:"resource_id,omitempty"`
	Scope             string            `json:"scope,omitempty"`
	PolicyARNs        []string          `json:"policy_arns,omitempty"`
	Policy            json.RawMessage   `json:"session_policy,omitempty"`
	ExpiresAt         string            `json:"expires_at,omitempty"`
	Duration          int               `json:"expiration_seconds,omitempty"`
	SkewTolerance     *int              `json:"expires_skew_tolerance,omitempty"`
	RoleSessionName   string            `json:"role_session_name,omitempty"`
	ExternalID        string            `json:"external_id,omitempty"`
	SourceIdentity    string            `json:"source_identity,omitempty"`
	Tags              map[string]string `json:"tags,omitempty"`
	TransitiveTagKeys []string          `json:"transitive_tag_keys,omitempty"`
	MFASerial         string            `json:"mfa_serial,omitempty"`
	MFAProcess        []string          `json:"mfa_process,omitempty"`
	MFA               string            `json:"mfa,omitempty"`
	MFASession        int               `json:"mfa_session_seconds,omitempty"`
	Source            string            `json:"source,omitempty"`
	// Chain are the connectors that it starts from, itself first; absent without a source.
	Chain []string `json:"chain,omitempty"`
	// Longest is the most that expiration_seconds may be where that is less than a
	// role's own limit: AWS caps what is assumed with another role's session.
	Longest           int      `json:"max_expiration_seconds,omitempty"`
	TokenFile         string   `json:"web_identity_token_file,omitempty"`
	TokenProcess      []string `json:"web_identity_token_process,omitempty"`
	CredentialProcess []string `json:"credential_process,omitempty"`
	// From says in words where credentials or a token come from that no key gives.
	From       string   `json:"credentials_from,omitempty"`
	Registries []string `json:"registries,omitempty"`
	// Endpoints are the URLs that are called, by service: of the fields above, of
	// the environment, or AWS's own.
	Endpoints map[string]string `json:"endpoints,omitempty"`
	// differ are the services among them whose URL is not AWS's usual one.
	differ []string
	// Problem is why a service has no endpoint.
	Problem string `json:"problem,omitempty"`
	// Session is the cached one; absent without one.
	Session *shownSession `json:"session,omitempty"`
	// Failures are the last ones that no new answer followed, latest first.
	Failures []lastFailure `json:"last_failures,omitempty"`
	// Warnings are what may not be meant so, a sentence each.
	Warnings []string `json:"warnings,omitempty"`
}

// shownSession is a cached session as `show --json` tells it. Times are RFC 3339.
type shownSession struct {
	State       string `json:"state"` // fresh, or stale: the next call makes a new one
	AccessKeyID string `json:"access_key_id"`
	ARN         string `json:"arn,omitempty"`
	Renewed     string `json:"renewed_at"`
	Expires     string `json:"expires_at"`
}

func (a *App) show() *cobra.Command {
	var asJSON bool
	var narrow narrowing
	cmd := &cobra.Command{
		Use:               "show NAME",
		Short:             "show a connector in full, with its session policy",
		Long:              showHelp,
		Args:              oneName("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.connectors()
			if err == nil {
				f, err = narrow.apply(f, args...)
			}
			if err != nil {
				return err
			}
			h, err := a.helper(f)
			if err != nil {
				return err
			}
			c, err := h.Connectors.Lookup(args[0])
			if err != nil {
				return err
			}
			s := show(c)
			s.Warnings = h.Connectors.Doubts(c.Name)
			s.Endpoints, err = endpoints(cmd.Context(), h, c)
			if err != nil {
				s.Problem = err.Error()
			}
			s.differ = differing(cmd.Context(), h, c, s.Endpoints)
			if c.Source != "" {
				s.Chain = h.Connectors.Chain(c.Name)
			} else if c.Key == "" {
				if s.From, err = h.Source(c); err != nil {
					s.From = ""
					s.Problem = first(s.Problem, err.Error())
				}
			}
			if session, ok := h.Session(cmd.Context(), c); ok {
				s.addSession(session)
			}
			s.Failures = lastFailures(h, c.Name)
			if asJSON {
				return writeJSON(a.Stdout, s)
			}
			defer a.warn([]listed{{Name: s.Name, Warnings: s.Warnings}})
			return a.writeShown(s)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	narrow.flags(cmd)
	return cmd
}

func show(c connector.Connector) shown {
	s := shown{
		Name: c.Name, Method: string(c.Method), Region: c.Region, Partition: c.Partition(), AccountID: c.AccountID(), Key: c.Key, KeyProcess: c.KeyProcess, Profile: c.Profile,
		AllowImplicit: c.AllowImplicit, RoleARN: c.RoleARN, EndpointURL: c.EndpointURL, EndpointURLs: c.EndpointURLs,
		ResourceType: string(c.ResourceType), ResourceID: c.ResourceID, Scope: string(c.Scope), PolicyARNs: c.PolicyARNs,
		Policy: json.RawMessage(c.SessionPolicy()), Duration: int(c.Duration / time.Second), RoleSessionName: c.RoleSessionName,
		ExternalID: c.ExternalID, SourceIdentity: c.SourceIdentity, Tags: c.Tags, TransitiveTagKeys: c.TransitiveTagKeys,
		MFASerial: c.MFASerial, MFAProcess: c.MFAProcess, MFA: string(c.MFA), MFASession: int(c.MFASession / time.Second), Source: c.Source, Registries: c.Registries,
		TokenFile: c.WebIdentityTokenFile, TokenProcess: c.WebIdentityTokenProcess, CredentialProcess: c.CredentialProcess,
	}
	if c.Chained {
		s.Longest = int(connector.LongestChained / time.Second)
	}
	if !c.ExpiresAt.IsZero() {
		s.ExpiresAt = c.ExpiresAt.UTC().Format(time.RFC3339)
	}
	if c.SkewTolerance != nil {
		seconds := int(*c.SkewTolerance / time.Second)
		s.SkewTolerance = &seconds
	}
	return s
}

// addSession adds a cached session, and the account that it tells.
func (s *shown) addSession(session helper.Session) {
	s.AccountID = first(s.AccountID, session.AccountID)
	told := shownSession{State: "stale", AccessKeyID: session.AccessKeyID, ARN: session.ARN,
		Renewed: session.Renewed.UTC().Format(time.RFC3339), Expires: session.Expires.UTC().Format(time.RFC3339)}
	if session.Current {
		told.State = "fresh"
	}
	s.Session = &told
}

// endpoints returns the URLs that c's calls go to, by service, and why one has none.
func endpoints(ctx context.Context, h *helper.Helper, c connector.Connector) (map[string]string, error) {
	all := map[string]string{}
	var problem error
	for _, service := range helper.Services() {
		region := c.Region
		if public, _ := connector.ParseRegistry(connector.PublicRegistry); service == "ecr-public" {
			if region = public.Region; c.Partition() != public.Partition() {
				continue
			}
		}
		o, err := h.Client(c, helper.Credentials{}, service, region)
		if err == nil {
			all[service], err = o.URL(ctx)
		}
		if err != nil {
			delete(all, service)
			problem = err
		}
	}
	return all, problem
}

// differing returns the services, sorted, whose URL among all is another one than
// that which AWS has for c's region.
func differing(ctx context.Context, h *helper.Helper, c connector.Connector, all map[string]string) []string {
	usual := *h
	usual.Env.EndpointURL, usual.Env.EndpointURLs, usual.Env.FIPS, usual.Env.DualStack = "", nil, false, false
	c.EndpointURL, c.EndpointURLs = "", nil
	aws, _ := endpoints(ctx, &usual, c) // what AWS has no URL for differs
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(service string) bool { return all[service] == aws[service] })
}
