package connector

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// Opening says how the encrypted keystore is opened.
type Opening struct {
	// Identity is the path of a file, absolute or with ~/ at its beginning, whose
	// identity opens the keystore; empty where a passphrase does.
	Identity string
	// Recipients are public keys of others who may open it.
	Recipients []string
	// Pinentry is the name or path of the program that asks for passphrases and
	// codes, "off" for none, or empty for one that is found.
	Pinentry string
	// AllowEnvPassphrase says that a passphrase may come from the environment.
	AllowEnvPassphrase bool
	// Keep is how long an opened keystore stays open by itself.
	Keep time.Duration
}

const (
	usualKeep   = 300 * time.Second
	longestKeep = 24 * time.Hour
	// NoPinentry is the Pinentry of who wants none.
	NoPinentry = "off"
)

// topKeys are the keys outside all tables.
var topKeys = []string{"keystore", "keystore_identity", "keystore_recipients", "pinentry", "allow_env_passphrase", "unlock_seconds", "audit"}

// setOpening takes a key of the top that says how the keystore is opened.
func (f *File) setOpening(key string, v any) error {
	var err error
	advice := ""
	o := &f.Opening
	switch key {
	case "keystore_identity":
		advice = `write the path of a file of age identities, or of an ssh-ed25519 private key: keystore_identity = "~/.ssh/id_ed25519"`
		o.Identity, err = identityPath(v)
	case "keystore_recipients":
		advice = `write public keys: keystore_recipients = ["age1…", "ssh-ed25519 …"]`
		o.Recipients, err = recipients(v)
	case "pinentry":
		advice = `write pinentry = "/usr/bin/pinentry-curses", or "off" to be asked on the terminal`
		o.Pinentry, err = pinentry(v)
	case "allow_env_passphrase":
		o.AllowEnvPassphrase, err = boolean(v)
	case "unlock_seconds":
		advice = "0 means that the passphrase is asked for each time; `aws-connector keystore unlock` keeps it open for longer"
		if o.Keep, err = seconds(v); err != nil || o.Keep > longestKeep {
			err = fmt.Errorf("must be a whole number of seconds, 0 to %d", int(longestKeep.Seconds()))
		}
	}
	if err != nil {
		return f.fileError(key+" "+err.Error(), advice, key)
	}
	return nil
}

// checkOpening looks at what the keys that say how the keystore is opened make together.
func (f *File) checkOpening() error {
	if f.Opening.Recipients != nil && f.Opening.Identity == "" {
		return f.fileError("keystore_recipients without keystore_identity", "a file under a passphrase has no recipients: add keystore_identity, or remove this", "keystore_recipients")
	}
	return nil
}

// anIdentity is how age's private keys begin; nobody but their file should have one.
const anIdentity = "AGE-SECRET-KEY-"

func identityPath(v any) (string, error) {
	s, err := text(v)
	inHome, home := strings.CutPrefix(s, "~/")
	switch {
	case err != nil:
	case strings.Contains(strings.ToUpper(s), anIdentity):
		err = errors.New("holds a private key, which does not belong in this file: name the file that it is in")
	case !filepath.IsAbs(s) && (!home || inHome == ""):
		err = errors.New("must be an absolute path, or begin with ~/")
	case strings.HasSuffix(s, "/"):
		err = errors.New("names a directory")
	case strings.HasSuffix(s, ".pub"):
		err = errors.New("names a public key: the private one opens the keystore")
	}
	return s, err
}

// recipients reads public keys, whose beginnings alone are looked at here.
func recipients(v any) ([]string, error) {
	const most = 64
	l, err := texts(v)
	if err != nil {
		return nil, err
	}
	if len(l) > most {
		return nil, fmt.Errorf("has more than %d elements", most)
	}
	for i, s := range l {
		switch kind, _, _ := strings.Cut(s, " "); {
		case strings.Contains(strings.ToUpper(s), anIdentity):
			return nil, fmt.Errorf("element %d is a private key, which does not belong in this file", i+1)
		case kind == "ssh-ed25519" && kind != s:
		case strings.HasPrefix(kind, "ssh-"), strings.HasPrefix(kind, "ecdsa-"), strings.HasPrefix(kind, "sk-"):
			return nil, fmt.Errorf("element %d is an SSH key of another kind than ssh-ed25519", i+1)
		case strings.HasPrefix(s, "age1") && !strings.Contains(s[len("age1"):], "1") && s == kind:
		case strings.HasPrefix(s, "age1"):
			return nil, fmt.Errorf("element %d is a key for one of age's plugins, which are not run", i+1)
		default:
			return nil, fmt.Errorf("element %d is neither an age1… nor an ssh-ed25519 public key", i+1)
		}
	}
	return l, nil
}

// pinentry reads the name or path of a program.
func pinentry(v any) (string, error) {
	s, err := text(v)
	switch {
	case err != nil:
	case strings.HasPrefix(s, "~/") && s != "~/", filepath.IsAbs(s):
	case strings.ContainsAny(s, `/\`):
		err = errors.New("must be a program's name or absolute path")
	case strings.ContainsFunc(s, unicode.IsSpace):
		err = errors.New("must be a program's name or absolute path, without arguments")
	}
	return s, err
}
