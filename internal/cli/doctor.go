package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"aws-connector/cache"
	"aws-connector/helper"
	"aws-connector/internal/audit"
	"aws-connector/internal/doctor"
	"aws-connector/internal/plain"

	"github.com/spf13/cobra"
)

func (a *App) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "find out what is wrong",
		Long:  doctorHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.machine()
			if err != nil {
				return err
			}
			r := m.Examine(cmd.Context())
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(a.Stdout, r)
			} else {
				err = a.writeReport(r)
			}
			if err == nil && r.Count(doctor.Broken) > 0 {
				return exited(exitFailed)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// machine is this machine, as it is to be examined.
func (a *App) machine() (*doctor.Machine, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	m := &doctor.Machine{
		GOOS: runtime.GOOS, UID: os.Getuid(), Self: self, Version: version(), Getenv: os.Getenv, Now: a.Now,
		CanAsk: a.canAsk(), Display: display(), TryLock: doctor.TryLock, Writable: doctor.Writable,
		Proxy: proxyFor, Run: output, DockerHelper: findDockerHelper, Hint: hintFor,
	}
	m.Connectors, m.ConnectorsErr = a.connectors()
	if m.Connectors.Path == "" {
		m.Connectors.Path, _ = configPath() // empty with ConnectorsErr
	}
	m.CacheDir, m.CacheErr = cacheDir()
	m.DockerConfig, m.DockerErr = dockerConfigPath()
	where := ambient()
	m.AWSConfig, m.AWSCredentials, m.AWSErr = where.ConfigFile, where.CredentialsFile, where.Err
	if m.AWSErr == nil && (m.AWSConfig == "" || m.AWSCredentials == "") {
		m.AWSErr = &usageError{errNoHome.Error(), "set HOME"}
	}
	m.Sealing = cache.Open(m.CacheDir, cache.Seal(m.Connectors.Seal)).Sealing
	if trail := auditPath(m.Connectors); trail != "" {
		m.Trail = func() error { return audit.Check(trail) }
	}
	keys := a.keys(m.Connectors)
	m.Keys = keys
	if m.Connectors.Keystore == "file" {
		m.KeysFile = keysPath(m.Connectors)
		m.Key = keys.Get
	}
	env, err := a.environment()
	if m.EnvironmentErr = err; err != nil {
		return m, nil
	}
	m.Helper = a.answerer(m.Connectors, env, m.CacheDir)
	client, err := helper.Client{CABundle: env.CABundle, Roots: env.Roots}.HTTPClient(0)
	m.Fetch, m.FetchErr = doctor.Fetcher(client, a.Now), err
	return m, nil
}

func (a *App) canAsk() bool {
	t, err := a.Terminal()
	if err != nil {
		return false
	}
	t.Close()
	return true
}

// proxyFor returns the proxy that net/http takes for a URL, without user and password.
func proxyFor(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
	switch {
	case err != nil:
		return "", errors.New("not the URL of a proxy") // the text would show a password
	case proxy == nil:
		return "", nil
	case strings.HasSuffix(proxy.Host, ":"), strings.Contains(proxy.Path, "@"):
		// net/http puts http:// before what it cannot read, and takes a piece for the host.
		return "", errors.New("not the URL of a proxy")
	}
	return proxy.Scheme + "://" + proxy.Host, nil
}

// writeReport prints for a person. It is plain text everywhere, in lines of 80
// columns as far as words allow.
func (a *App) writeReport(r doctor.Report) error {
	if len(r.Findings) == 0 {
		_, err := fmt.Fprintf(a.Stdout, "checked %d things: all well\n", r.Checked)
		return err
	}
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(fill(plain.Line(fmt.Sprintf("%s: %s: %s", f.Severity, shortened(f.About), f.Text)), "    ")) // the next line begins with two
		b.WriteString(fill("  fix: "+plain.Line(f.Fix), "       "))
	}
	fmt.Fprintf(&b, "\nchecked %d things: %d broken, %s, %s\n", r.Checked, r.Count(doctor.Broken), count(r.Count(doctor.Warning), "warning"), count(r.Count(doctor.Note), "note"))
	_, err := fmt.Fprint(a.Stdout, b.String())
	return err
}

// shortened writes ~ for the home directory, as people do.
func shortened(about string) string {
	dir, err := home()
	if rest, ok := strings.CutPrefix(about, dir+string(filepath.Separator)); err == nil && ok {
		return filepath.Join("~", rest)
	}
	return about
}

// fill breaks text between words into lines of at most 80 columns, all but the
// first of which begin with indent. What stands in quotes is not broken.
func fill(text, indent string) string {
	const columns = 80
	var b strings.Builder
	at := 0
	for i, word := range unbroken(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > columns:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String() + "\n"
}

// unbroken splits text at single blanks, but not within quotes.
func unbroken(text string) []string {
	var words []string
	var quote rune
	start := 0
	for i, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
		case (r == '"' || r == '`') && strings.ContainsRune(text[i+1:], r):
			quote = r
		case r == ' ':
			words = append(words, text[start:i])
			start = i + 1
		}
	}
	return append(words, text[start:])
}
