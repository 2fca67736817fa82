package keystore

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/secret"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"
)

func x25519(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// sshKey returns the file of a new key, its public line, and age's own identity of it.
func sshKey(t *testing.T, passphrase string) (file, line string, id age.Identity) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "me@here")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "me@here", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	wire, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	if id, err = agessh.NewEd25519Identity(key); err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(wire)), id
}

// seal encrypts text with age itself.
func seal(t testing.TB, text string, to ...age.Recipient) string {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func under(t testing.TB, passphrase string, work int) age.Recipient {
	t.Helper()
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(work)
	return to
}

func armored(t *testing.T, data string) string {
	t.Helper()
	var b strings.Builder
	w := armor.NewWriter(&b)
	if _, err := io.WriteString(w, data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func put(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// by is an encrypted file that the identity in this text opens.
func by(t testing.TB, text string, ask asker, recipients ...string) *Store {
	t.Helper()
	dir := t.TempDir()
	return EncryptedFile(FileOptions{Path: filepath.Join(dir, "keys.age"), Identity: put(t, filepath.Join(dir, "identity"), text), Recipients: recipients, Passphrase: ask})
}

// again is another process that has the same options.
func again(s *Store) *Store {
	f := s.backend.(*file)
	a := EncryptedFile(f.FileOptions)
	a.backend.(*file).work = f.work
	return a
}

func askNobody(t *testing.T) asker {
	return func(_ context.Context, asked Asked) (secret.Text, error) {
		t.Errorf("a passphrase was asked for: %+v", asked)
		return secret.Text{}, errors.New("nobody is there")
	}
}

// Every form of an identity opens what was stored under it, age itself too, and so
// do the other recipients; nobody else does.
func TestIdentities(t *testing.T) {
	one, two, backup := x25519(t), x25519(t), x25519(t)
	sshFile, sshLine, sshID := sshKey(t, "")
	_, backupLine, backupSSH := sshKey(t, "")
	plain := "# created: 2026-01-02T03:04:05Z\n# public key: " + one.Recipient().String() + "\n" + one.String() + "\n"
	protected := seal(t, plain, under(t, "correct", 4))
	for name, test := range map[string]struct {
		file string
		asks bool
		ids  []age.Identity
		more []string
	}{
		"as age-keygen writes it": {plain, false, []age.Identity{one}, nil},
		"BOM and CRLF":            {"\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"), false, []age.Identity{one}, nil},
		"no end of line":          {one.String(), false, []age.Identity{one}, nil},
		"several":                 {plain + "\n#two\n" + two.String() + "\n", false, []age.Identity{one, two}, nil},
		"age -p":                  {protected, true, []age.Identity{one}, nil},
		"age -p -a":               {armored(t, protected), true, []age.Identity{one}, nil},
		"ssh":                     {sshFile, false, []age.Identity{sshID}, nil},
		"ssh, CRLF":               {strings.ReplaceAll(sshFile, "\n", "\r\n"), false, []age.Identity{sshID}, nil},
		"ssh under age -p":        {seal(t, sshFile, under(t, "correct", 4)), true, []age.Identity{sshID}, nil},
		"more recipients":         {plain, false, []age.Identity{one, backup, backupSSH}, []string{backup.Recipient().String(), backupLine}},
		"ssh and more":            {sshFile, false, []age.Identity{sshID, backup}, []string{" " + backup.Recipient().String() + "\n"}},
		"itself once more":        {sshFile, false, []age.Identity{sshID}, []string{sshLine}},
	} {
		ask := askNobody(t)
		if test.asks {
			ask = passphrase("correct")
		}
		s := by(t, test.file, ask, test.more...)
		if err := s.Set(t.Context(), "main", long); err != nil {
			t.Errorf("%s: Set = %v", name, err)
			continue
		}
		if k, err := again(s).Get(t.Context(), "main"); err != nil || !k.Equal(long) {
			t.Errorf("%s: Get = %q, %v", name, k.ID, err)
		}
		if err := again(s).Set(t.Context(), "other", temp); err != nil {
			t.Errorf("%s: Set of another = %v", name, err)
		}
		data, err := os.ReadFile(s.backend.(*file).path)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range test.ids {
			if r, err := age.Decrypt(bytes.NewReader(data), id); err != nil {
				t.Errorf("%s: age with identity %d: %v", name, i, err)
			} else if text, err := io.ReadAll(r); err != nil || !bytes.Contains(text, []byte("CANARYtoken")) {
				t.Errorf("%s: age read %q, %v", name, text, err)
			}
		}
		if _, err := age.Decrypt(bytes.NewReader(data), x25519(t)); err == nil {
			t.Errorf("%s: a stranger opens it", name)
		}
		if test.asks {
			wrong := again(s)
			wrong.backend.(*file).Passphrase = passphrase("wrong")
			if _, err := wrong.Get(t.Context(), "main"); !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "identity") {
				t.Errorf("%s: Get with a wrong passphrase = %v", name, err)
			}
		}
	}
}

// What cannot be an identity is named, and nothing of it is shown.
func TestBadIdentities(t *testing.T) {
	id := x25519(t)
	sshFile, sshLine, _ := sshKey(t, "")
	protectedSSH, _, _ := sshKey(t, "p")
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for want, text := range map[string]string{
		"holds no identity":                             "",
		"holds no identity: age-keygen":                 "# only a comment\n\n",
		"an age identity and an SSH key":                id.String() + "\n" + sshFile,
		"an age identity and an SSH key: name":          sshFile + id.String() + "\n",
		"cut or mistyped":                               id.String()[:60],
		"hybrid (post-quantum)":                         hybrid.String(),
		"an age plugin":                                 "AGE-PLUGIN-YUBIKEY-1QQPSCANARY",
		"a public key: name the file of the private":    id.Recipient().String(),
		"a public key":                                  sshLine,
		"a public key: name":                            "ssh-rsa AAAAB3NzaCANARY",
		"in another form than OpenSSH's":                "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----\n",
		"in another form than OpenSSH's: make one with": "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n",
		"PuTTY":                                 "PuTTY-User-Key-File-3: ssh-ed25519\nCANARY",
		"under a passphrase":                    protectedSSH,
		"private key that is damaged":           sshFile[:len(sshFile)/2],
		"more than 64 identities":               strings.Repeat(id.String()+"\n", 65),
		"something that is not an age identity": "CANARY",
		"something that is not an":              "\x00\xff\x1b[2JCANARY",
		"larger than 65536 bytes":               strings.Repeat("#\n", 40000),
		"in another way than age -p does":       seal(t, "x", id.Recipient()),
		"2^20 is not computed":                  strings.Replace(seal(t, "x", under(t, "p", 4)), " 4\n", " 30\n", 1),
		"2^20":                                  strings.Replace(seal(t, "x", under(t, "p", 4)), " 4\n", " 99999999999999999999\n", 1),
		"or damaged":                            strings.Replace(seal(t, "x", under(t, "p", 4)), " 4\n", " 04\n", 1),
		"wrong passphrase":                      seal(t, id.String(), under(t, "q", 4)),
		"than age -p does, or damaged":          seal(t, seal(t, id.String(), under(t, "q", 4)), under(t, "p", 4)),
		"holds no identity: age":                seal(t, "# nothing\n", under(t, "p", 4)),
	} {
		s := by(t, text, passphrase("p"))
		err := s.Set(t.Context(), "main", long)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Set with an identity of which is said %q = %v", want, err)
			continue
		}
		var hint interface{ Hint() string }
		if !errors.Is(err, ErrPassphrase) && !errors.As(err, &hint) {
			t.Errorf("%v has no cure", err)
		}
		for _, secret := range []string{"CANARY", id.String()[20:40], hybrid.String()[30:60], "\x1b"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%v shows it", err)
			}
		}
		if _, err := os.Lstat(s.backend.(*file).path); !os.IsNotExist(err) {
			t.Errorf("%q: a file was made: %v", want, err)
		}
	}
	absent := by(t, "", askNobody(t))
	absent.backend.(*file).Identity += "2"
	if err := absent.Set(t.Context(), "main", long); !errors.Is(err, ErrIdentity) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Set without the identity's file = %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	loose := by(t, id.String(), askNobody(t))
	if err := os.Chmod(loose.backend.(*file).Identity, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := loose.Set(t.Context(), "main", long); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "mode 0640") {
		t.Errorf("Set with an identity that others may read = %v", err)
	}
}

