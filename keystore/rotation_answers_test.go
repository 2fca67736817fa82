package keystore_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/rotate"
)

// answering is a way to AWS on which the answers to an action are changed.
func (w *world) answering(action, pattern, by string) func(*rotate.Rotator) {
	to, err := url.Parse(w.aws.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	way := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !strings.Contains(string(body), "Action="+action+"&") {
			way.ServeHTTP(rw, r)
			return
		}
		answer := httptest.NewRecorder()
		way.ServeHTTP(answer, r)
		rw.WriteHeader(answer.Code)
		io.WriteString(rw, regexp.MustCompile(pattern).ReplaceAllString(answer.Body.String(), by))
	}))
	w.t.Cleanup(front.Close)
	return func(r *rotate.Rotator) { r.Helper.Env.EndpointURL = front.URL }
}

// An answer that is not IAM's leaves the stored key, and no other one, in AWS.
func TestAnswersThatAreNotIAMs(t *testing.T) {
	const id = `<AccessKeyId>.*?</AccessKeyId>`
	for name, c := range map[string]struct{ action, pattern, by, want string }{
		"no secret":   {"CreateAccessKey", `<SecretAccessKey>.*?</SecretAccessKey>`, "", "CreateAccessKey: the answer has no access key"},
		"the old key": {"CreateAccessKey", id, "<AccessKeyId>" + aliceI + "</AccessKeyId>", "which is not new"},
		"another key": {"CreateAccessKey", id, "<AccessKeyId>AKIANOBODYNOBODYNOBO</AccessKeyId>", "no new key could be had"},
		"cut":         {"CreateAccessKey", `(?s)</SecretAccessKey>.*`, "", "no new key could be had"},
		"a key twice": {"ListAccessKeys", `(?s)(<member>.*?</member>)`, "$1$1", "not a list of a user's access keys"},
		"many keys":   {"ListAccessKeys", `(?s)<member>(.*?)</member>`, strings.Repeat("<member>$1</member>", 1000), "not a list of a user's access keys"},
	} {
		w := newWorld(t)
		_, told, err := w.rotate(w.answering(c.action, c.pattern, c.by))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "can begin") {
			t.Errorf("%s: Rotate: %v, told %q", name, err, told)
		}
		if ids := w.ids(); !slices.Equal(ids, []string{aliceI}) {
			t.Errorf("%s: the keys in AWS are %q", name, ids)
		}
		w.whole(name)
		if left, err := w.store.Rotations(t.Context()); err != nil || len(left) > 0 {
			t.Errorf("%s: Rotations() = %q, %v", name, left, err)
		}
		w.finished(name)
	}
}

// A key is deactivated unless IAM says that it is, whatever else it says.
func TestOldKeyOfUnknownStatus(t *testing.T) {
	w := newWorld(t)
	if _, _, err := w.rotate(w.answering("ListAccessKeys", `<Status>.*?</Status>`, ""), func(r *rotate.Rotator) { r.Keep = true }); err != nil {
		t.Fatal(err)
	}
	for _, k := range w.aws.AccessKeys(alice) {
		if k.Active == (k.ID == aliceI) {
			t.Errorf("%+v", k)
		}
	}
}

// A user who is renamed while a rotation is unfinished is the same one.
func TestUserIsRenamed(t *testing.T) {
	w := newWorld(t)
	w.stopped()
	state, err := w.store.Rotation(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	state.User = strings.Replace(alice, "alice", "al", 1)
	if err := w.store.StoreRotated(t.Context(), "main", state); err != nil {
		t.Fatal(err)
	}
	w.finished("renamed")
}
