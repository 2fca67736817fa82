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
	var types []string
	for _, s := range stanzas {
		types = append(types, s.Type)
	}
	underPassphrase := slices.Contains(types, scryptType)
	switch {
	case f.Identity != "" && underPassphrase:
		return nil, f.forAPassphrase()
	case f.Identity != "":
		return f.byIdentity(ctx, stanzas, types, n)
	case !underPassphrase:
		return nil, f.forRecipients(types)
	case len(stanzas) > 1:
		return nil, f.damaged("it is encrypted under a passphrase and to somebody else")
	}
	return f.byPassphrase(ctx, stanzas[0], n)
}

func (f *file) byIdentity(ctx context.Context, stanzas []*age.Stanza, types []string, n need) ([]byte, error) {
	ids, err := f.identities(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		fileKey, err := id.Unwrap(stanzas)
		if err == nil {
			return fileKey, nil
		}
		if !errors.Is(err, age.ErrIncorrectIdentity) {
			return nil, f.damaged("its header was changed")
		}
	}
	return nil, f.forOthers(types)
}

func (f *file) byPassphrase(ctx context.Context, s *age.Stanza, n need) (fileKey []byte, err error) {
	salt, work, err := readScrypt(s)
	if errors.Is(err, errWork) {
		return nil, f.tooMuchWork(f.path, s.Args[1])
	}
	if err != nil {
		return nil, f.damaged("its header was changed")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	try := func(pass secret.Text, key scryptKey) (err error) {
		if !key.is(salt, work) {
			if key, err = deriveKey(pass, salt, work); err != nil {
				return err
			}
		}
		var ok bool
		if fileKey, ok = key.open(s); !ok {
			return f.wrong(f.path)
		}
		f.pass, f.key = &pass, key
		return nil
	}
	if f.pass != nil {
		if err := try(*f.pass, f.key); err == nil || n.quiet {
			return fileKey, err
		}
	}
	if !n.fresh {
		k, _ := f.kept() // where nothing can be kept a passphrase is asked for
		if held := k.scrypt(); held.is(salt, work) {
			if fileKey, ok := held.open(s); ok {
				f.until = k.until()
				if !n.pass {
					return fileKey, nil
				}
			}
		}
		if pass, ok := k.passphrase(); ok && try(pass, k.scrypt()) == nil {
			f.until = k.until()
			f.keepOpen()
			return fileKey, nil
		}
	}
	if n.quiet {
		return nil, f.wrong(f.path)
	}
	if err := f.ask(ctx, f.path, func(pass secret.Text) error { return try(pass, scryptKey{}) }); err != nil {
		return nil, err
	}
	f.keepOpen()
	return fileKey, nil
}

// ask gets a passphrase for the file at path that try takes. A source that would
// give a wrong one again says so.
func (f *file) ask(ctx context.Context, path string, try func(secret.Text) error) error {
	var wrong error
	for i := range askTries {
		pass, err := f.Passphrase(ctx, Asked{Path: path, Again: i > 0})
		if i > 0 && err == ErrPassphrase { // bare: it does not say where the wrong one came from
			return wrong
		}
		if err != nil {
			return err
		}
		if wrong = f.wrong(path); pass.Empty() {
			continue
		}
		if err := try(pass); !errors.Is(err, ErrPassphrase) {
			return err
		}
	}
	return wrong
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
		return errEmpty()
	}
	f.pass = &pass
	return nil
}

func errEmpty() error {
	return &fault{text: "the passphrase is empty", cure: "choose another one; nothing was stored", kind: ErrPassphrase}
}

// encrypt returns the file of these keys. key is what a passphrase became for it.
func (f *file) encrypt(plain []byte) (data []byte, key scryptKey, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var to []age.Recipient
	if f.Identity != "" {
		to, err = f.recipients(f.opened)
	} else if key, err = newScryptKey(*f.pass, f.work); err == nil {
		to = []age.Recipient{key}
	}
	if err != nil {
		return nil, key, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), key, err
}

// keepOpen keeps what opened the file for a while, or for as long as what was kept
// had; f.mu is held. Where that cannot be, the next call asks again.
func (f *file) keepOpen() {
	target, err := f.target()
	if err != nil {
		return
	}
	was, err := readKept(target)
	if err != nil || !f.until.IsZero() && was.Until == 0 {
		return // it was locked meanwhile
	}
	k := f.keepable()
	end := f.until
	if pass, ok := was.passphrase(); ok && f.pass != nil && pass.Equal(*f.pass) {
		k.Passphrase = was.Passphrase
	} else if later := time.Now().Add(f.Keep); f.Keep > 0 && later.After(end) {
		end = later
	}
	if !end.IsZero() {
		_ = keep(target, k, end)
	}
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
