package ambient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

func TestOutput(t *testing.T) {
	const id, key = `"AccessKeyId":"CANARYid"`, `"SecretAccessKey":"CANARYkey"`
	for _, c := range []struct{ out, want string }{
		{`{"Version":1,` + id + `,` + key + `}`, ""},
		{"\n {\"Version\":1.0," + id + "," + key + ",\"SessionToken\":null,\"Expiration\":null,\"AccountId\":null}\r\n", ""},
		{`{"Version":1,` + id + `,` + key + `,"SessionToken":"CANARYtoken","Expiration":"2026-07-01T13:00:00+00:00","AccountId":123456789012,"Other":{}}`, ""},
		{``, "it printed nothing"},
		{"\xff", "what it printed is not UTF-8"},
		{"notice CANARY\n{\"Version\":1," + id + "," + key + "}", "what it printed is not one object of JSON"},
		{"\ufeff{\"Version\":1," + id + "," + key + "}", "what it printed is not one object of JSON"},
		{`{"Version":1,` + id + `,` + key + `} CANARY`, "what it printed is not one object of JSON"},
		{`["CANARY"]`, "what it printed is not one object of JSON"},
		{`null`, "what it printed is not one object of JSON"},
		{`{"Version":"1",` + id + `,` + key + `}`, "its answer has no Version 1"},
		{`{"Version":2,` + id + `,` + key + `}`, "its answer has no Version 1"},
		{`{"Version":true,` + id + `,` + key + `}`, "its answer has no Version 1"},
		{`{` + id + `,` + key + `}`, "its answer has no Version 1"},
		{`{"version":1,` + id + `,` + key + `}`, "its answer has no Version 1"},
		{`{"Version":1,` + key + `}`, "its answer has no AccessKeyId"},
		{`{"Version":1,"AccessKeyId":1,` + key + `}`, "its answer has no AccessKeyId"},
		{`{"Version":1,"accesskeyid":"CANARY",` + key + `}`, "its answer has no AccessKeyId"},
		{`{"Version":1,` + id + `}`, "its answer has no SecretAccessKey"},
		{`{"Version":1,` + id + `,"SecretAccessKey":""}`, "its answer has no SecretAccessKey"},
		{`{"Version":1,` + id + `,"SecretAccessKey":"CANARY b"}`, "the SecretAccessKey of its answer has a blank or another character that does not belong there"},
		{`{"Version":1,` + id + `,` + key + `,"SessionToken":["CANARY"]}`, "the SessionToken of its answer is not a text"},
		{`{"Version":1,` + id + `,` + key + `,"Expiration":""}`, "the Expiration of its answer is not a time with a zone"},
		{`{"Version":1,` + id + `,` + key + `,"Expiration":"2026-07-01T13:00:00"}`, "the Expiration of its answer is not a time with a zone"},
		{`{"Version":1,` + id + `,` + key + `,"Expiration":1782910800}`, "the Expiration of its answer is not a time with a zone"},
	} {
		got, problem := parseOutput([]byte(c.out))
		if problem != c.want {
			t.Errorf("parseOutput(%s): %q, want %q", c.out, problem, c.want)
		}
		if problem == "" && (got.AccessKeyID != "CANARYid" || got.Secret.Reveal() != "CANARYkey") {
			t.Errorf("parseOutput(%s) = %+v", c.out, got)
		}
	}
	got, _ := parseOutput([]byte(`{"Version":1,` + id + `,` + key + `,"SessionToken":"CANARYtoken","Expiration":"2026-07-01T13:00:00+00:00","AccountId":123456789012}`))
	if !got.Expires.Equal(now.Add(time.Hour)) || got.AccountID != "123456789012" || got.Token.Reveal() != "CANARYtoken" {
		t.Errorf("parseOutput: %+v", got)
	}
}

func TestProcess(t *testing.T) {
	w := newWorld(t, "[default]\naws_account_id = 210987654321\ncredential_process = \"/opt/my dir/cp.sh\" --for \"a b\" $HOME ~/x ; | #\n", "")
	w.prints(`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}`)
	c, err := w.get()
	if err != nil || c.AccountID != "210987654321" || !c.Expires.IsZero() {
		t.Errorf("credentials %+v, %v", c, err)
	}
	if want := [][]string{{"/opt/my dir/cp.sh", "--for", "a b", "$HOME", "~/x", ";", "|", "#"}}; !reflect.DeepEqual(w.runs, want) {
		t.Errorf("ran %q, want %q", w.runs, want)
	}
	if words := w.plan().Source(); words != `profile "default": credential_process /opt/my dir/cp.sh` {
		t.Errorf("source %q", words)
	}
}