func TestRecipients(t *testing.T) {
	id := x25519(t)
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for want, to := range map[string]string{
		"an identity, which is secret": id.String(), "a hybrid": hybrid.Recipient().String(), "an age plugin": "age1yubikey1qwerty",
		"another type than ssh-ed25519": "ssh-rsa AAAA", "cut or mistyped": id.Recipient().String()[:40],
		"not a recipient, or": "", "not a recipient": "alice@example.com", "an ssh-ed25519 public key that is cut": "ssh-ed25519 AAAA",
	} {
		s := by(t, id.String(), askNobody(t), id.Recipient().String(), to)
		err := s.Set(t.Context(), "main", long)
		if !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "number 2") || strings.Contains(err.Error(), "AGE-SECRET") {
			t.Errorf("Set to %q = %v, want %q", to, err, want)
		}
	}
}

// What is configured and what the file is encrypted to differ: each has a sentence
// of its own, and the file stays.
func TestWhatDoesNotOpenIt(t *testing.T) {
	id, other := x25519(t), x25519(t)
	const keys = `{"main":{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARY"}}`
	good := seal(t, keys, under(t, "p", 4))
	big := string(make([]byte, maxKeysFile+1))
	for name, test := range map[string]struct {
		file, identity, want string
	}{
		"recipient, no identity":   {seal(t, keys, id.Recipient()), "", "is encrypted to recipients (X25519), and no keystore_identity is set"},
		"passphrase, identity":     {good, id.String(), "is encrypted under a passphrase, and keystore_identity is"},
		"another recipient":        {seal(t, keys, other.Recipient(), other.Recipient()), id.String(), "is encrypted to other recipients (X25519)"},
		"wrong passphrase":         {seal(t, keys, under(t, "q", 4)), "", "wrong passphrase for"},
		"work factor":              {strings.Replace(good, " 4\n", " 30\n", 1), "", "work factor of 2^30"},
		"work factor, one more":    {strings.Replace(good, " 4\n", " 21\n", 1), "", "work factor of 2^21"},
		"work factor, huge":        {strings.Replace(good, " 4\n", " 18446744073709551620\n", 1), "", "work factor of 2^18446744073709551620"},
		"work factor, not one":     {strings.Replace(good, " 4\n", " 4x\n", 1), "", "is damaged: its header was changed"},
		"changed work factor":      {strings.Replace(good, " 4\n", " 5\n", 1), "", "wrong passphrase for"},
		"empty":                    {"", "", "is damaged: it is empty"},
		"torn":                     {good[:10], "", "is damaged: its header is cut"},
		"torn payload":             {good[:len(good)-1], "", "is damaged: it is cut or was changed"},
		"more than age wrote":      {good + "x", "", "is damaged: it is cut or was changed"},
		"text":                     {"hello\n", "", "is not a file that age encrypted"},
		"keys in plain text":       {keys, "", "is not a file that age encrypted"},
		"armor":                    {armored(t, good), "", "in armor"},
		"too large":                {big, "", "is larger than 4194304 bytes"},
		"no JSON":                  {seal(t, "hello", under(t, "p", 4)), "", "is not a JSON object of keys"},
		"null":                     {seal(t, "null", under(t, "p", 4)), "", "is not a JSON object of keys"},
		"identity, no JSON":        {seal(t, "[]", id.Recipient()), id.String(), "is not a JSON object of keys"},
		"identity, torn":           {seal(t, keys, id.Recipient())[:190], id.String(), "is damaged"},
		"passphrase and recipient": {strings.Replace(good, "-> scrypt", "-> X25519 x\n\n-> scrypt", 1), "", "under a passphrase and to somebody else"},
	} {
		s := quick(put(t, filepath.Join(t.TempDir(), "keys.age"), test.file), passphrase("p"))
		f := s.backend.(*file)
		if test.identity != "" {
			f.Identity = put(t, f.path+"2", test.identity)
		}
		_, getErr := s.Get(t.Context(), "main")
		setErr := again(s).Set(t.Context(), "main", long)
		_, probeErr := again(s).Probe(t.Context())
		for _, err := range []error{getErr, setErr, probeErr} {
			var hint interface{ Hint() string }
			switch {
			case err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, ErrNotFound):
				t.Errorf("%s: %v, want %q", name, err, test.want)
			case !errors.Is(err, ErrPassphrase) && (!errors.As(err, &hint) || hint.Hint() == ""):
				t.Errorf("%s: %v has no cure", name, err)
			case errors.Is(err, ErrPassphrase) != strings.HasPrefix(test.want, "wrong"):
				t.Errorf("%s: %v, is a wrong passphrase: %t", name, err, errors.Is(err, ErrPassphrase))
			}
		}
		if data, err := os.ReadFile(f.path); err != nil || string(data) != test.file {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), ".keys-*")); len(left) > 0 || err != nil {
			t.Errorf("%s: left behind: %q, %v", name, left, err)
		}
	}
}

