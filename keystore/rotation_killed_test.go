package keystore_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/rotate"
	"aws-connector/internal/secret"
	"aws-connector/keystore"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	alice  = "arn:aws:iam::123456789012:user/alice"
	aliceI = "AKIAIOSFODNN7EXAMPLE"
	aliceS = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
)

func rotator(s *keystore.Store, url string) rotate.Rotator {
	return rotate.Rotator{
		Store:     s,
		Helper:    &helper.Helper{Keys: s, Env: helper.Environment{EndpointURL: url}},
		Connector: connector.Connector{Name: "main", Method: connector.SecretKey, Key: "main", Region: "eu-central-1"},
		Tell:      func(string, ...any) {},
		Ask:       func(context.Context, string) (bool, error) { return true, nil },
		Wait:      func(context.Context, time.Duration) error { return nil },
	}
}

// TestRotationThatIsKilled is the process that is killed: ROTATION has its directory,
// where AWS is, and the step of the keyring at which it ends.
func TestRotationThatIsKilled(t *testing.T) {
	args := strings.Split(os.Getenv("ROTATION"), "\n")
	if len(args) != 3 {
		return // run by TestRotationKilled alone
	}
	at, err := strconv.Atoi(args[2])
	if err != nil {
		t.Fatal(err)
	}
	r := rotator(keystore.StoreOnDisk(args[0], at), args[1])
	if _, err := r.Rotate(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
}

// world is a user of AWS with a key that is stored under two names.
type world struct {
	t     *testing.T
	dir   string
	aws   *fakeaws.Server
	store *keystore.Store
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), aws: fakeaws.Start()}
	t.Cleanup(w.aws.Close)
	w.aws.AddUser(alice, aliceI, aliceS)
	w.store = keystore.StoreOnDisk(w.dir, 0)
	key := keystore.Key{ID: aliceI, Secret: secret.New(aliceS)}
	for _, name := range []string{"alias", "main"} {
		if err := w.store.Set(t.Context(), name, key); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// run rotates in a process that is killed at a step of its keyring, or at an event
// of its calls of AWS: before a call is carried out, or once it was and before its
// answer comes. It reports whether the process came to its end.
func (w *world) run(step, event int) (ended bool) {
	w.t.Helper()
	var out bytes.Buffer
	p := exec.Command(os.Args[0], "-test.run=^TestRotationThatIsKilled$")
	p.Stdout, p.Stderr = &out, &out
	var mu sync.Mutex
	count := 0
	started := make(chan struct{})
	kill := func() {
		mu.Lock()
		count++
		now := count == event
		mu.Unlock()
		if now {
			<-started // it calls before Start returns
			p.Process.Kill()
			panic(http.ErrAbortHandler)
		}
	}
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		kill()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // it was killed
		}
		q, err := http.NewRequest(r.Method, w.aws.URL+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			panic(err)
		}
		q.Header, q.Host = r.Header.Clone(), r.Host
		q.Header.Set("Accept-Encoding", r.Header.Get("Accept-Encoding"))
		a, err := http.DefaultTransport.RoundTrip(q)
		if err != nil {
			panic(err)
		}
		defer a.Body.Close()
		answer, err := io.ReadAll(a.Body)
		if err != nil {
			panic(err)
		}
		kill()
		for name, values := range a.Header {
			rw.Header()[name] = values
		}
		rw.WriteHeader(a.StatusCode)
		rw.Write(answer)
	}))
	defer front.Close()
	p.Env = append(os.Environ(), fmt.Sprintf("ROTATION=%s\n%s\n%d", w.dir, front.URL, step))
	if err := p.Start(); err != nil {
		w.t.Fatal(err)
	}
	close(started)
	err := p.Wait()
	if err != nil && strings.Contains(out.String(), "FAIL") {
		w.t.Errorf("step %d, event %d: %s", step, event, out.String())
		return true
	}
	return err == nil
}

// whole checks that each name has a key that AWS takes.
func (w *world) whole(when string) (ids []string) {
	w.t.Helper()
	for _, name := range []string{"alias", "main"} {
		k, err := w.store.Get(w.t.Context(), name)
		if err != nil {
			w.t.Fatalf("%s: %v", when, err)
		}
		c := helper.Client{Service: "sts", Region: "eu-central-1", Endpoint: w.aws.URL, AccessKeyID: k.ID, SecretAccessKey: k.Secret}
		client, err := c.STS()
		if err == nil {
			_, err = client.GetCallerIdentity(w.t.Context(), &sts.GetCallerIdentityInput{})
		}
		if err != nil {
			w.t.Fatalf("%s: AWS does not take key %q: %v", when, name, err)
		}
		ids = append(ids, k.ID)
	}
	return ids
}

// finished rotates to the end, and checks that nothing is left of what was before.
func (w *world) finished(when string) {
	w.t.Helper()
	ctx := w.t.Context()
	r := rotator(w.store, w.aws.URL)
	if _, err := r.Rotate(ctx, "main"); err != nil {
		w.t.Fatalf("%s: Rotate: %v", when, err)
	}
	ids := w.whole(when)
	keys := w.aws.AccessKeys(alice)
	if ids[0] != ids[1] || ids[0] == aliceI || len(keys) != 1 || keys[0].ID != ids[0] || !keys[0].Active {
		w.t.Fatalf("%s: the stored keys are %q, those in AWS %+v", when, ids, keys)
	}
	if left, err := w.store.Rotations(ctx); len(left) > 0 || err != nil {
		w.t.Fatalf("%s: Rotations() = %q, %v", when, left, err)
	}
	if names, err := w.store.Names(ctx); err != nil || !slices.Equal(names, []string{"alias", "main"}) {
		w.t.Fatalf("%s: Names() = %q, %v", when, names, err)
	}
	if items, _ := filepath.Glob(filepath.Join(w.dir, "item.rotation*")); len(items) > 0 {
		w.t.Fatalf("%s: left in the keyring: %q", when, items)
	}
}

// Killed at any call of the keyring or of AWS, before it or after it was carried out,
// a rotation leaves each key one that AWS takes, and the next run finishes or undoes it.
func TestRotationKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts some hundred processes")
	}
	for _, at := range []struct {
		what        string
		step, event int
	}{{"call of AWS", 0, 1}, {"call of the keyring", 1, 0}} {
		t.Run(at.what, func(t *testing.T) {
			t.Parallel()
			kills := 0
			for n := 1; ; n++ {
				w := newWorld(t)
				when := fmt.Sprintf("killed at %s %d", at.what, n)
				if w.run(at.step*n, at.event*n) {
					break
				}
				w.whole(when)
				if n%3 == 0 { // and once more, on the way on
					again := rand.IntN(40) + 1
					when += fmt.Sprintf(", then at %d", again)
					w.run(at.step*again, at.event*(again%12+1))
					w.whole(when)
				}
				w.finished(when)
				kills++
			}
			t.Logf("killed %d times", kills)
			if kills < 18 {
				t.Errorf("it was killed %d times, want at each call", kills)
			}
		})
	}
}
