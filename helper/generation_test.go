package helper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

const (
	bobID     = "AKIABOBBOBBOBBOBBOBB"
	bobCanary = "CANARYbobsSecretKeyAA"
	bobARN    = "arn:aws:iam::123456789012:user/bob"
)

// replaceKey puts bob's key in the place of alice's.
func (w *world) replaceKey() {
	w.aws.AddUser(bobARN, bobID, bobCanary)
	w.Keys.(keys)["main"] = keystore.Key{ID: bobID, Secret: secret.New(bobCanary)}
}

const userConnector = "[connectors.r]\nauth_method = \"session-token\"\n"

func (w *world) isBobs(t *testing.T, c Credentials) {
	t.Helper()
	if id, ok := w.aws.Identity(c.AccessKeyID); !ok || id.ARN != bobARN {
		t.Errorf("the session is of %q, want bob's", id.ARN)
	}
}

// Nobody needs to drop what was made from the key of before.
func TestAReplacedKeyIsAMiss(t *testing.T) {
	for _, method := range []string{"session-token", "secret-key"} {
		w := newWorld(t, "[connectors.r]\nauth_method = \""+method+"\"\n")
		w.get(t, "r")
		w.token(t, "r", registryHost)
		w.replaceKey()
		token := w.token(t, "r", registryHost)
		if id, ok := w.aws.ECRToken(token.Password.Reveal()); !ok || id.ARN != bobARN {
			t.Errorf("%s: the token is of %q, want bob's", method, id.ARN)
		}
		w.isBobs(t, w.get(t, "r"))
	}
}

// A session that is being made from the old key while it is replaced is for
// those alone who asked before.
func TestAKeyReplacedDuringAMint(t *testing.T) {
	w := newWorld(t, userConnector)
	w.aws.Fail(fakeaws.Fault{Delay: 50 * time.Millisecond, Times: 1})
	minting := make(chan error, 1)
	go func() {
		_, err := w.RegistryToken(t.Context(), "r", registry(t, registryHost))
		minting <- err
	}()
	for w.aws.Calls("GetSessionToken") == 0 {
		time.Sleep(time.Millisecond)
	}
	w.replaceKey()
	w.isBobs(t, w.get(t, "r"))
	if err := <-minting; err != nil {
		t.Fatal(err)
	}
	w.isBobs(t, w.get(t, "r"))
	token := w.token(t, "r", registryHost)
	if id, ok := w.aws.ECRToken(token.Password.Reveal()); !ok || id.ARN != bobARN {
		t.Errorf("the token is of %q, want bob's", id.ARN)
	}
}

func TestAFailureOfTheOldKey(t *testing.T) {
	w := newWorld(t, userConnector)
	w.aws.Fail(fakeaws.Fault{Code: "InvalidClientTokenId", Status: 403, Times: 1})
	if _, err := w.Credentials(t.Context(), "r"); err == nil {
		t.Fatal("Credentials = nil, want an error")
	}
	w.replaceKey()
	w.isBobs(t, w.get(t, "r"))
}

// implicit may lead to any connector, so any key's replacement is a miss.
func TestImplicitHasTheGenerationOfAllKeys(t *testing.T) {
	w := newWorld(t, "[connectors.i]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\n"+userConnector)
	c, err := w.Connectors.Lookup("i")
	if err != nil {
		t.Fatal(err)
	}
	before := w.slot(w.begin(t.Context(), c))
	w.Keys.(keys)["other"] = keystore.Key{ID: bobID}
	if w.slot(w.begin(t.Context(), c)) == before {
		t.Error("a new key changes nothing for implicit")
	}
}

// asked is a keystore that notes what it is asked for.
type asked struct {
	keys
	calls []string
	err   error
	// during is run while a key is read.
	during func()
}

func (a *asked) Get(ctx context.Context, name string) (keystore.Key, error) {
	a.calls = append(a.calls, "key")
	k, err := a.keys.Get(ctx, name)
	if a.during != nil {
		a.during()
	}
	return k, err
}

func (a *asked) Generation(ctx context.Context, name string) (string, error) {
	a.calls = append(a.calls, "generation")
	if a.err != nil {
		return "", a.err
	}
	return a.keys.Generation(ctx, name)
}

