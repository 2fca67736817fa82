package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

const chainVariable = "AWS_CONNECTOR_CHAIN"

func chain() helper.Chain { return helper.ParseChain(os.Getenv(chainVariable)) }

// display tells whether the OS keyring can open a dialog.
func display() bool {
	return runtime.GOOS == "darwin" || runtime.GOOS == "windows" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func systemStore() *keystore.Store {
	// A relative one is to be ignored: its bus could be anybody's.
	run, _ := pathVariable("XDG_RUNTIME_DIR")
	own, _ := home()
	return keystore.System(keystore.SystemOptions{BusAddress: os.Getenv("DBUS_SESSION_BUS_ADDRESS"), RuntimeDir: run, Display: display(), Home: own})
}

// fileStore is the encrypted keystore beside connectors.toml.
func (a *App) fileStore(f connector.File) *keystore.Store {
	path := keysPath(f)
	return keystore.File(path, func(ctx context.Context) (secret.Text, error) {
		file, err := pathVariable("AWS_CONNECTOR_PASSPHRASE_FILE")
		switch {
		case err != nil:
			return secret.Text{}, err
		case file != "":
			return keystore.PassphraseFile(file)
		}
		return a.askPassphrase(ctx, path)
	})
}

func (a *App) askPassphrase(ctx context.Context, path string) (secret.Text, error) {
	t, err := a.Terminal()
	if err != nil {
		return secret.Text{}, &helper.Error{Reason: helper.NeedsPerson, Text: fmt.Sprintf("no passphrase for %s and no terminal to ask on", path),
			Advice: "set AWS_CONNECTOR_PASSPHRASE_FILE to a file of mode 0600 that holds it", Err: err}
	}
	defer t.Close()
	if _, err := os.Lstat(path); err == nil {
		return t.AskSecret(ctx, "Passphrase for "+plain.Line(path)+": ")
	}
	var first, second secret.Text
	err = t.Hidden(func() error {
		if first, err = t.AskSecret(ctx, "New passphrase for "+plain.Line(path)+": "); err == nil {
			second, err = t.AskSecret(ctx, "The same again: ")
		}
		if err == nil && (first.Empty() || !first.Equal(second)) {
			err = &helper.Error{Reason: helper.NeedsPerson, Text: "the passphrases are empty or differ", Advice: "nothing was stored: try again"}
		}
		return err
	})
	if err != nil {
		return secret.Text{}, err
	}
	return first, nil
}

// environment reads what AWS users expect to be honoured.
// https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
func (a *App) environment() (helper.Environment, error) {
	e := helper.Environment{Proxy: proxies(), Ambient: ambient(), Chain: chain()}
	var err error
	if e.CABundle, err = pathVariable("AWS_CA_BUNDLE"); err != nil {
		return e, err
	}
	e.Roots = helper.NewRoots(e.CABundle, os.Getenv("SSL_CERT_FILE"))
	e.Trust = trust(e.CABundle)
	var ignore bool
	for name, to := range map[string]*bool{
		"AWS_USE_FIPS_ENDPOINT":                      &e.FIPS,
		"AWS_USE_DUALSTACK_ENDPOINT":                 &e.DualStack,
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS":        &ignore,
		"AWS_CONNECTOR_ENABLE_IMPLICIT_AUTH_METHODS": &e.AllowImplicit,
	} {
		switch v := strings.ToLower(os.Getenv(name)); v {
		case "", "false":
		case "true":
			*to = true
		default:
			return e, &usageError{text: fmt.Sprintf("%s is %q", name, v), advice: "set it to true or false"}
		}
	}
	if !ignore {
		e.EndpointURL = os.Getenv("AWS_ENDPOINT_URL")
		e.EndpointURLs = map[string]string{
			"sts": os.Getenv("AWS_ENDPOINT_URL_STS"), "ecr": os.Getenv("AWS_ENDPOINT_URL_ECR"), "ecr-public": os.Getenv("AWS_ENDPOINT_URL_ECR_PUBLIC"),
			"eks": os.Getenv("AWS_ENDPOINT_URL_EKS"), "s3": os.Getenv("AWS_ENDPOINT_URL_S3"),
		}
	}
	return e, nil
}

// proxies returns the proxy settings of net/http; they may hold a password and are only hashed.
func proxies() string {
	var all []string
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		all = append(all, os.Getenv(name))
	}
	if strings.Join(all, "") == "" {
		return "" // exceptions from no proxy change nothing
	}
	// With REQUEST_METHOD, which a web server sets for CGI, Go takes no HTTP_PROXY.
	return strings.Join(append(all, os.Getenv("NO_PROXY"), os.Getenv("no_proxy"), os.Getenv("REQUEST_METHOD")), "\x00")
}

// trusting are the variables by which Go decides whose certificates are good and
// what address a host has.
var trusting = []string{"SSL_CERT_FILE", "SSL_CERT_DIR", "GODEBUG", "LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES"}

// trust returns these variables and the CA bundle, with the stamps of the files
// that they name; only to be hashed.
func trust(bundle string) string {
	all := []string{stamps(bundle)}
	for _, name := range trusting {
		if value := os.Getenv(name); value != "" {
			all = append(all, name+"="+value+stamps(value))
		}
	}
	return strings.Join(all, "\x00")
}

// stamps changes with the files at paths and, where a directory is there, with
// those in it.
func stamps(paths string) string {
	var all string
	for _, path := range filepath.SplitList(paths) {
		all += " " + helper.Stamp(path)
		files, _ := os.ReadDir(path)
		for _, f := range files {
			all += " " + helper.Stamp(filepath.Join(path, f.Name()))
		}
	}
	return all
}

func ambient() helper.Ambient {
	m := helper.Ambient{Environ: func(c helper.Chain) []string { return append(os.Environ(), chainVariable+"="+c.String()) }}
	sharedFiles(&m)
	m.Home, _ = home() // sharedFiles tells what is wrong with it
	m.Dir, _ = os.Getwd()
	if self, err := os.Executable(); err == nil {
		m.Self = self
	}
	return m
}

// suggestedRegion is where a person probably works, empty where nothing says so.
func suggestedRegion(f connector.File) string {
	region := first(f.Default("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if !connector.ValidRegion(region) {
		return ""
	}
	return region
}

func first(values ...string) string {
	i := slices.IndexFunc(values, func(s string) bool { return s != "" })
	if i < 0 {
		return ""
	}
	return values[i]
}
