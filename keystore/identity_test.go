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
		"holds no identity":                              "",
		"holds no identity: age-keygen":                  "# only a comment\n\n",
		"an age identity and an SSH key":                 id.String() + "\n" + sshFile,
		"an age identity and an SSH key: name":           sshFile + id.String() + "\n",
		"incomplete or mistyped":                         id.String()[:60],
		"hybrid (post-quantum)":                          hybrid.String(),
		"an age plugin":                                  "AGE-PLUGIN-YUBIKEY-1QQPSCANARY",
		"a public key: name the file of the private":     id.Recipient().String(),
		"a public key":                                   sshLine,
		"a public key: name":                             "ssh-rsa AAAAB3NzaCANARY",
		"not in OpenSSH's format":                        "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----\n",
		"that is not in OpenSSH's format: make one with": "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n",
		"PuTTY":                                 "PuTTY-User-Key-File-3: ssh-ed25519\nCANARY",
		"under a passphrase":                    protectedSSH,
		"private key that is damaged":           sshFile[:len(sshFile)/2],
		"more than 64 identities":               strings.Repeat(id.String()+"\n", 65),
		"something that is not an age identity": "CANARY",
		"something that is not an":              "\x00\xff\x1b[2JCANARY",
		"larger than 65536 bytes":               strings.Repeat("#\n", 40000),
		"not encrypted by age -p":               seal(t, "x", id.Recipient()),
		"accepted is 2^20":                      strings.Replace(seal(t, "x", under(t, "p", 4)), " 4\n", " 30\n", 1),
		"2^20":                                  strings.Replace(seal(t, "x", under(t, "p", 4)), " 4\n", " 99999999999999999999\n", 1),
		"is damaged":                            strings.Replace(seal(t, "x", under(t, "p", 4)), " 4\n", " 04\n", 1),
		"wrong passphrase":                      seal(t, id.String(), under(t, "q", 4)),
		"is damaged, or was not":                seal(t, seal(t, id.String(), under(t, "q", 4)), under(t, "p", 4)),
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
		"another type than ssh-ed25519": "ssh-rsa AAAA", "incomplete or mistyped": id.Recipient().String()[:40],
		"not a recipient, or": "", "not a recipient": "alice@example.com", "an ssh-ed25519 public key that is cut": "ssh-ed25519 AAAA",
	} {
		s := by(t, id.String(), askNobody(t), id.Recipient().String(), to)
		err := s.Set(t.Context(), "main", long)
		if !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "number 2") || strings.Contains(err.Error(), "AGE-SECRET") {
			t.Errorf("Set to %q = %v, want %q", to, err, want)
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
