package cli

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/question"
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

// keyNotes are where it is noted when keys were used: in the home directory, if there is one.
func keyNotes() keystore.Notes {
	own, _ := home()
	return keystore.NotesIn(own)
}

// fileStore is the encrypted keystore beside connectors.toml.
func (a *App) fileStore(f connector.File) *keystore.Store {
	path := keysPath(f)
	return keystore.EncryptedFile(keystore.FileOptions{Path: path, Passphrase: func(ctx context.Context, asked keystore.Asked) (secret.Text, error) {
		file, err := pathVariable("AWS_CONNECTOR_PASSPHRASE_FILE")
		switch {
		case err != nil:
			return secret.Text{}, err
		case file != "":
			return keystore.PassphraseFile(file)
		}
		return a.askPassphrase(ctx, asked.Path)
	}})
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
	e := helper.Environment{Proxy: proxies(), Ambient: ambient(), Chain: chain(), User: sync.OnceValue(a.userName), Host: sync.OnceValue(hostName)}
	var err error
	if e.CABundle, err = pathVariable(caBundle); err != nil {
		return e, err
	}
	e.Roots = helper.NewRoots(e.CABundle, os.Getenv("SSL_CERT_FILE"))
	e.Trust = trust(e.CABundle)
	var ignore bool
	switches := [len(question.Switches)]*bool{&e.FIPS, &e.DualStack, &ignore, &e.AllowImplicit}
	for i, name := range question.Switches {
		switch v := strings.ToLower(os.Getenv(name)); v {
		case "", "false":
		case "true":
			*switches[i] = true
		default:
			return e, &usageError{text: fmt.Sprintf("%s is %q", name, v), advice: "set it to true or false"}
		}
	}
	if !ignore {
		e.EndpointURL = os.Getenv(question.EndpointPrefix)
		e.EndpointURLs = map[string]string{}
		for _, name := range question.Endpoints {
			if service, ok := strings.CutPrefix(name, question.EndpointPrefix+"_"); ok {
				e.EndpointURLs[strings.ToLower(strings.ReplaceAll(service, "_", "-"))] = os.Getenv(name)
			}
		}
	}
	return e, nil
}

// proxies returns the proxy settings of net/http; they may hold a password and are only hashed.
func proxies() string {
	const names = 4 // of proxies; exceptions from none change nothing
	var all []string
	for _, name := range question.Proxies {
		all = append(all, os.Getenv(name))
	}
	if strings.Join(all[:names], "") == "" {
		return ""
	}
	return strings.Join(all, "\x00")
}

// trust returns the variables by which Go decides whose certificates are good and
// what address a host has, with the stamps of the files that they and the CA
// bundle name; only to be hashed.
func trust(bundle string) string {
	all := []string{stamps(bundle)}
	for _, name := range question.Trust {
		if value := os.Getenv(name); value != "" && name != caBundle {
			all = append(all, name+"="+value+stamps(value))
		}
	}
	return strings.Join(all, "\x00")
}

const caBundle = "AWS_CA_BUNDLE"

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

// userName is who runs this program: the user's id where no name is known.
func (a *App) userName() string {
	if a.Question != nil {
		a.Question.Watch("/etc/passwd")
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "unknown"
	}
	return name
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
