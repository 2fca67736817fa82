package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"aws-connector/helper"

	"github.com/spf13/cobra"
)

// listed is a connector as `list --json` tells it.
type listed struct {
	Name         string `json:"name"`
	Method       string `json:"auth_method,omitempty"`
	Region       string `json:"region,omitempty"`
	Key          string `json:"key,omitempty"`
	ResourceType string `json:"resource_type,omitempty"`
	ResourceID   string `json:"resource_id,omitempty"`
	// Expires is the expiry of the cached session, RFC 3339; absent without one.
	Expires string `json:"session_expires_at,omitempty"`
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

func (a *App) list() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the connectors, their sessions and what is wrong with them",
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
	expiry := map[string]time.Time{}
	for _, s := range sessions {
		if s.Current {
			expiry[s.Connector] = s.Expires
		}
	}
	all := []listed{}
	for _, name := range f.Names() {
		c, err := f.Lookup(name)
		if err != nil {
			all = append(all, listed{Name: name, Problem: err.Error(), Hint: hintFor(err)})
			continue
		}
		l := listed{Name: name, Method: string(c.Method), Region: c.Region, Key: c.Key, ResourceType: string(c.ResourceType), ResourceID: c.ResourceID}
		if at, ok := expiry[name]; ok {
			l.Expires = at.UTC().Format(time.RFC3339)
		}
		if err := f.CheckClaims(name); err != nil {
			l.Problem, l.Hint = err.Error(), hintFor(err)
		}
		all = append(all, l)
	}
	return all, nil
}

func (a *App) writeList(all []listed) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(a.Stderr, "no connectors in the file")
		return err
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tMETHOD\tREGION\tKEY\tSESSION")
	for _, l := range all {
		if l.Method == "" {
			fmt.Fprintf(w, "%s\t-\t-\t-\tbroken\n", helper.Clean(l.Name))
			continue
		}
		session := "-"
		if l.Expires != "" {
			session = "until " + l.Expires
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.Name, l.Method, l.Region, dash(l.Key), session)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	screen := screenOf(a.Stdout)
	for _, l := range all {
		if l.Problem == "" {
			continue
		}
		fmt.Fprintln(a.Stdout, "\n"+screen.fold(0, l.Problem))
		if l.Hint != "" {
			fmt.Fprintln(a.Stdout, screen.fold(0, "hint: "+l.Hint))
		}
	}
	return nil
}

func (a *App) cache() *cobra.Command {
	cmd := &cobra.Command{Use: "cache", Short: "list or drop cached sessions and tokens", Long: cacheHelp, Args: cobra.ArbitraryArgs, RunE: group}
	cmd.AddCommand(a.cacheList(), a.cacheClear())
	return cmd
}

func (a *App) cacheList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the cached sessions and tokens",
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
			_, err = fmt.Fprintln(a.Stderr, "at rest: "+h.Cache.Sealing())
			return err
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
		_, err := fmt.Fprintln(a.Stderr, "nothing is cached")
		return err
	}
	state := map[bool]string{true: "in use", false: "unused"}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CONNECTOR\tCACHED\tACCOUNT\tEXPIRES\tSTATE")
	for _, s := range sessions {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Connector, s.AccessKeyID, dash(s.AccountID), s.Expires.UTC().Format(time.RFC3339), state[s.Current])
	}
	for _, t := range tokens {
		fmt.Fprintf(w, "%s\t%s token %s\t-\t%s\t%s\n", t.Connector, t.Service, t.Region, t.Expires.UTC().Format(time.RFC3339), state[t.Current])
	}
	return w.Flush()
}

func (a *App) cacheClear() *cobra.Command {
	return &cobra.Command{
		Use:               "clear [NAME…]",
		Short:             "drop what is cached for the connectors named, or for all",
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
			_, err = fmt.Fprintf(a.Stderr, "dropped %s\n", count(n, "cached credential"))
			return err
		},
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
