package keystore

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"aws-connector/internal/secret"

	"filippo.io/age"
)

// askTries is how often a person is asked, as ssh does.
const askTries = 3

// need is what opening the file is for.
type need struct {
	pass  bool // the passphrase itself, to write under it
	quiet bool // nobody is asked
	fresh bool // nothing that is kept is believed
}

// unwrap returns the key of a file with these stanzas.
func (f *file) unwrap(ctx context.Context, stanzas []*age.Stanza, n need) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var types []string
	for _, s := range stanzas {
		types = append(types, s.Type)
	}
	alone := len(types) == 1 && types[0] == scryptType
	switch {
	case !alone && slices.Contains(types, scryptType):
		return nil, f.damaged("it is encrypted under a passphrase and to somebody else")
	case alone != (f.Identity == ""):
		return nil, f.notFor(types)
	case alone:
		return f.byPassphrase(ctx, stanzas[0], n)
	}
	if err := f.openIdentities(ctx, n); err != nil {
		return nil, err
	}
	for _, id := range f.opened {
		fileKey, err := id.Unwrap(stanzas)
		if err == nil {
			return fileKey, nil
		}
		if !errors.Is(err, age.ErrIncorrectIdentity) {
			return nil, f.damaged("its header was changed")
		}
	}
	return nil, f.notFor(types)
}

func (f *file) byPassphrase(ctx context.Context, s *age.Stanza, n need) (fileKey []byte, err error) {
	head, err := readScrypt(f.path, s)
	if errors.Is(err, errStanza) {
		err = f.damaged("its header was changed")
	}
	if err != nil {
		return nil, err
	}
	// key is what pass is known to become, if it is for this header.
	try := func(pass secret.Text, key scryptKey) (err error) {
		if !key.is(head) {
			key, err = head.derived(pass)
		}
		if err == nil {
			fileKey, err = key.open(s)
		}
		if err == nil {
			f.pass, f.key = &pass, key
		}
		return err
	}
	if f.pass != nil {
		if err := try(*f.pass, f.key); err == nil {
			return fileKey, nil
		}
	}
	if k, _ := f.kept(); !n.fresh { // where nothing can be kept a passphrase is asked for
		held := k.scrypt()
		pass, whole := k.passphrase()
		err := ErrPassphrase
		switch {
		case whole:
			err = try(pass, held)
		case held.is(head) && !n.pass:
			fileKey, err = held.open(s)
		}
		if whole && err == nil || held.is(head) {
			f.until = k.until()
		}
		if err == nil {
			if !held.is(head) {
				f.keepOpen()
			}
			return fileKey, nil
		}
	}
	err = f.ask(ctx, f.path, n, func(pass secret.Text) error { return try(pass, scryptKey{}) })
	return fileKey, err
}

// ask gets a passphrase for the file at path that try takes, and keeps what it
// opened. A source that would give a wrong one again says so.
func (f *file) ask(ctx context.Context, path string, n need, try func(secret.Text) error) error {
	for i := 0; i < askTries && !n.quiet; i++ {
		pass, err := f.Passphrase(ctx, Asked{Path: path, Again: i > 0})
		if i > 0 && err == ErrPassphrase { // bare: it does not say where the wrong one came from
			break
		}
		if err == nil {
			err = ErrPassphrase
			if !pass.Empty() {
				err = try(pass)
			}
			if err == ErrPassphrase {
				continue
			}
		}
		if err == nil {
			f.keepOpen()
		}
		return err
	}
	return wrongFor(path)
}

// choose asks for the passphrase of a new file.
func (f *file) choose(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pass != nil {
		return nil
	}
	pass, err := f.Passphrase(ctx, Asked{Path: f.path, New: true})
	if err != nil {
		return err
	}
	if pass.Empty() {
		return &fault{"the passphrase is empty", "choose another one; nothing was stored", ErrPassphrase}
	}
	f.pass = &pass
	return nil
}

// encrypt returns the file of these keys.
func (f *file) encrypt(plain []byte) (data []byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var to []age.Recipient
	if f.Identity != "" {
		to, err = f.recipients()
	} else {
		var key scryptKey
		key, err = scryptKey{work: f.work}.derived(*f.pass)
		to = []age.Recipient{key}
	}
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

// keepOpen keeps what opened the file for a while, or for as long as what was kept
// had; f.mu is held. Where that cannot be, the next call asks again.
func (f *file) keepOpen() {
	was, err := f.kept()
	if err != nil || !f.until.IsZero() && was.Until == 0 {
		return // it was locked meanwhile
	}
	end := f.until
	pass, ok := was.passphrase()
	if ok = ok && f.pass != nil && pass.Equal(*f.pass); !ok {
		if later := time.Now().Add(f.Keep); f.Keep > 0 && later.After(end) {
			end = later
		}
	}
	if !end.IsZero() {
		_ = f.keep(end, ok)
	}
}

// keep keeps what opened the file until then, with its passphrase or without.
func (f *file) keep(until time.Time, pass bool) error {
	target, err := f.target()
	if err != nil {
		return err
	}
	k := f.keepable()
	if pass && f.pass != nil {
		k.Passphrase = []byte(f.pass.Reveal())
	}
	return keep(target, k, until)
}

func (f *file) keepable() kept {
	if f.Identity == "" {
		return kept{Salt: f.key.salt, Work: f.key.work, Key: f.key.key}
	}
	k := kept{Of: f.of}
	for _, id := range f.opened {
		k.Identities += id.line + "\n"
	}
	return k
}

// kept is what keeps this file open.
func (f *file) kept() (kept, error) {
	target, err := f.target()
	if err != nil {
		return kept{}, err
	}
	return readKept(target)
}