// A file that ends anywhere is damaged, never a wrong passphrase or no key, and stays.
func TestTornAnywhere(t *testing.T) {
	id := x25519(t)
	for name, s := range map[string]*Store{"passphrase": fileStore(t), "identity": by(t, id.String(), askNobody(t))} {
		f := s.backend.(*file)
		if err := s.Set(t.Context(), "main", long); err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		for n := range whole {
			put(t, f.path, string(whole[:n]))
			torn := again(s)
			_, err := torn.Get(t.Context(), "main")
			if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "is damaged") {
				t.Errorf("%s: Get from the first %d bytes = %v", name, n, err)
			}
			if n%16 == 0 {
				if err := torn.Set(t.Context(), "main", temp); err == nil {
					t.Errorf("%s: Set wrote over the first %d bytes", name, n)
				}
			}
		}
		put(t, f.path, string(whole))
		if k, err := again(s).Get(t.Context(), "main"); err != nil || !k.Equal(long) {
			t.Errorf("%s: Get = %q, %v", name, k.ID, err)
		}
	}
}

// A person has three tries; a source that has but one answer is not asked for it again.
func TestPassphrasesThatAreAskedFor(t *testing.T) {
	s := fileStore(t)
	if err := s.Set(t.Context(), "main", long); err != nil {
		t.Fatal(err)
	}
	eof := errors.New("end of input")
	for _, test := range []struct {
		answers []string
		then    error // what comes after those
		want    error
		asked   int
	}{
		{[]string{"correct"}, eof, nil, 1},
		{[]string{"wrong", "", "correct"}, eof, nil, 3},
		{[]string{"wrong", "wrong", "wrong", "correct"}, eof, ErrPassphrase, 3},
		{[]string{"", "", ""}, eof, ErrPassphrase, 3},
		{[]string{"wrong"}, eof, eof, 2},
		{[]string{"wrong"}, ErrPassphrase, ErrPassphrase, 2},
		{nil, eof, eof, 1},
	} {
		for _, change := range []bool{false, true} {
			var asked []bool
			a := again(s)
			f := a.backend.(*file)
			f.Passphrase = func(_ context.Context, how Asked) (secret.Text, error) {
				if how.New || how.Path != f.path {
					t.Errorf("asked for %+v", how)
				}
				if asked = append(asked, how.Again); len(asked) > len(test.answers) {
					return secret.Text{}, test.then
				}
				return secret.New(test.answers[len(asked)-1]), nil
			}
			_, err := a.Get(t.Context(), "main")
			if change {
				asked, f.pass = nil, nil
				err = a.Set(t.Context(), "main", long)
			}
			if !errors.Is(err, test.want) || len(asked) != test.asked || slices.Contains(asked[1:], false) || asked[0] {
				t.Errorf("%q, change: %t: %v, asked again: %v; want %v after %d", test.answers, change, err, asked, test.want, test.asked)
			}
			if errors.Is(err, ErrPassphrase) && !strings.Contains(err.Error(), f.path) {
				t.Errorf("%v does not name the file", err)
			}
		}
	}
	empty := quick(filepath.Join(t.TempDir(), "keys.age"), passphrase(""))
	if err := empty.Set(t.Context(), "main", long); !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "empty") {
		t.Errorf("Set under an empty passphrase = %v", err)
	}
}