// One version of the key is that of the whole call, the token's slot included,
// and it is older than the key that is read.
func TestTheGenerationIsTakenFirst(t *testing.T) {
	w := newWorld(t, userConnector)
	a := &asked{keys: w.Keys.(keys)}
	w.Keys = a
	w.token(t, "r", registryHost)
	if want := []string{"generation", "key"}; !slices.Equal(a.calls, want) {
		t.Errorf("the keystore was asked for %q, want %q", a.calls, want)
	}
	w = newWorld(t, userConnector)
	a = &asked{keys: w.Keys.(keys)}
	a.during = func() {
		w.aws.AddUser(bobARN, bobID, bobCanary)
		a.keys["main"] = keystore.Key{ID: bobID, Secret: secret.New(bobCanary)}
	}
	w.Keys = a
	w.get(t, "r") // alice's, read just before she was replaced
	w.isBobs(t, w.get(t, "r"))
}

func TestNothingIsCachedOfAnUnknownGeneration(t *testing.T) {
	w := newWorld(t, userConnector)
	a := &asked{keys: w.Keys.(keys)}
	w.Keys = a
	first := w.get(t, "r")
	a.err = errors.New("being changed")
	second := w.get(t, "r")
	w.token(t, "r", registryHost)
	if _, err := w.Credentials(t.Context(), "r"); err != nil || second.AccessKeyID == first.AccessKeyID {
		t.Errorf("a session was taken from the cache, %v", err)
	}
	if c, err := w.Connectors.Lookup("r"); err != nil {
		t.Fatal(err)
	} else if s, ok := w.Session(t.Context(), c); ok {
		t.Errorf("Session = %+v, want none that would be handed out", s)
	}
	files, err := os.ReadDir(w.Cache.Path())
	if err != nil {
		t.Fatal(err)
	}
	entries := slices.DeleteFunc(files, func(f os.DirEntry) bool {
		return !strings.HasPrefix(f.Name(), "r-") || strings.HasSuffix(f.Name(), ".lock")
	})
	if len(entries) != 1 {
		t.Errorf("%d entries are cached, want the first", len(entries))
	}
}

// Entries that stand in the right place and belong to others are not handed out.
func TestWhoseACachedAnswerIs(t *testing.T) {
	for name, change := range map[string]func(*owner){
		"connector": func(o *owner) { o.Connector = "other" },
		"key":       func(o *owner) { o.Key = "other" },
	} {
		w := newWorld(t, userConnector)
		first := w.get(t, "r")
		c, err := w.Connectors.Lookup("r")
		if err != nil {
			t.Fatal(err)
		}
		slot := w.slot(w.begin(t.Context(), c))
		e, ok := slot.Get(w.now)
		if !ok {
			t.Fatal("nothing is cached")
		}
		s, _ := sessionIn(e)
		o := owner{Connector: s.Connector, Key: s.Key}
		change(&o)
		s.Connector, s.Key = o.Connector, o.Key
		if e, ok = s.entry("f"); !ok {
			t.Fatal("it cannot be kept")
		}
		if err := slot.Put(w.now, e); err != nil {
			t.Fatal(err)
		}
		if s, ok := w.Session(t.Context(), c); ok && name == "connector" {
			t.Errorf("Session = %+v, which is another connector's", s)
		}
		if w.get(t, "r").AccessKeyID == first.AccessKeyID {
			t.Errorf("a session of another %s was handed out", name)
		}
	}
}

// What implicit found may have been made from any key.
func TestWhoseACachedImplicitAnswerIs(t *testing.T) {
	w := newWorld(t, "[connectors.i]\nauth_method = \"implicit\"\nallow_implicit_auth_methods = true\n")
	c, err := w.Connectors.Lookup("i")
	if err != nil {
		t.Fatal(err)
	}
	s := session{Connector: "i", Key: "other", ID: "ASIA", Secret: secret.New("s"), Token: secret.New("t"), Issued: w.now, Expires: w.now.Add(time.Hour)}
	e, ok := s.entry("f")
	if !ok {
		t.Fatal("it cannot be kept")
	}
	if err := w.slot(w.begin(t.Context(), c)).Put(w.now, e); err != nil {
		t.Fatal(err)
	}
	if got := w.get(t, "i"); got.AccessKeyID != s.ID {
		t.Errorf("the session is %s, want the cached one", got.AccessKeyID)
	}
}

