// Package awsvault reads the keys that aws-vault keeps in its file backend: a
// directory with one encrypted file for each, as github.com/99designs/keyring
// writes them. It changes nothing there.
package awsvault

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

const (
	maxFiles = 1000
	maxFile  = 256 << 10
	// maxWork is how many iterations one file may ask for, which is what aws-vault
	// itself takes: it writes 8192. All files together may ask for maxAll, a few
	// seconds' worth.
	maxWork = 1_300_000
	maxAll  = 10 * maxWork
)

// ErrPassphrase means that no file could be opened with the passphrase.
var ErrPassphrase = errors.New("wrong passphrase")

// Key is an access key as aws-vault keeps it.
type Key struct {
	// Profile is the name that aws-vault has for it.
	Profile string
	ID      string
	// Token is empty in a long-term key.
	Secret, Token secret.Text
	// Expires is zero where it is not known or never.
	Expires time.Time
	// Err is why there is no key; nothing but Profile is set then.
	Err error
}

// Vault is a directory of aws-vault's.
type Vault struct {
	// Sessions is how many sessions and tokens of SSO lie beside the keys. They
	// are for aws-vault alone.
	Sessions int
	files    []file
}

type file struct {
	profile string
	sealed  sealed
	err     error
}

// Open reads the files in dir. What is there beside keys is passed over.
func Open(dir string) (Vault, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Vault{}, err
	}
	if len(entries) > maxFiles {
		return Vault{}, fmt.Errorf("%s has more than %d files", dir, maxFiles)
	}
	var v Vault
	work := maxAll
	for _, e := range entries {
		profile := unescape(e.Name())
		switch {
		case e.IsDir() || strings.HasPrefix(profile, "."):
			continue
		case isSession(profile):
			v.Sessions++
			continue
		}
		f := file{profile: profile}
		data, err := awsconfig.ReadRegular(filepath.Join(dir, e.Name()), maxFile)
		if f.err = cause(err); err == nil {
			f.sealed, f.err = parse(data, min(work, maxWork))
		}
		work -= f.sealed.iterations
		v.files = append(v.files, f)
	}
	return v, nil
}

// cause leaves the path out, which may name what is not to be shown.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	if err != nil {
		return errNotJWE
	}
	return nil
}

// Len returns how many files are there that should be keys.
func (v Vault) Len() int { return len(v.files) }

// Locked reports whether there is a file for which a passphrase is needed.
func (v Vault) Locked() bool {
	return slices.ContainsFunc(v.files, func(f file) bool { return f.err == nil })
}

// Keys decrypts the files with the passphrase, in the order of their names. Its
// error is [ErrPassphrase] if not one of them opens.
func (v Vault) Keys(passphrase secret.Text) ([]Key, error) {
	var all []Key
	opened := false
	for _, f := range v.files {
		k := Key{Profile: f.profile, Err: f.err}
		if k.Err == nil {
			k = f.key(passphrase)
			opened = opened || !errors.Is(k.Err, ErrPassphrase)
		}
		all = append(all, k)
	}
	if v.Locked() && !opened {
		return nil, ErrPassphrase
	}
	return all, nil
}

// key reads the item that is in a file, and the credentials in that. Earlier
// versions of aws-vault had fewer members, of the same names.
func (f file) key(passphrase secret.Text) Key {
	none := Key{Profile: f.profile}
	plain, err := f.sealed.open(passphrase)
	if err != nil {
		none.Err = err
		return none
	}
	var item struct {
		Key  string
		Data []byte
	}
	var c struct {
		AccessKeyID, SecretAccessKey, SessionToken string
		CanExpire                                  bool
		Expires                                    time.Time
	}
	if json.Unmarshal(plain, &item) != nil || json.Unmarshal(item.Data, &c) != nil {
		none.Err = errors.New("it holds no access key")
		return none
	}
	if item.Key != "" && item.Key != f.profile {
		none.Err = errors.New("it is the file of another profile, renamed")
		return none
	}
	k := Key{Profile: f.profile, ID: c.AccessKeyID, Secret: secret.New(c.SecretAccessKey), Token: secret.New(c.SessionToken)}
	if c.CanExpire {
		k.Expires = c.Expires
	}
	return k
}

// unescape is the inverse of what the names of files are made by: % and two
// digits for a slash and for itself.
func unescape(name string) string {
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			if c, err := strconv.ParseUint(name[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(c))
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}

var session = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^,]+,[^,]+,[^,]*,[0-9]+$|^session:[^ ]+:[^ ]*:[^:]+$|^.+ session \([0-9]+\)$|^oidc:`)
})

// isSession tells the names of sessions and of tokens of SSO, in this and in
// earlier versions of aws-vault, from profiles.
func isSession(name string) bool { return session().MatchString(name) }
