package awsvault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

var passphrase = secret.New("correct horse")

// The files in testdata were written by aws-vault 7.2.0 (add --env), the session
// by version 1.2.2 of its library.
func TestFilesOfAWSVault(t *testing.T) {
	v, err := Open("testdata/keys")
	if err != nil {
		t.Fatal(err)
	}
	if v.Sessions != 1 || v.Len() != 2 || !v.Locked() {
		t.Errorf("Open: %d sessions, %d files, locked %v", v.Sessions, v.Len(), v.Locked())
	}
	keys, err := v.Keys(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ profile, id, secret string }{
		{"corp/prod", "AKIABOBBOBBOBBOBBOBB", "CANARYbobsSecretAccessKey1"},
		{"work", "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"},
	} {
		k := keys[i]
		if k.Err != nil || k.Profile != want.profile || k.ID != want.id || k.Secret.Reveal() != want.secret || !k.Token.Empty() || !k.Expires.IsZero() {
			t.Errorf("key %d is %+v, want %+v", i, k, want)
		}
	}
	for _, wrong := range []string{"", "correct horse ", "Correct horse"} {
		if keys, err := v.Keys(secret.New(wrong)); !errors.Is(err, ErrPassphrase) || keys != nil {
			t.Errorf("Keys(%q) = %v, %v", wrong, keys, err)
		}
	}
}

func TestOneBadFileSpoilsNoOther(t *testing.T) {
	dir := t.TempDir()
	good := read(t, "testdata/keys/work")
	header, rest, _ := strings.Cut(good, ".")
	for name, text := range map[string]string{
		"good":      good + "\n",
		"renamed":   good,
		"empty":     "",
		"text":      "not one",
		"torn":      good[:len(good)/2],
		"short":     good[:len(good)-4],
		"work":      good,
		"heavy":     withHeader(t, header, `"p2c":8192`, `"p2c":2000000000`) + "." + rest,
		"heavier":   withHeader(t, header, `"p2c":8192`, `"p2c":1e300`) + "." + rest,
		"negative":  withHeader(t, header, `"p2c":8192`, `"p2c":-1`) + "." + rest,
		"algorithm": withHeader(t, header, "PBES2-HS256+A128KW", "none") + "." + rest,
		"other":     withHeader(t, header, "A256GCM", "A128GCM") + "." + rest,
		"changed":   withHeader(t, header, `"created":"2`, `"created":"1`) + "." + rest,
	} {
		write(t, dir, name, text)
	}
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	keys, err := v.Keys(passphrase)
	if err != nil || len(keys) != 13 || time.Since(began) > 20*time.Second {
		t.Fatalf("%d keys, %v, in %v", len(keys), err, time.Since(began))
	}
	for _, k := range keys {
		want := map[string]error{"work": nil, "heavy": errWork, "changed": errBroken}
		wanted, ok := want[k.Profile]
		switch {
		case ok && !errors.Is(k.Err, wanted), !ok && k.Err == nil:
			t.Errorf("%s: %v", k.Profile, k.Err)
		case k.Err != nil && strings.Contains(k.Err.Error(), "CANARY"):
			t.Errorf("%s: %v shows a secret", k.Profile, k.Err)
		}
	}
}

// A directory of many files that are each cheap enough is not.
func TestWorkIsBounded(t *testing.T) {
	dir := t.TempDir()
	header, rest, _ := strings.Cut(read(t, "testdata/keys/work"), ".")
	for i := range 40 {
		write(t, dir, string(rune('A'+i)), withHeader(t, header, `"p2c":8192`, `"p2c":1300000`)+"."+rest)
	}
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, f := range v.files {
		sum += f.sealed.iterations
	}
	if sum != maxAll {
		t.Errorf("%d iterations, want %d", sum, maxAll)
	}
}

func TestWhatIsNoVault(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open: %v", err)
	}
	v, err := Open(t.TempDir())
	if keys, keysErr := v.Keys(secret.Text{}); err != nil || keysErr != nil || keys != nil || v.Locked() {
		t.Errorf("an empty one: %v, %v, %v", keys, err, keysErr)
	}
}

// https://www.rfc-editor.org/rfc/rfc3394#section-4
func TestUnwrap(t *testing.T) {
	const data = "00112233445566778899AABBCCDDEEFF0001020304050607"
	for _, c := range []struct{ kek, wrapped, want string }{
		{"000102030405060708090A0B0C0D0E0F", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5", data[:32]},
		{"000102030405060708090A0B0C0D0E0F1011121314151617", "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2", data},
		{"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1", data},
	} {
		got, err := unwrap(unhex(t, c.kek), unhex(t, c.wrapped))
		if want := unhex(t, c.want); err != nil || !slices.Equal(got, want) {
			t.Errorf("unwrap(%s) = %x, %v, want %x", c.wrapped, got, err, want)
		}
	}
	if _, err := unwrap(make([]byte, 16), make([]byte, 24)); !errors.Is(err, ErrPassphrase) {
		t.Errorf("unwrap of zeros: %v", err)
	}
}

// https://www.rfc-editor.org/rfc/rfc7517#appendix-C, whose content is of another
// encryption: its key is checked by what it encrypts to.
func TestKeyIsDerivedAsInRFC7517(t *testing.T) {
	key := unbase64(t, "bxsZNEIdFE5csDjwQdBScKGDJDfK7LmsgReZwsMw_bY")
	c, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(c)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, gcm.NonceSize())
	out := gcm.Seal(nil, nonce, []byte("{}"), []byte("header"))
	s := sealed{"header", unbase64(t, "2WCTcJZ1Rvd_CJuJripQ1w"), 4096, unbase64(t, "TrqXOwuNUfDV9VPTNbyGvEJ9JMjefAVn-TR1uIxR9p6hsRQh9Tk7BA"), nonce, out[:2], out[2:]}
	if got, err := s.open(secret.New("Thus from my lips, by yours, my sin is purged.")); err != nil || string(got) != "{}" {
		t.Errorf("open() = %q, %v", got, err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"a%2Fb": "a/b", "100%25": "100%", "a%2": "a%2", "%zz": "%zz", "plain": "plain"} {
		if got := unescape(name); got != want {
			t.Errorf("unescape(%q) = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"sts.GetSessionToken,d29yaw,YXJu,1764000000", "session,work,,1764000000", "session:work:arn:aws:iam::1:mfa/a:1764", "work session (1764)", "oidc:https://x"} {
		if !isSession(name) {
			t.Errorf("%q is a profile", name)
		}
	}
	for _, name := range []string{"work", "session", "a,b", "corp/prod", "oidc"} {
		if isSession(name) {
			t.Errorf("%q is a session", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/keys/work")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1cifQ....")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parse([]byte(text), 10)
		if err != nil {
			return
		}
		if _, err := s.open(passphrase); err == nil {
			t.Errorf("%q opens", text)
		}
	})
}

func withHeader(t *testing.T, header, old, changed string) string {
	t.Helper()
	text := string(unbase64(t, header))
	if !strings.Contains(text, old) {
		t.Fatalf("%s is not in %s", old, text)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(text, old, changed, 1)))
}

func unbase64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
