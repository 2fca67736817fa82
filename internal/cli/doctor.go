package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"

	"aws-connector/cache"
	"aws-connector/helper"
	"aws-connector/internal/audit"
	"aws-connector/internal/doctor"

	"github.com/spf13/cobra"
)

func (a *App) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "find out what's wrong with your setup, and how to fix it",
		Long:  doctorHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := a.machine(cmd.Context()).Examine(cmd.Context())
			err := cmd.Context().Err()
			if err != nil {
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
func (a *App) machine(ctx context.Context) *doctor.Machine {
	m := &doctor.Machine{
		GOOS: runtime.GOOS, UID: os.Getuid(), Self: ownPath(), Version: version(), Getenv: os.Getenv, Now: a.Now,
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
	a.silent = true
	keys := a.keys(m.Connectors)
	m.Keys = keys
	if m.Connectors.Keystore == "file" {
		m.Key = keys.Get
		m.KeysFile = keysPath(m.Connectors)
		by, unlocked := a.opened(ctx, m.Connectors)
		m.Keystore = fmt.Sprintf("%s, opened by %s; unlocked: %s", m.Keys, by, unlocked)
	}
	env, err := a.environment()
	m.EnvironmentErr = err // what else there is can be looked at all the same
	m.Helper = a.answerer(m.Connectors, env, m.CacheDir)
	client, err := helper.Client{CABundle: env.CABundle, Roots: env.Roots, Proxies: env.Proxies}.HTTPClient(0)
	m.Fetch, m.FetchErr = doctor.Fetcher(client, a.Now), err
	return m
}

// ownPath is the path of this program, or as good a one as there is without /proc.
func ownPath() string {
	path, err := os.Executable()
	if err != nil {
		path, err = exec.LookPath("aws-connector")
	}
	if err != nil {
		return "aws-connector"
	}
	return path
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
	}
	// net/http puts http:// before what it cannot read, and takes a piece for the host.
	if err := proxyVariables().Fault(u.Scheme); err != nil {
		return "", err
	}
	return proxy.Scheme + "://" + proxy.Host, nil
}