func TestProcessFailures(t *testing.T) {
	for _, c := range []struct {
		stdout, stderr string
		err            error
		reason         Reason
		want           string
	}{
		{"CANARY", "sign in\x1b[31m first\n", errors.New("exit status 3"), Failed, "exit status 3: sign in\ufffd[31m first"},
		{`{"SecretAccessKey":"CANARYwJalrXUtnFEMI"}`, `key "CANARYwJalrXUtnFEMI", see /usr/share/doc/cp.sh/README`, errors.New("exit status 1"), Failed, "exit status 1: key [redacted] see /usr/share/doc/cp.sh/README"},
		{"", `{"AccessKeyId": "A", "SecretAccessKey": "CANARY"}`, errors.New("exit status 1"), Failed, "exit status 1: (what it says on stderr has keys in it, and is not shown)"},
		{"", "", &exec.Error{Name: "/bin/cp.sh", Err: exec.ErrNotFound}, Misconfigured, `exec: "/bin/cp.sh": executable file not found in $PATH`},
		{"", "", &fs.PathError{Op: "fork/exec", Path: "/bin/cp.sh", Err: fs.ErrPermission}, Misconfigured, "fork/exec /bin/cp.sh: permission denied"},
		{"CANARY", strings.Repeat("x", 5000), errors.New("exit status 1"), Failed, "exit status 1: " + strings.Repeat("x", textLimit) + "…"},
		{"CANARY", "", nil, Failed, "what it printed is not one object of JSON"},
		{`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY","SessionToken":"CANARY","Expiration":"2026-07-01T11:00:00Z"}`, "", nil, NeedsPerson, "the credentials expired at 2026-07-01T11:00:00Z"},
	} {
		w := newWorld(t, "[default]\ncredential_process = /bin/cp.sh\n", "")
		w.Run = func(context.Context, []string) ([]byte, string, error) { return []byte(c.stdout), c.stderr, c.err }
		_, err := w.get()
		w.refused(err, c.reason, `profile "default": credential_process /bin/cp.sh: `+c.want)
	}
}

func TestConnectorIsAnsweredInThisProcess(t *testing.T) {
	w := newWorld(t, "[profile x]\ncredential_process = aws-connector get deploy\n[profile y]\nrole_arn = arn:aws:iam::123456789012:role/Dev\nsource_profile = x\n", "")
	w.Profile = "y"
	w.Own = func(argv []string) (awsconfig.Get, bool) { return awsconfig.ParseGet(argv[1:]) }
	w.Connector = func(_ context.Context, asked awsconfig.Get) (Credentials, error) {
		return Credentials{AccessKeyID: "AK" + asked.Connector, Secret: secret.New("s")}, nil
	}
	if p := w.plan(); p.Asked() != (awsconfig.Get{Connector: "deploy"}) || p.Source() != `profile "y": role Dev from profile "x": connector "deploy"` {
		t.Errorf("asked for %+v, source %q", p.Asked(), p.Source())
	}
	if _, err := w.get(); err != nil || !strings.HasPrefix(w.sts.calls[0], "AKdeploy: ") {
		t.Errorf("calls %q, %v", w.sts.calls, err)
	}
}

// A profile that narrows a connector's session is not taken for one that does not.
func TestNarrowedConnector(t *testing.T) {
	plan := func(flags string) Plan {
		w := newWorld(t, "[profile x]\ncredential_process = aws-connector get deploy"+flags+"\n", "")
		w.Profile = "x"
		w.Own = func(argv []string) (awsconfig.Get, bool) { return awsconfig.ParseGet(argv[1:]) }
		return w.plan()
	}
	p := plan(" --resource-type s3-bucket --resource-id=b --scope none")
	if p.Asked() != (awsconfig.Get{Connector: "deploy", ResourceType: "s3-bucket", ResourceID: "b", Scope: "none"}) ||
		p.Source() != `profile "x": connector "deploy" with --resource-type s3-bucket --resource-id b --scope none` {
		t.Errorf("asked for %+v, source %q", p.Asked(), p.Source())
	}
	seen := map[string]string{}
	for _, flags := range []string{"", " --resource-type s3-bucket", " --resource-type s3-bucket --resource-id b", " --resource-id s3-bucket", " --resource-type s3-bucket --scope none", " --resource-type kubernetes-cluster"} {
		// the text of the file is part of the key; the rest must tell them apart by itself
		d := &digest{hash: sha256.New(), finder: &finder{}}
		plan(flags).source.identity(d)
		key := hex.EncodeToString(d.hash.Sum(nil))
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q have one identity", flags, other)
		}
		seen[key] = flags
	}
}

func TestParseTime(t *testing.T) {
	for _, s := range []string{
		"2026-07-01T12:00:00Z", "2026-07-01T12:00:00+00:00", "2026-07-01T14:00:00+0200", "2026-07-01T14:00:00+02", "2026-07-01T12:00:00.999999Z", "2026-07-01T12:00:00UTC",
		"2026-07-01 12:00:00Z", "2026-07-01 12:00:00 UTC", "2026-07-01T12:00Z", "2026-07-01T12:00:00z", "2026-07-01t12:00:00z", "20260701T120000Z", "2026-07-01 12:00:00 +0000", " 2026-07-01T12:00:00Z\n", "Wed, 01 Jul 2026 12:00:00 GMT",
	} {
		if got, ok := parseTime(s); !ok || !got.Truncate(time.Second).Equal(now) {
			t.Errorf("parseTime(%q) = %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "2026-07-01T12:00:00", "2026-07-01", "12:00", "1782910800", "never", "Wed, 01 Jul 2026 12:00:00 EST", "2026-13-01T12:00:00Z", "T", "Z", "UTC", "2026-07-01T12:00:00 EST"} {
		if got, ok := parseTime(s); ok {
			t.Errorf("parseTime(%q) = %v, want none", s, got)
		}
	}
}

func FuzzOutput(f *testing.F) {
	f.Add([]byte(`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-07-01T12:00:00Z","AccountId":"123456789012"}`))
	f.Fuzz(func(t *testing.T, out []byte) {
		c, problem := parseOutput(out)
		if problem == "" && (c.AccessKeyID == "" || c.Secret.Empty() || !ascii(c.AccessKeyID+c.Secret.Reveal()+c.Token.Reveal())) {
			t.Errorf("parseOutput(%q) = %+v", out, c)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	f.Add("2026-07-01 12:00:00 UTC")
	f.Fuzz(func(t *testing.T, s string) {
		if at, ok := parseTime(s); ok && at.Location() != time.UTC {
			t.Errorf("parseTime(%q) = %v", s, at)
		}
	})
}
