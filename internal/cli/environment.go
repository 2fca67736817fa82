package cli

import (
	"cmp"
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
	"aws-connector/internal/question"
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

// environment reads what AWS users expect to be honoured.
// https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
func (a *App) environment() (helper.Environment, error) {
	e := helper.Environment{Proxy: proxies(), Proxies: proxyVariables(), Ambient: ambient(), Chain: chain(), User: sync.OnceValue(a.userName), Host: sync.OnceValue(hostName)}
	var wrong error // the first; whoever only looks goes on with the rest
	e.CABundle, wrong = pathVariable(caBundle)
	e.Roots = helper.NewRoots(e.CABundle, os.Getenv("SSL_CERT_FILE"))
	e.Trust = trust(e.CABundle)
	var ignore bool
	switches := [len(question.Switches)]*bool{&e.FIPS, &e.DualStack, &ignore, &e.AllowImplicit}
	for i, name := range question.Switches {
		on, ok := boolean(os.Getenv(name))
		if !ok {
			wrong = cmp.Or(wrong, error(&usageError{text: fmt.Sprintf("%s is %q", name, os.Getenv(name)), advice: "set it to true or false; 1, yes and on, and 0, no and off are accepted too"}))
		}
		*switches[i] = on
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
	return e, wrong
}

// boolean reads what people set switches to. The SDKs take true and false alone:
// botocore takes any other value for false and the SDK for Go refuses it, so that
// AWS_USE_FIPS_ENDPOINT=1 would mean one thing here and another there; doctor tells.
func boolean(value string) (on, ok bool) {
	switch strings.ToLower(value) {
	case "true", "1", "yes", "on":
		return true, true
	case "", "false", "0", "no", "off":
		return false, true
	}
	return false, false
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

func proxyVariables() helper.Proxies {
	first := func(names ...string) helper.Variable {
		for _, name := range names {
			if value := os.Getenv(name); value != "" {
				return helper.Variable{Name: name, Value: value}
			}
		}
		return helper.Variable{}
	}
	return helper.Proxies{HTTPS: first("HTTPS_PROXY", "https_proxy"), HTTP: first("HTTP_PROXY", "http_proxy"), No: first("NO_PROXY", "no_proxy").Value}
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
