package helper

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
)

// nested is an implicit connector over one that is implicit too.
const nested = "[connectors.o]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\nprofile_name = \"o\"\n" +
	"[connectors.i]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\n"

// over writes profile o, which asks this program for connector i, and what follows.
func over(t *testing.T, config, rest string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("[profile o]\ncredential_process = \"%s\" get i\n%s", self, rest)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// nestedWorld has connector o over i, which assumes a role.
func nestedWorld(t *testing.T, profile string) (w *world, write func(role string)) {
	t.Helper()
	w = newWorld(t, nested+profile)
	config := filepath.Join(t.TempDir(), "config")
	for _, name := range []string{"Dev", "Ops"} {
		w.aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/" + name})
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w.Env.Ambient = Ambient{ConfigFile: config, Self: self}
	write = func(role string) {
		over(t, config, "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/"+role+"\nsource_profile = k\n[profile k]\naws_access_key_id = "+accessKeyID+"\naws_secret_access_key = "+canary+"\n")
	}
	write("Dev")
	return w, write
}

func (w *world) isRole(t *testing.T, id, role string) {
	t.Helper()
	want := "arn:aws:sts::123456789012:assumed-role/" + role + "/aws-connector-i"
	if got, ok := w.aws.Identity(id); !ok || got.ARN != want {
		t.Errorf("the session is of %q, want %q", got.ARN, want)
	}
}

// A file that changes between the outer connector's look and the inner one's, and
// back, would leave one person's session under another's name.
func TestANestedProfileIsLookedAtOnce(t *testing.T) {
	w, write := nestedWorld(t, "profile_name = \"p\"\n")
	w.STS = func(o Client) (STS, error) {
		w.STS = nil
		write("Ops") // after the look, before the answer
		return o.STS()
	}
	w.isRole(t, w.get(t, "o").AccessKeyID, "Dev")
	w.isRole(t, w.get(t, "o").AccessKeyID, "Ops")
	write("Dev")
	w.isRole(t, w.get(t, "o").AccessKeyID, "Dev")
}

// What the inner connector may no longer hand out, the outer one may not either.
func TestANestedConnectorThatIsNotAllowedAnyMore(t *testing.T) {
	w, _ := nestedWorld(t, "profile_name = \"p\"\n")
	w.get(t, "o")
	w.edit(t, nested[:len(nested)-len("allow_implicit_auth_methods = true\n")]+"profile_name = \"p\"\n")
	if _, err := w.Credentials(t.Context(), "o"); err == nil {
		t.Error("a connector over one that is not allowed was answered")
	}
}

// A source that answers as somebody else unseen is asked again after its life,
// also through another connector and for tokens.
func TestAForeignSourceBelow(t *testing.T) {
	w, _ := nestedWorld(t, "")
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprintf(rw, `{"AccessKeyId":%q,"SecretAccessKey":%q,"Token":"t%d","Expiration":%q}`, accessKeyID, canary, asked, w.clock().Add(6*time.Hour).UTC().Format(time.RFC3339))
	}))
	defer server.Close()
	w.Env.Ambient.Environ = func(Chain) []string { return []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=" + server.URL} }
	w.get(t, "i")
	w.later(foreignLife - time.Minute)
	w.get(t, "o")
	w.later(2 * time.Minute)
	if got := w.get(t, "o").SessionToken.Reveal(); asked != 2 || got != "t2" {
		t.Errorf("the endpoint was asked %d times and the session is %s, want it asked again", asked, got)
	}
	token := token{issued: w.now, expires: w.now.Add(12 * time.Hour), foreign: true, connector: "o", password: secret.New("x")}
	if !token.fresh(w.now.Add(foreignLife-time.Second)) || token.fresh(w.now.Add(foreignLife)) {
		t.Error("a token of a foreign session is not asked for again after its life")
	}
	if e, ok := token.entry("f"); !ok {
		t.Error("it is not kept")
	} else if back, ok := tokenIn(e); !ok || !back.foreign {
		t.Error("the cache forgets that it is foreign")
	}
}

// All calls of AWS for one session share its time, and one that is slow for the
// first is not given up early by the next.
func TestExchangesShareTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := patient(t.Context(), lockWait)
		first, cancel := exchange(ctx)
		defer cancel()
		d := &doer{answers: 9}
		ask := func(ctx context.Context) {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = (timed{d}).Do(r)
		}
		ask(first)
		time.Sleep(5 * time.Second)
		second, cancel := exchange(ctx)
		defer cancel()
		ask(second)
		if want := exchangeTimeout - firstTimeout - 5*time.Second; d.tried[1] != want {
			t.Errorf("the second call had %v, want the %v that were left", d.tried[1], want)
		}
		third, cancel := another(ctx)
		defer cancel()
		ask(third)
		if d.tried[2] != exchangeTimeout {
			t.Errorf("a token's call had %v, want %v", d.tried[2], exchangeTimeout)
		}
	})
}

// What a program answered while the files that its line names changed is of either.
func TestAFileThatChangesWhileItsProgramRuns(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the program is a script of a POSIX shell")
	}
	w, config, _ := implicitWorld(t)
	dir := t.TempDir()
	w.aws.AddRole(fakeaws.Role{ARN: roleARN})
	w.Env.Ambient.Dir = dir
	for name, id := range map[string]string{"alice": accessKeyID, "bob": bobID} {
		key := fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}`, id)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "who")
	become := func(who string) {
		if err := errors.Join(os.RemoveAll(link), os.Symlink(filepath.Join(dir, who), link)); err != nil {
			t.Fatal(err)
		}
	}
	write := func(line string) {
		text := "[profile p]\ncredential_process = " + line + "\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sh -c \"test -d " + dir + "/slow && ln -sfn bob who; cat " + link + "\"")
	w.Env.Ambient.Environ = func(Chain) []string { return os.Environ() }
	t.Chdir(dir)
	if err := os.Mkdir(filepath.Join(dir, "slow"), 0o700); err != nil {
		t.Fatal(err)
	}
	become("alice")
	w.get(t, "i") // bob's
	become("alice")
	if err := os.Remove(filepath.Join(dir, "slow")); err != nil {
		t.Fatal(err)
	}
	if got := w.get(t, "i").AccessKeyID; got != accessKeyID {
		t.Errorf("the credentials are of %s, want alice's", got)
	}
}
