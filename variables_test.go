package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// read are the places of other people's code that read the environment on the way
// to an answer, on Linux, by package and argument, with why none of them can make
// one caller's answer wrong for another: "key", it is part of the name under which
// the answer is kept (helper.Environment, ambient.Plan.Key); or why it cannot matter.
var read = map[string]string{
	`crypto/x509 certFileEnv`:           "key: Trust",
	`crypto/x509 certDirEnv`:            "key: Trust",
	`golang.org/x/sys/cpu "GODEBUG"`:    "key: Trust",
	`net "LOCALDOMAIN"`:                 "key: Trust",
	`net "RES_OPTIONS"`:                 "key: Trust",
	`net "HOSTALIASES"`:                 "key: Trust",
	`net "ASR_CONFIG"`:                  "OpenBSD's resolver, which is not asked here",
	`net/http "GODEBUG"`:                "key: Trust",
	`net/http "DEBUG_HTTP2_GOROUTINES"`: "a check of HTTP/2's own code",
	`vendor/golang.org/x/net/http/httpproxy "REQUEST_METHOD"`: "key: Proxy",
	`vendor/golang.org/x/net/http/httpproxy n`:                "key: Proxy",
	`vendor/golang.org/x/sys/cpu "GODEBUG"`:                   "key: Trust",

	`os/user "USER"`:       "key: the name of a session, where the list of users has none",
	`os/exec "PATH"`:       "key: the environment of a program; its own, for those that doctor looks for",
	`os/exec "SYSTEMROOT"`: "Windows",
	`os "HOME"`:            "where files are, and their names are part of the key",
	`os "home"`:            "Plan 9",
	`os "LocalAppData"`:    "where files are",
	`os "AppData"`:         "where files are",
	`os "XDG_CACHE_HOME"`:  "where the cache is",
	`os "XDG_CONFIG_HOME"`: "where connectors.toml is",
	`os env`:               "the home directory, by its name on each system",
	`os "TMPDIR"`:          "where nothing of an answer is",
	`os "PWD"`:             "the working directory, looked up again",
	`os key`:               "what is asked for by name",
	`time "ZONEINFO"`:      "times are UTC",
	`time "TZ"`:            "times are UTC",

	`github.com/aws/aws-sdk-go-v2/aws/middleware envAwsLambdaFunctionName`:   "a header that AWS counts calls by",
	`github.com/aws/aws-sdk-go-v2/aws/middleware envAmznTraceID`:             "a header that AWS counts calls by",
	`github.com/aws/aws-sdk-go-v2/aws/middleware execEnvVar`:                 "a word in the user agent",
	`github.com/aws/aws-sdk-go-v2/internal/timeouts enableReadTimeoutEnvVar`: "how long an answer is waited for",

	`github.com/godbus/dbus/v5 "DBUS_SESSION_BUS_ADDRESS"`:                 "the keyring: one ledger of generations has its user's keys",
	`github.com/godbus/dbus/v5 "DBUS_SYSTEM_BUS_ADDRESS"`:                  "the system's bus, which is not asked",
	`github.com/spf13/cobra activeHelpGlobalEnvVar`:                        "completion",
	`github.com/spf13/cobra activeHelpEnvVar(cmd.Root(`:                    "completion",
	`github.com/spf13/cobra "BASH_COMP_DEBUG_FILE"`:                        "completion",
	`github.com/spf13/cobra configEnvVar(cmd.Root(`:                        "completion",
	`github.com/spf13/cobra configEnvVar(configEnvVarGlobalPrefix, suffix`: "completion",
	`golang.org/x/sys/unix key`:                                            "what is asked for by name",
}

// fromConfig matches the SDK's services, which read their endpoint from the
// environment in NewFromConfig alone; nothing here calls that.
var fromConfig = regexp.MustCompile(`^github\.com/aws/aws-sdk-go-v2/service/\w+ "AWS_ENDPOINT_URL`)

var getenv = regexp.MustCompile(`\b(?:Getenv|LookupEnv|ExpandEnv)\(([^)\n]*)`)

// Every variable that Go, the SDK or another module reads is judged. A new one,
// with a new version of a module, makes this fail until somebody has judged it.
func TestVariablesThatOthersRead(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f", `{{range .GoFiles}}{{$.ImportPath}} {{$.Dir}} {{.}}{{"\n"}}{{end}}`, ".")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		pkg, file := words[0], filepath.Join(words[1], words[2])
		switch {
		case strings.HasPrefix(pkg, "aws-connector"): // this package's own are in `help environment`
		case pkg == "syscall", pkg == "runtime", strings.HasPrefix(pkg, "internal/"): // what the others go through
		default:
			found = append(found, variablesRead(t, pkg, file)...)
		}
	}
	slices.Sort(found)
	for _, place := range slices.Compact(found) {
		if _, judged := read[place]; !judged && !fromConfig.MatchString(place) {
			t.Errorf("%s: does what it reads shape an answer?", place)
		}
	}
	for place := range read {
		if !slices.Contains(found, place) && !strings.HasPrefix(place, "os ") {
			t.Errorf("%s is judged, and nothing reads it", place)
		}
	}
}

func variablesRead(t *testing.T, pkg, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		code, _, _ := strings.Cut(line, "//")
		if strings.HasPrefix(strings.TrimSpace(code), "func ") {
			continue
		}
		for _, m := range getenv.FindAllStringSubmatch(code, -1) {
			all = append(all, pkg+" "+m[1])
		}
	}
	return all
}
