//go:build linux || darwin

package question_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"aws-connector/cache"
	"aws-connector/internal/question"
	"aws-connector/internal/warm"
)

// What no file and no variable of the lists tells is in the state, too.
func TestState(t *testing.T) {
	defer question.Settle(-time.Hour)()
	home := t.TempDir()
	cache.Open(home, cache.Auto).Sealing() // makes the key, if there can be one
	for name, change := range map[string]func(t *testing.T){
		"nothing":  func(*testing.T) {},
		"HOME":     func(t *testing.T) { t.Setenv("HOME", filepath.Join(home, "other")) },
		"USER":     func(t *testing.T) { t.Setenv("USER", "other") },
		"the host": func(t *testing.T) { t.Cleanup(question.Host("other")) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range append(question.Variables(), "AWS_CONNECTOR_LOG", "AWS_CONNECTOR_CHAIN") {
				t.Setenv(v, "")
			}
			t.Setenv("HOME", home)
			t.Setenv("USER", "alice")
			t.Setenv("AWS_CONNECTOR_CONFIG", filepath.Join(home, "connectors.toml"))
			t.Setenv("AWS_CONNECTOR_CACHE_DIR", home)
			if err := os.MkdirAll(filepath.Join(home, "aws-connector"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(home, "connectors.toml"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			ask := func() *question.Question {
				q := question.Ask([]string{"aws-connector", "get", "r"})
				if q == nil {
					t.Fatal("this is no question")
				}
				q.Watch(filepath.Join(home, "connectors.toml"))
				return q
			}
			q, now := ask(), time.Now()
			file, ok := warm.Seal(q, []byte("answer"), warm.Header{Expires: now.Add(time.Hour), Written: now, Boot: warm.NoBoot})
			if !ok {
				t.Fatal("the answer is not kept")
			}
			if err := os.WriteFile(q.File(), file, 0o600); err != nil {
				t.Fatal(err)
			}
			change(t)
			if _, hit := warm.Find(ask()); hit != (name == "nothing") {
				t.Errorf("after a change of %s: an answer: %t", name, hit)
			}
		})
	}
}

// A disk that hangs holds up no answer.
func TestWithin(t *testing.T) {
	hangs := make(chan struct{})
	defer close(hangs)
	if question.Within(time.Millisecond, func() { <-hangs }) || !question.Within(time.Minute, func() {}) {
		t.Error("what hangs is waited for, or what does not is not")
	}
}

// Who writes one letter after another is left to the ordinary path, soon.
func TestSlowInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	(&stage{T: t}).dup(r)
	t.Setenv("HOME", t.TempDir())
	asked := make(chan struct{})
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		defer w.Close()
		for range 200 {
			select {
			case <-asked:
				return
			case <-time.After(50 * time.Millisecond):
				w.WriteString("a")
			}
		}
		t.Error("all that was written in ten seconds was read")
	}()
	if q := question.Ask([]string{"docker-credential-ecr", "get"}); q != nil {
		t.Error("half an input is a question")
	}
	close(asked)
	<-fed
}
