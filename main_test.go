package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"aws-connector": main, "docker-credential-ecr": main, "docker-credential-ecr-login": main, "fetch": fetch, "measured": measured, "double": double})
}

// The scripts find a fake AWS at $AWS with the users alice, whose key is $KEY and
// in key.json, and bob, whose key is in bob.json, and role Deploy; a home with the encrypted keystore; and no AWS setting. $BIN is
// the directory of the programs under test.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               setup,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"calls":    calls,
			"clock":    clock,
			"fault":    fault,
			"faultof":  faultOf,
			"whoami":   whoami,
			"oneline":  oneline,
			"parallel": parallel,

			"bucket": place(func(s *fakeaws.Server, a, r, n string) { s.AddBucket(fakeaws.Bucket{Account: a, Region: r, Name: n}) }),
			"cluster": place(func(s *fakeaws.Server, a, r, n string) {
				s.AddCluster(fakeaws.Cluster{Account: a, Region: r, Name: n, Endpoint: "https://" + n + ".eks.example", CertificateAuthority: "authority of " + n})
			}),
			"repository": place(func(s *fakeaws.Server, a, r, n string) {
				s.AddRepository(fakeaws.Repository{Account: a, Region: r, Name: n})
			}),
			"accesskeys": accessKeys,
			"iam":        iam,
			"used":       used,

			"age":        age,
			"chown":      chown,
			"code":       code,
			"codes":      codes,
			"device":     mfaDevice,
			"greeted":    greeted,
			"https":      https,
			"lost":       lost,
			"mode":       mode,
			"picture":    picture,
			"plant":      plant,
			"refused":    refused,
			"registries": registries,
			"revoke":     revoke,
			"settle":     settle,
			"status":     status,
			"sticky":     sticky,
			"warmly":     warmly,
			"webtoken":   webToken,
			"role":       role,
		},
	})
}

const (
	accessKeyID = "AKIAIOSFODNN7EXAMPLE"
	secretKey   = "CANARYwJalrXUtnFEMIK7MDENG"
	bobID       = "AKIABOBBOBBOBBOBBOBB"
	bobSecret   = "CANARYbobsSecretAccessKey1"

	// goRace is $GORACE for the programs under test, each of which would sleep for a
	// second at its end under the race detector.
	goRace = "atexit_sleep_ms=10"
)

func setup(env *testscript.Env) error {
	aws := fakeaws.Start()
	env.Defer(aws.Close)
	env.Values["aws"], env.Values["greetings"] = aws, new(atomic.Int32)
	aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, secretKey)
	aws.AddUser("arn:aws:iam::123456789012:user/bob", bobID, bobSecret)
	aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy"})
	home := filepath.Join(env.WorkDir, "home")
	config := filepath.Join(home, ".config", "aws-connector")
	if err := os.MkdirAll(config, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(home, "passphrase"), []byte("correct horse\n"), 0o600); err != nil {
		return err
	}
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"TESTDATA": testdata, "VAULT": filepath.Join(filepath.Dir(testdata), "internal", "awsvault", "testdata", "keys"),
		"HOME": home, "USERPROFILE": home, "AppData": filepath.Join(home, ".config"), "LocalAppData": filepath.Join(home, ".cache"),
		"XDG_CONFIG_HOME": filepath.Join(home, ".config"), "XDG_CACHE_HOME": filepath.Join(home, ".cache"), "XDG_RUNTIME_DIR": filepath.Join(home, "run"),
		"CONNECTORS": filepath.Join(config, "connectors.toml"), "AWS_CONNECTOR_CONFIG": filepath.Join(config, "connectors.toml"),
		"AWS_CONNECTOR_CACHE_DIR": filepath.Join(home, ".cache"), "AWS_CONNECTOR_PASSPHRASE_FILE": filepath.Join(home, "passphrase"),
		"AWS": aws.URL, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": aws.URL, "NO_PROXY": "127.0.0.1", "GORACE": goRace,
		"BIN": filepath.SplitList(env.Getenv("PATH"))[0], "KEY": fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, accessKeyID, secretKey),
	} {
		env.Setenv(name, value)
	}
	bob := fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, bobID, bobSecret)
	if err := os.WriteFile(filepath.Join(env.WorkDir, "bob.json"), []byte(bob), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(env.WorkDir, "key.json"), []byte(env.Getenv("KEY")), 0o600)
}

func server(ts *testscript.TestScript) *fakeaws.Server { return ts.Value("aws").(*fakeaws.Server) }

