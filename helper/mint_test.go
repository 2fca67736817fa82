package helper

import (
	"errors"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
	"aws-connector/keystore"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// What is stored dies when the connector says, else when the key says, else never.
func TestWhenStoredCredentialsExpire(t *testing.T) {
	const ofKey, ofConnector = 2 * time.Hour, time.Hour
	for _, test := range []struct{ key, connector, want time.Duration }{
		{0, 0, 0}, {ofKey, 0, ofKey}, {0, ofConnector, ofConnector}, {ofKey, ofConnector, ofConnector}, {-time.Hour, ofConnector, ofConnector},
	} {
		w := newWorld(t, "")
		at := func(d time.Duration) time.Time {
			if d == 0 {
				return time.Time{}
			}
			return w.now.Add(d).UTC()
		}
		text := "[connectors.t]\nauth_method = \"sts-token\"\n"
		if test.connector != 0 {
			text += "expires_at = \"" + at(test.connector).Format(time.RFC3339) + "\"\n"
		}
		w.edit(t, text)
		w.Keys.(keys)["main"] = keystore.Key{ID: "ASIA", Secret: secret.New("s"), SessionToken: secret.New("t"), Expires: at(test.key)}
		if c := w.get(t, "t"); !c.Expires.Equal(at(test.want)) || c.AccessKeyID != "ASIA" || c.SecretAccessKey.Reveal() != "s" || c.SessionToken.Reveal() != "t" {
			t.Errorf("key %v, connector %v: they expire at %v, want %v", test.key, test.connector, c.Expires, at(test.want))
		}
	}
}

func TestAdviceAboutKeys(t *testing.T) {
	long := strings.Repeat("x", 64)
	for name, test := range map[string]struct{ fields, want string }{
		"t":  {"", `and set key = "t-temporary"`},
		long: {"", "`aws-connector key add " + long[:54] + "-temporary`, and set key = \"" + long[:54] + "-temporary\""},
		"e":  {"key = \"temp\"\n", "store new ones with `aws-connector key add temp`"},
		"a":  {"key = \"temp\"\nexpires_at = \"2020-01-01T00:00:00Z\"\n", "store new ones with `aws-connector key add temp` and update the connector's expires_at"},
	} {
		w := newWorld(t, "[connectors."+name+"]\nauth_method = \"sts-token\"\n"+test.fields)
		w.Keys.(keys)["temp"] = keystore.Key{ID: "ASIA", Secret: secret.New("s"), SessionToken: secret.New("t"), Expires: w.now}
		reason := Misconfigured
		if test.fields != "" { // they have expired
			reason = NeedsPerson
		}
		var e *Error
		if _, err := w.Credentials(t.Context(), name); !errors.As(err, &e) || e.Reason != reason || !strings.HasSuffix(e.Advice, test.want) {
			t.Errorf("%s: %v, want advice %s", name, err, test.want)
		}
	}
	if n := len(ownKey(connector.Connector{Name: long})); n != 64 {
		t.Errorf("a key's name of %d bytes is suggested, want one that is allowed", n)
	}
}

// STS documents every part of an answer as present.
func TestAnIncompleteSession(t *testing.T) {
	now := time.Now()
	whole := func() minted {
		return minted{op: "Op", id: aws.String("ASIA"), secret: aws.String("s"), token: aws.String("t"), expires: aws.Time(now.Add(time.Hour))}
	}
	if s, err := whole().session(now); err != nil || s.ID != "ASIA" || s.Secret.Reveal() != "s" || s.Token.Reveal() != "t" || !s.Issued.Equal(now) {
		t.Errorf("session = %+v, %v", s, err)
	}
	for name, lose := range map[string]func(*minted){
		"no id": func(m *minted) { m.id = nil }, "no secret": func(m *minted) { m.secret = nil }, "no token": func(m *minted) { m.token = nil },
		"no expiry": func(m *minted) { m.expires = nil }, "a blank id": func(m *minted) { m.id = aws.String(" \n") }, "an empty secret": func(m *minted) { m.secret = aws.String("") },
	} {
		m := whole()
		lose(&m)
		if s, err := m.session(now); !errors.Is(err, errIncomplete) || s.ID != "" {
			t.Errorf("%s: session = %q, %v, want %v", name, s.ID, err, errIncomplete)
		}
	}
	m := whole()
	m.expires = &now
	if _, err := m.session(now); err == nil {
		t.Error("a session that ends now is one")
	}
}

// Where AWS does not say who it is, the role's ARN does.
func TestTheAccountOfARole(t *testing.T) {
	h, _ := slowWorld(t, 0)
	if c, err := h.Credentials(t.Context(), "r"); err != nil || c.AccountID != "123456789012" {
		t.Errorf("Credentials are of account %q, %v", c.AccountID, err)
	}
}

func TestAnEnvironmentThatIsWrong(t *testing.T) {
	w := newWorld(t, "")
	text := "[defaults]\nregion = \"eu-central-1\"\nkey = \"main\"\n" + userConnector + "[connectors.k]\nauth_method = \"secret-key\"\n"
	w.Connectors = must(connector.Parse("f", []byte(text)))
	var e *Error
	w.Env = Environment{CABundle: t.TempDir()}
	for _, host := range []string{registryHost, "public.ecr.aws"} {
		if got, err := w.RegistryToken(t.Context(), "k", registry(t, host)); !errors.As(err, &e) || e.Reason != Misconfigured || !got.Password.Empty() {
			t.Errorf("RegistryToken for %s without a bundle = %v, want a misconfiguration", host, err)
		}
	}
	w.Env = Environment{FIPS: true, EndpointURL: w.aws.URL}
	if c, err := w.Credentials(t.Context(), "r"); !errors.As(err, &e) || e.Reason != Misconfigured || c.AccessKeyID != "" {
		t.Errorf("Credentials = %q, %v, want a misconfiguration", c.AccessKeyID, err)
	}
	for _, name := range []string{"r", "k"} {
		if got, err := w.RegistryToken(t.Context(), name, registry(t, registryHost)); !errors.As(err, &e) || e.Reason != Misconfigured || !got.Password.Empty() {
			t.Errorf("RegistryToken(%s) = %v, want a misconfiguration", name, err)
		}
	}
}
