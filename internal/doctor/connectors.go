package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
)

const (
	// shortSession is the least that boto3 and .NET do not renew for every
	// request: they ask again when less than 900 s are left.
	shortSession = 1800 * time.Second
	// leastTolerance is what a request takes on its way to AWS, generously.
	leastTolerance = 60 * time.Second
)

func (m *Machine) connectors() []check {
	checks := []check{one("connectors.toml", m.connectorsFile).or(m.connectorsFact), one("connectors.toml", m.connectorsMode)}
	for _, name := range m.Connectors.Names() {
		checks = append(checks, check{fmt.Sprintf("connector %q", name), 1, func(ctx context.Context) []Finding { return m.connector(ctx, name) }, func() string { return m.connectorFact(name) }})
	}
	return checks
}

func (m *Machine) connectorsFile() []Finding {
	const about, example = "connectors.toml", "add a table [connectors.NAME]; the README has examples"
	switch {
	case errors.Is(m.ConnectorsErr, fs.ErrNotExist):
		return list(fromError(Note, about, m.ConnectorsErr, example))
	case m.ConnectorsErr != nil:
		return list(fromError(Broken, about, m.ConnectorsErr, "make sure that it is a file and that you can read it"))
	case len(m.Connectors.Names()) == 0:
		return list(Finding{Note, about, m.Connectors.Path + " has no connectors", example})
	}
	return nil
}

// connectorsMode tells who else can change the file, and with it what runs as its owner.
func (m *Machine) connectorsMode() []Finding {
	const about = "connectors.toml"
	path := m.Connectors.Path
	info, err := os.Stat(path)
	if err != nil || m.UID < 0 {
		return nil
	}
	var all []Finding
	if info.Mode().Perm()&0o020 != 0 {
		all = append(all, Finding{Warning, about, fmt.Sprintf("%s has mode %04o: its group can change whose credentials you get", path, info.Mode().Perm()), "chmod go-w " + word(path)})
	}
	if uid, ok := owner(info); ok && uid != m.UID && uid != 0 {
		all = append(all, Finding{Warning, about, path + " belongs to another user, who can change whose credentials you get", "make it yours: chown it, or copy it and put the copy in its place"})
	}
	if dir, err := os.Stat(filepath.Dir(path)); err == nil && dir.Mode().Perm()&0o002 != 0 && dir.Mode()&fs.ModeSticky == 0 {
		all = append(all, Finding{Warning, about, filepath.Dir(path) + " can be written by everybody, who can put another file there", "chmod go-w " + word(filepath.Dir(path))})
	}
	return all
}

func (m *Machine) connector(ctx context.Context, name string) []Finding {
	about := fmt.Sprintf("connector %q", name)
	const see = "correct it in connectors.toml"
	c, err := m.Connectors.Lookup(name)
	if err != nil {
		return list(fromError(Broken, about, err, see))
	}
	var all []Finding
	if err := m.Connectors.CheckClaims(name); err != nil {
		all = append(all, fromError(Broken, about, err, see))
	}
	if m.Helper != nil {
		if err := m.Helper.Supported(c); err != nil {
			return append(all, fromError(Broken, about, err, see))
		}
		if err := m.Helper.CheckProfile(ctx, c); err != nil {
			all = append(all, fromError(Broken, about, err, see))
		} else if source, err := m.Helper.Source(c); c.Method == connector.Implicit && err == nil {
			all = append(all, Finding{Note, about, "it uses the credentials of " + source, "nothing to do, if those are the ones that you want"})
		}
	}
	for _, doubt := range m.Connectors.Doubts(name) {
		all = append(all, Finding{Warning, about, doubt, "correct it in connectors.toml, if it is not what you mean"})
	}
	return slices.Concat(all, m.lastFailures(about, c), m.codeProgram(about, c), lifetime(about, c))
}

// lastFailures tells of failures that their callers may not have shown.
func (m *Machine) lastFailures(about string, c connector.Connector) []Finding {
	if m.Helper == nil {
		return nil
	}
	var all []Finding
	for _, f := range m.Helper.LastFailures(c.Name) {
		retry := fmt.Sprintf("`aws-connector check %s` tries it again", c.Name)
		found := Finding{Warning, about, fmt.Sprintf("%s failed %s ago: %s", f.Asked, plain.Span(m.Now().Sub(f.At)), f.Text), strings.TrimPrefix(f.Hint+"; "+retry, "; ")}
		if f.Edited {
			found.Severity, found.Fix = Note, "the connector was edited since: "+retry
		}
		all = append(all, found)
	}
	return all
}

// codeProgram tells that the program is missing which prints MFA codes.
func (m *Machine) codeProgram(about string, c connector.Connector) []Finding {
	if len(c.MFAProcess) == 0 || filepath.Base(c.MFAProcess[0]) != c.MFAProcess[0] {
		return nil
	}
	if found, _ := m.onPath(c.MFAProcess[0]); len(found) > 0 {
		return nil
	}
	return list(Finding{Broken, about, fmt.Sprintf("mfa_process: %s is not on the PATH", c.MFAProcess[0]), "install it, or write its absolute path into connectors.toml"})
}

// lifetime tells of sessions with which some clients misbehave.
func lifetime(about string, c connector.Connector) []Finding {
	var all []Finding
	if c.Duration > 0 && c.Duration < shortSession {
		all = append(all, Finding{Warning, about, fmt.Sprintf("sessions of %d s make boto3, the AWS CLI and .NET run aws-connector again for every request once less than 900 s are left", int(c.Duration.Seconds())),
			fmt.Sprintf("set expiration_seconds to %d or more, or leave it out", int(shortSession.Seconds()))})
	}
	if t := c.SkewTolerance; t != nil && *t < leastTolerance {
		all = append(all, Finding{Warning, about, fmt.Sprintf("expires_skew_tolerance is %d s: Go, Terraform and others use a session to its last second, and a request then fails with ExpiredToken", int(t.Seconds())),
			fmt.Sprintf("set it to %d or more, or leave it out", int(leastTolerance.Seconds()))})
	}
	return all
}

// valid returns the connectors that are not broken, in the order of their names.
func (m *Machine) valid() []connector.Connector {
	var all []connector.Connector
	for _, name := range m.Connectors.Names() {
		if c, err := m.Connectors.Lookup(name); err == nil {
			all = append(all, c)
		}
	}
	return all
}