// calls ACTION N: AWS was called so often.
func calls(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := server(ts).Calls(args[0]); got != want || neg {
		ts.Fatalf("%d calls of %s, want %d", got, args[0], want)
	}
}

// fault CODE STATUS [MESSAGE]: AWS answers so from now on. fault none: it recovers.
func fault(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("fault cannot be negated")
	}
	server(ts).ClearFaults()
	if args[0] != "none" {
		fail(ts, "", args)
	}
}

// faultOf ACTION CODE STATUS [MESSAGE]: AWS answers so to this action.
func faultOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("faultof cannot be negated")
	}
	fail(ts, args[0], args[1:])
}

func fail(ts *testscript.TestScript, action string, args []string) {
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	server(ts).Fail(fakeaws.Fault{Action: action, Code: args[0], Status: status, Message: strings.Join(args[2:], " ")})
}

// settle: all files have been as they are long enough for package warm to tell them
// from later versions.
func settle(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: settle")
	}
	time.Sleep(2100 * time.Millisecond)
}

// warmly PROGRAM ARG…: the program answers before it is initialised. Whatever drops
// answers drops those of all of the user's caches, and tests beside this one do.
func warmly(ts *testscript.TestScript, neg bool, args []string) {
	const tries = 30
	for range tries {
		ts.Check(ts.Exec(args[0], args[1:]...))
		if !strings.Contains(ts.ReadFile("stderr"), "init net/http ") != neg {
			return
		}
	}
	ts.Fatalf("it was never answered so")
}

// revoke: ECR's tokens are no longer taken.
func revoke(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: revoke")
	}
	server(ts).RevokeECRTokens()
}

// status N PROGRAM ARG…: the program ends with this exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != want || neg {
		ts.Fatalf("ended with %v, want exit status %d", err, want)
	}
}

// place returns the command ACCOUNT REGION NAME…, which makes resources.
func place(add func(s *fakeaws.Server, account, region, name string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 3 {
			ts.Fatalf("usage: ACCOUNT REGION NAME…")
		}
		for _, name := range args[2:] {
			add(server(ts), args[0], args[1], name)
		}
	}
}

// clock OFFSET: AWS's clock is so much ahead of the machine's from now on.
func clock(ts *testscript.TestScript, neg bool, args []string) {
	by, err := time.ParseDuration(args[0])
	ts.Check(err)
	if neg {
		ts.Fatalf("clock cannot be negated")
	}
	server(ts).SetClock(func() time.Time { return time.Now().Add(by) })
}

// whoami ARN: the credentials on standard output are of ARN.
func whoami(ts *testscript.TestScript, neg bool, args []string) {
	var c struct {
		AccessKeyID string `json:"AccessKeyId"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &c))
	id, ok := server(ts).Identity(c.AccessKeyID)
	if !ok || id.ARN != args[0] || neg {
		ts.Fatalf("the credentials are of %q, want %q", id.ARN, args[0])
	}
}

// oneline: standard output is one line of credential_process JSON, and standard error is empty.
func oneline(ts *testscript.TestScript, neg bool, _ []string) {
	out := ts.ReadFile("stdout")
	var c struct{ Version int }
	if strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "\n") || json.Unmarshal([]byte(out), &c) != nil || c.Version != 1 || len(out) > 8192 || neg {
		ts.Fatalf("standard output has %d bytes in %d lines", len(out), strings.Count(out, "\n"))
	}
	if errs := ts.ReadFile("stderr"); errs != "" {
		ts.Fatalf("standard error: %s", errs)
	}
}

// parallel N PROGRAM ARG…: N processes at once all succeed with the same output.
// The file "stdin", if there is one, is what each reads.
func parallel(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	program := filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[1])
	input, err := os.ReadFile(ts.MkAbs("stdin"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		ts.Fatalf("%v", err)
	}
	var env []string
	for _, name := range []string{"HOME", "PATH", "AWS_CONNECTOR_CONFIG", "AWS_CONNECTOR_CACHE_DIR", "AWS_CONNECTOR_PASSPHRASE_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "SystemRoot", "GORACE"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	outputs, errs := make([]string, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			cmd := exec.Command(program, args[2:]...)
			cmd.Env, cmd.Stdin = env, bytes.NewReader(input)
			out, err := cmd.Output()
			outputs[i], errs[i] = string(out), err
		})
	}
	all.Wait()
	for i := range n {
		ts.Check(errs[i])
		if outputs[i] != outputs[0] || neg {
			ts.Fatalf("process %d got another session", i)
		}
	}
}
