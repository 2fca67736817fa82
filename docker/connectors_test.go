package docker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"aws-connector/cache"
	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// noKeys is a keystore without keys.
type noKeys struct{}

func (noKeys) Get(context.Context, string) (keystore.Key, error) {
	return keystore.Key{}, keystore.ErrNotFound
}

func (noKeys) Generation(context.Context, string) (string, error) { return "1", nil }
func (noKeys) Generations(context.Context) (string, error)        { return "1", nil }

// connectors answer with the connectors of text.
func connectors(t *testing.T, text string) Connectors {
	t.Helper()
	f, err := connector.Parse("f", []byte("[defaults]\nregion = \"eu-central-1\"\nauth_method = \"session-token\"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return Connectors{Open: func() (*helper.Helper, error) { return &helper.Helper{Connectors: f, Keys: noKeys{}}, nil }}
}

// What keeps a client from a private registry is told; ECR Public can do without.
func TestLoginFails(t *testing.T) {
	private, _ := connector.ParseRegistry(host)
	public, _ := connector.ParseRegistry("public.ecr.aws")
	mapped := connectors(t, "[connectors.c]\nregistries = [\"*\"]\n")
	broken := connectors(t, "[connectors.c]\nregistries = [\"*\"]\npolcy = 1\n")
	conflict := connectors(t, "[connectors.c]\nregistries = [\"*\"]\n[connectors.d]\nregistries = [\"*\"]\n")
	none := connectors(t, "[connectors.c]\n")
	unread := Connectors{Open: func() (*helper.Helper, error) { return nil, errors.New("unreadable") }}
	missing := Connectors{Open: func() (*helper.Helper, error) { return nil, nil }}
	for name, test := range map[string]struct {
		logins   Connectors
		registry connector.Registry
		want     string
	}{
		"no key":                {mapped, private, keystore.ErrNotFound.Error()},
		"no key, public":        {mapped, public, notFound},
		"broken":                {broken, private, `unknown key "polcy"`},
		"broken, public":        {broken, public, notFound},
		"two claims":            {conflict, private, "and so does"},
		"two claims, public":    {conflict, public, notFound},
		"unreadable":            {unread, private, "unreadable"},
		"unreadable, public":    {unread, public, notFound},
		"nobody's":              {none, private, notFound},
		"nobody's, public":      {none, public, notFound},
		"no connectors":         {missing, private, notFound},
		"no connectors, public": {missing, public, notFound},
	} {
		for _, log := range []*slog.Logger{nil, slog.New(slog.DiscardHandler)} {
			test.logins.Log = log
			got, err := test.logins.Login(t.Context(), test.registry)
			if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrNotFound) != (test.want == notFound) || !got.Empty() {
				t.Errorf("%s: Login = %v, want %s", name, err, test.want)
			}
		}
		if err := test.logins.Forget(t.Context(), test.registry); err != nil {
			t.Errorf("%s: Forget = %v", name, err)
		}
	}
	// Who gave up asks for no anonymous pull.
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mapped.Login(ended, public); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("Login that was interrupted = %v", err)
	}
	if hosts, err := unread.Hosts(); hosts != nil || err == nil {
		t.Errorf("Hosts of an unreadable file = %q, %v", hosts, err)
	}
	if hosts, err := missing.Hosts(); hosts != nil || err != nil {
		t.Errorf("Hosts without connectors = %q, %v", hosts, err)
	}
}

// oneKey is a keystore that has the same key under every name.
type oneKey struct {
	noKeys
	key keystore.Key
}

func (k oneKey) Get(context.Context, string) (keystore.Key, error) { return k.key, nil }

func TestLoginIsKeptUntilItIsForgotten(t *testing.T) {
	aws := fakeaws.Start()
	defer aws.Close()
	key := keystore.Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("CANARYwJalrXUtnFEMI")}
	aws.AddUser("arn:aws:iam::123456789012:user/alice", key.ID, key.Secret.Reveal())
	logins := connectors(t, "endpoint_url = \""+aws.URL+"\"\n[connectors.c]\nregistries = [\"*\", \""+host+"\"]\n")
	h, err := logins.Open()
	if err != nil {
		t.Fatal(err)
	}
	h.Keys, h.Cache = oneKey{key: key}, cache.Open(filepath.Join(t.TempDir(), "cache"), cache.Off)
	logins.Open = func() (*helper.Helper, error) { return h, nil }
	login := func(r connector.Registry) string {
		t.Helper()
		password, err := logins.Login(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := aws.ECRToken(password.Reveal()); !ok {
			t.Errorf("%s: %q is no token of ECR", r.Host, password.Reveal())
		}
		return password.Reveal()
	}
	for _, name := range []string{host, "public.ecr.aws"} {
		r, _ := connector.ParseRegistry(name)
		first := login(r)
		if login(r) != first {
			t.Errorf("%s: the token is not kept", name)
		}
		if err := logins.Forget(t.Context(), r); err != nil || login(r) == first {
			t.Errorf("%s: Forget = %v, or the token is kept", name, err)
		}
	}
	if hosts, err := logins.Hosts(); err != nil || strings.Join(hosts, " ") != host {
		t.Errorf("Hosts = %q, %v, want %s", hosts, err, host)
	}
}

// Why ECR Public gives no token is told to the log, and that nobody claims it is not worth a word.
func TestWhatTheLogIsTold(t *testing.T) {
	public, _ := connector.ParseRegistry("public.ecr.aws")
	for text, want := range map[string]string{"registries = [\"*\"]\n": keystore.ErrNotFound.Error(), "": ""} {
		var told bytes.Buffer
		logins := connectors(t, "[connectors.c]\n"+text)
		logins.Log = slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if _, err := logins.Login(t.Context(), public); !errors.Is(err, ErrNotFound) {
			t.Errorf("Login = %v, want %v", err, ErrNotFound)
		}
		if !strings.Contains(told.String(), want) || (want == "") != (told.Len() == 0) {
			t.Errorf("the log is told %q, want %q", &told, want)
		}
	}
}
