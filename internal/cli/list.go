package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"

	"github.com/spf13/cobra"
)

// listed is a connector as `list --json` tells it.
type listed struct {
	Name   string `json:"name"`
	Method string `json:"auth_method,omitempty"`
	// AccountID is that of the role, or of the cached session; absent where neither tells.
	AccountID string `json:"account_id,omitempty"`
	RoleARN   string `json:"role_arn,omitempty"`
	Region    string `json:"region,omitempty"`
	Key       string `json:"key,omitempty"`
	// From says in words where credentials come from that neither a key nor another connector gives.
	From string `json:"credentials_from,omitempty"`
	// MFASerial is the device whose codes it takes.
	MFASerial string `json:"mfa_serial,omitempty"`
	// Chain are the connectors that it starts from, itself first; absent without a source.
	Chain        []string `json:"chain,omitempty"`
	ResourceType string   `json:"resource_type,omitempty"`
	ResourceID   string   `json:"resource_id,omitempty"`
	// Expires is the expiry of the cached session, RFC 3339; absent without one.
	Expires string `json:"session_expires_at,omitempty"`
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`
	// Failures are the last ones that no new answer followed, latest first.
	Failures []lastFailure `json:"last_failures,omitempty"`
	// Warnings are what may not be meant so, a sentence each.
	Warnings []string `json:"warnings,omitempty"`
}

func (a *App) list() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list connectors, their sessions and what's wrong",
		Long:  listHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := a.listed(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.Stdout, all)
			}
			defer a.warn(all)
			return a.writeList(all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *App) listed(ctx context.Context) ([]listed, error) {
	h, err := a.open()
	if err != nil {
		return nil, err
	}
	f := h.Connectors
	sessions, err := h.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	cached := map[string]helper.Session{}
	for _, s := range sessions {
		if s.Current && s.Narrowed == (connector.Narrowing{}) {
			cached[s.Connector] = s
		}
	}
	all := []listed{}
	for _, name := range f.Names() {
		c, err := f.Lookup(name)
		if err != nil {
			all = append(all, listed{Name: name, Problem: err.Error(), Hint: hintFor(err)})
			continue
		}
		l := listed{Name: name, Method: string(c.Method), AccountID: c.AccountID(), RoleARN: c.RoleARN, Region: c.Region, Key: c.Key, MFASerial: c.MFASerial, ResourceType: string(c.ResourceType), ResourceID: c.ResourceID}
		if c.Source != "" {
			l.Chain = f.Chain(name)
		} else if c.Key == "" {
			l.From, _ = h.Source(c) // why there is none is told by show and doctor
		}
		if s, ok := cached[name]; ok {
			l.AccountID = first(l.AccountID, s.AccountID)
			l.Expires = s.Expires.UTC().Format(time.RFC3339)
		}
		if err := f.CheckClaims(name); err != nil {
			l.Problem, l.Hint = err.Error(), hintFor(err)
		}
		l.Failures = lastFailures(h, name)
		l.Warnings = f.Doubts(name)
		all = append(all, l)
	}
	return all, nil
}

// chainText shows the connectors that one starts from, itself first.
func chainText(names []string) string { return strings.Join(names, " <- ") }

func (a *App) cache() *cobra.Command {
	cmd := &cobra.Command{Use: "cache", Short: "list or delete cached sessions and tokens", Long: cacheHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.cacheList(), a.cacheClear())
	return cmd
}

func (a *App) cacheList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list cached sessions and tokens",
		Long:  cacheListHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.optionalConnectors()
			if err != nil {
				return err
			}
			h, err := a.helper(f)
			if err != nil {
				return err
			}
			if err := a.writeCached(cmd.Context(), h); err != nil || h.Cache == nil {
				return err
			}
			a.say("at rest: %s", h.Cache.Sealing())
			return nil
		},
	}
}

func (a *App) writeCached(ctx context.Context, h *helper.Helper) error {
	sessions, err := h.Sessions(ctx)
	if err != nil {
		return err
	}
	tokens, err := h.Tokens(ctx)
	if err != nil {
		return err
	}
	if len(sessions)+len(tokens) == 0 {
		a.say("nothing is cached")
		return nil
	}
	state := map[bool]string{true: "in use", false: "unused"}
	g := grid{screen: screenOf(a.Stdout), columns: []column{{title: "CONNECTOR"}, {title: "CACHED"}, {"ACCOUNT", 1, "account"}, {title: "EXPIRES"}, {title: "STATE"}}}
	when := func(t time.Time) string {
		if g.screen.width > 0 {
			return "in " + inShort(t.Sub(a.now()))
		}
		return t.UTC().Format(time.RFC3339)
	}
	for _, s := range sessions {
		name, what := label(s.Connector, s.Narrowed), s.AccessKeyID
		if s.Device != "" {
			name, what = "-", "MFA session of "+first(s.Key, "the environment")+", "+s.Device
		}
		g.row(name, what, dash(s.AccountID), when(s.Expires), state[s.Current])
	}
	for _, t := range tokens {
		what := t.Service + " token " + t.Region
		if t.Cluster != "" {
			what += "/" + t.Cluster
		}
		g.row(label(t.Connector, t.Narrowed), what, "-", when(t.Expires), state[t.Current])
	}
	_, err = io.WriteString(a.Stdout, g.String())
	return err
}

func (a *App) cacheClear() *cobra.Command {
	return &cobra.Command{
		Use:               "clear [NAME…]",
		Short:             "delete cached sessions and tokens",
		Long:              cacheClearHelp,
		ValidArgsFunction: a.completeNames(true, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.optionalConnectors()
			if err != nil {
				return err
			}
			h, err := a.helper(f)
			if err != nil {
				return err
			}
			n, err := h.Clear(cmd.Context(), args...)
			if err != nil {
				return err
			}
			for _, name := range args {
				if _, err := f.Lookup(name); n == 0 && err != nil {
					return err
				}
			}
			a.say("dropped %s", count(n, "cached credential"))
			return nil
		},
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// writeJSON writes v, in which what cannot be shown is escaped.
func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(plain.JSON(b.Bytes()))
	return err
}