func TestWhoseACachedTokenIs(t *testing.T) {
	w := newWorld(t, userConnector)
	first := w.token(t, "r", registryHost)
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	slot := w.tokenSlot(w.begin(t.Context(), c), registry(t, registryHost))
	e, ok := slot.Get(w.now)
	if !ok {
		t.Fatal("nothing is cached")
	}
	stored, _ := tokenIn(e)
	stored.connector = "other"
	if e, ok = stored.entry("f"); !ok {
		t.Fatal("it cannot be kept")
	}
	if err := slot.Put(w.now, e); err != nil {
		t.Fatal(err)
	}
	if w.token(t, "r", registryHost).Password.Equal(first.Password) {
		t.Error("a token of another connector was handed out")
	}
}

// Everything that decides which endpoint answers and whom it is trusted for is
// part of where an answer is kept.
func TestTheEnvironmentIsPartOfTheSlot(t *testing.T) {
	w := newWorld(t, userConnector)
	c, err := w.Connectors.Lookup("r")
	if err != nil {
		t.Fatal(err)
	}
	c.EndpointURL = ""
	r := registry(t, registryHost)
	plain := Environment{}
	w.Env = plain
	session, token := w.slot(w.begin(t.Context(), c)), w.tokenSlot(w.begin(t.Context(), c), r)
	for name, env := range map[string]Environment{
		"endpoint": {EndpointURL: "https://example.com"}, "endpoint of STS": {EndpointURLs: map[string]string{"sts": "https://example.com"}},
		"FIPS": {FIPS: true}, "dual-stack": {DualStack: true}, "CA bundle": {CABundle: "/x"}, "proxy": {Proxy: "p"}, "trust": {Trust: "t"},
	} {
		w.Env = env
		if w.slot(w.begin(t.Context(), c)) == session {
			t.Errorf("%s: the session's slot is the same", name)
		}
		if w.tokenSlot(w.begin(t.Context(), c), r) == token {
			t.Errorf("%s: the token's slot is the same", name)
		}
	}
	w.Env = plain
	fips := registry(t, strings.Replace(registryHost, "dkr.ecr", "dkr.ecr-fips", 1))
	if w.tokenSlot(w.begin(t.Context(), c), fips) == token {
		t.Error("FIPS registries have the token of others")
	}
	w.Env = Environment{EndpointURLs: map[string]string{"ecr": "https://example.com"}}
	if w.tokenSlot(w.begin(t.Context(), c), r) == token {
		t.Error("another endpoint of ECR: the token's slot is the same")
	}
	if digest("a", "bc") == digest("ab", "c") {
		t.Error("parts of a digest run into one another")
	}
}

func TestAChainHasAnEnd(t *testing.T) {
	var c Chain
	var err error
	for i := range maxChain {
		if c, err = c.add(fmt.Sprint("c", i)); err != nil {
			t.Fatalf("connector %d: %v", i+1, err)
		}
	}
	for name, want := range map[string]string{
		"last": "more than 5 connectors start one another: c0 -> c1 -> c2 -> c3 -> c4 -> last",
		"c4":   "the connector starts itself: c0 -> c1 -> c2 -> c3 -> c4 -> c4",
	} {
		var e *Error
		if longer, err := c.add(name); !errors.As(err, &e) || e.Reason != Misconfigured || e.Text != want || longer != nil {
			t.Errorf("add(%s) to a chain of %d = %q, %v, want %s", name, maxChain, longer, err, want)
		}
	}
	if again := ParseChain(c.String()); !slices.Equal(again, c) {
		t.Errorf("ParseChain(%q) = %q, want %q", c, again, c)
	}
	if none := ParseChain(Chain(nil).String()); none != nil {
		t.Errorf("ParseChain of no chain = %q", none)
	}
}

// A logout forgets also while the version of the key cannot be told.
func TestForgetRegistryTokenOfAnUnknownGeneration(t *testing.T) {
	w := newWorld(t, userConnector+"[connectors.other]\nauth_method = \"session-token\"\n")
	a := &asked{keys: w.Keys.(keys)}
	w.Keys = a
	first, others := w.token(t, "r", registryHost), w.token(t, "other", registryHost)
	a.err = errors.New("being changed")
	if err := w.ForgetRegistryToken(t.Context(), "r", registry(t, registryHost)); err != nil {
		t.Fatal(err)
	}
	a.err = nil
	if w.token(t, "r", registryHost).Password.Equal(first.Password) {
		t.Error("the token outlived the logout")
	}
	if !w.token(t, "other", registryHost).Password.Equal(others.Password) {
		t.Error("another connector's token is gone too")
	}
}
