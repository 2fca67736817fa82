package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"aws-connector/internal/fakeaws"
)

// mistake is something wrong with what AWS, the network or a program is asked for,
// and what a person reads of it.
type mistake struct {
	name string
	// connector is asked; "role" where it is empty.
	connector string
	// fault is what the fake AWS does, and server what answers instead of it.
	fault  fakeaws.Fault
	server func(http.ResponseWriter, *http.Request)
	// proxy answers what is sent to $PROXY.
	proxy func(http.ResponseWriter, *http.Request)
	env   []string // in which $PROXY stands for its host and port
	// before are commands before it, whose outcome does not matter.
	before [][]string
	status int
	text   string // after "aws-connector: ", with SERVER and PROXY for hosts and # for what depends on the time
	hint   string
}

const mistakenConnectors = `keystore = "file"
[defaults]
region = "eu-central-1"
[connectors.role]
auth_method = "iam-role"
role_arn = "arn:aws:iam::123456789012:role/Deploy"
key = "main"
[connectors.narrowed]
auth_method = "iam-role"
role_arn = "arn:aws:iam::123456789012:role/Deploy"
key = "main"
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
tags = { team = "red" }
[connectors.session]
auth_method = "session-token"
key = "main"
[connectors.stored]
auth_method = "sts-token"
key = "old"
[connectors.missing]
auth_method = "secret-key"
[connectors.ambient]
auth_method = "implicit"
allow_implicit_auth_methods = true
[connectors.forbidden]
auth_method = "implicit"
[connectors.profile]
auth_method = "implicit"
allow_implicit_auth_methods = true
profile_name = "nowhere"
[connectors.silent]
auth_method = "process"
credential_process = ["sh", "-c", "exit 0"]
[connectors.failing]
auth_method = "process"
credential_process = ["sh", "-c", "echo no luck >&2; exit 3"]
[connectors.chatty]
auth_method = "process"
credential_process = ["sh", "-c", "echo Welcome"]
[connectors.expired]
auth_method = "process"
credential_process = ["cat", "HOME/old.json"]
[connectors.long]
auth_method = "process"
credential_process = ["cat", "HOME/long.json"]
[connectors.absent]
auth_method = "process"
credential_process = ["no-such-program-here"]
[connectors.token]
auth_method = "web-identity"
role_arn = "arn:aws:iam::123456789012:role/Deploy"
web_identity_token_file = "/nonexistent/token"
`

// mistakenHome is a home with these connectors and their keys.
func mistakenHome(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	program := func(token, expires string) string {
		return fmt.Sprintf(`{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARY","SessionToken":%q,"Expiration":%q}`, token, expires)
	}
	for name, text := range map[string]string{
		"connectors.toml": strings.ReplaceAll(mistakenConnectors, "HOME", filepath.ToSlash(home)), "passphrase": "correct horse\n",
		"old.json": program("CANARY", "2001-01-02T03:04:05Z"), "long.json": program(strings.Repeat("CANARY", 1500), "2101-01-02T03:04:05Z"),
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, key := range map[string]string{
		"main": fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, accessKeyID, secretKey),
		"old":  `{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARYwJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPL","SessionToken":"CANARY","Expiration":"2020-01-02T03:04:05Z"}`,
	} {
		if status, _, errs := mistakenRun(t, home, nil, key, "key", "add", name, "--stdin"); status != 0 {
			t.Fatalf("key add: %s", errs)
		}
	}
	return home
}

func mistakenRun(t *testing.T, home string, env []string, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	cmd := exec.CommandContext(ctx, "aws-connector", args...)
	for _, name := range []string{"PATH", "SystemRoot", "TMPDIR", "TMP", "TEMP"} {
		cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
	}
	at := func(name string) string { return filepath.Join(home, name) }
	cmd.Env = append(cmd.Env, "HOME="+home, "USERPROFILE="+home, "AppData="+home, "LocalAppData="+home, "AWS_CONNECTOR_CONFIG="+at("connectors.toml"),
		"AWS_CONNECTOR_PASSPHRASE_FILE="+at("passphrase"), "AWS_EC2_METADATA_DISABLED=true", "GORACE="+goRace)
	cmd.Env = append(cmd.Env, env...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = home, strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !asExit(err, &exit) {
		t.Fatalf("%v: %v", args, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*to = e
	return ok
}

// A person who knows AWS but not this program can act on what it says: what happened,
// where, and what to do.
func TestMistakesWithAWS(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("programs and the system word their errors in another way there")
	}
	home := mistakenHome(t)
	for _, m := range awsMistakes {
		t.Run(m.name, func(t *testing.T) {
			aws := fakeaws.Start()
			defer aws.Close()
			aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, secretKey)
			aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy"})
			if m.fault.Code != "" || m.fault.Status != 0 || m.fault.Body != "" {
				aws.Fail(m.fault)
			}
			url := aws.URL
			if m.server != nil {
				server := httptest.NewServer(http.HandlerFunc(m.server))
				defer server.Close()
				url = server.URL
			}
			proxy := "127.0.0.1:1"
			if m.proxy != nil {
				server := httptest.NewServer(http.HandlerFunc(m.proxy))
				defer server.Close()
				proxy = strings.TrimPrefix(server.URL, "http://")
			}
			env := []string{"AWS_ENDPOINT_URL=" + url, "AWS_CONNECTOR_CACHE_DIR=" + t.TempDir()}
			for _, v := range m.env {
				env = append(env, strings.ReplaceAll(v, "$PROXY", proxy))
			}
			for _, args := range m.before {
				mistakenRun(t, home, env, "", args...)
			}
			name := m.connector
			if name == "" {
				name = "role"
			}
			status, stdout, stderr := mistakenRun(t, home, env, "", "get", name)
			if stdout != "" || strings.Contains(stderr, "CANARY") || len(stderr) > 2048 {
				t.Errorf("stdout %q, stderr of %d bytes %q", stdout, len(stderr), stderr)
			}
			want := "aws-connector: " + m.text + "\nhint: " + m.hint + "\n"
			got := strings.NewReplacer(proxy, "PROXY", strings.TrimPrefix(url, "http://"), "SERVER", home, "HOME").Replace(stderr)
			if got = timely.ReplaceAllString(got, "#"); status != m.status || got != want {
				t.Errorf("status %d, want %d; %s", status, m.status, "it says\n"+got+"want\n"+want)
			}
		})
	}
	if len(awsMistakes) < 40 {
		t.Errorf("%d mistakes", len(awsMistakes))
	}
}

// timely matches what depends on the time of the test.
var timely = regexp.MustCompile(`\d{1,5} days|(less than 1|\d) s\b`)