func TestMake(t *testing.T) {
	for _, s := range []*Store{fileStore(t), by(t, x25519(t).String(), askNobody(t))} {
		if made, err := s.Make(t.Context()); !made || err != nil {
			t.Errorf("Make = %t, %v", made, err)
		}
		if made, err := again(s).Make(t.Context()); made || err != nil {
			t.Errorf("Make once more = %t, %v", made, err)
		}
		if names, err := again(s).Names(t.Context()); err != nil || len(names) > 0 {
			t.Errorf("Names() = %q, %v", names, err)
		}
	}
}

func FuzzIdentity(f *testing.F) {
	id := x25519(f)
	f.Add([]byte(id.String()))
	f.Add([]byte("\ufeff#c\r\n" + id.String() + "\r\n"))
	f.Add([]byte(keptSSH + "AAAA"))
	f.Add([]byte(openSSH + "\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"))
	f.Add([]byte(seal(f, id.String(), under(f, "p", 4))))
	o := &file{FileOptions: FileOptions{Identity: "i"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		ids, protected, err := o.parse(data)
		if (err == nil) == (len(ids) == 0 && protected == nil) {
			t.Errorf("parse = %d identities, %d bytes, %v", len(ids), len(protected), err)
		}
		for _, id := range ids {
			if back, err := o.parseLines(id.line); err != nil || len(back) != 1 || back[0].line != id.line {
				t.Errorf("what is kept is not read back: %v", err)
			}
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(seal(f, "{}", under(f, "p", 4))))
	f.Add([]byte(seal(f, "{}", x25519(f).Recipient())))
	f.Add([]byte(ageHeader + "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n\n--- AAAA\n"))
	id := x25519(f)
	path := put(f, filepath.Join(f.TempDir(), "identity"), id.String())
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("scrypt")) && !bytes.Contains(data, []byte(" 4\n")) {
			return // work that is taken, and takes long
		}
		for _, o := range []FileOptions{{Path: "k", Passphrase: passphrase("p")}, {Path: "k", Identity: path}} {
			s := &file{FileOptions: o, path: "k"}
			if keys, err := s.decrypt(t.Context(), data, need{}); err == nil && keys == nil {
				t.Error("neither keys nor an error")
			}
		}
	})
}
