package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/doctor"
	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/internal/tty"
	"aws-connector/keystore"
)

const (
	passphraseFileVariable = "AWS_CONNECTOR_PASSPHRASE_FILE"
	passphraseVariable     = "AWS_CONNECTOR_PASSPHRASE"
	// credentialsVariable is the directory of what systemd hands to a unit.
	// https://systemd.io/CREDENTIALS/
	credentialsVariable = "CREDENTIALS_DIRECTORY"
	credentialName      = "aws-connector-passphrase"

	againPrompt = "The same again:"
	theyDiffer  = "The two differ: try again."
	isEmpty     = "An empty passphrase protects nothing: try again."
	wasWrong    = "Wrong passphrase: try again."
	// passphraseTries is how often a new one may be mistyped.
	passphraseTries = 3
)

// errMistyped ends a dialogue whose question is asked again.
var errMistyped = errors.New("mistyped")

// keepToItself takes what opens the keystore out of the reach of the programs that
// are run: the variable with the passphrase, and an inherited pipe that holds it.
func (a *App) keepToItself() {
	a.spoken = secret.New(os.Getenv(passphraseVariable))
	os.Unsetenv(passphraseVariable)
	path := os.Getenv(passphraseFileVariable)
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if number, ok := strings.CutPrefix(path, dir); ok {
			if fd, err := strconv.Atoi(number); err == nil && fd > 2 {
				closeOnExec(fd)
			}
		}
	}
}

// fileStore is the encrypted keystore beside connectors.toml.
func (a *App) fileStore(f connector.File) *keystore.Store {
	return keystore.EncryptedFile(a.fileOptions(f))
}

func (a *App) fileOptions(f connector.File) keystore.FileOptions {
	return keystore.FileOptions{
		Path: keysPath(f), Identity: inHomeDir(f.Opening.Identity), Recipients: f.Opening.Recipients, Keep: f.Opening.Keep,
		Passphrase: func(ctx context.Context, asked keystore.Asked) (secret.Text, error) {
			s, err := a.silentSource(f.Opening)
			switch {
			case err != nil:
				return secret.Text{}, err
			case s == nil:
				return a.askPassphrase(ctx, asked)
			case asked.Again:
				return secret.Text{}, &wrongPassphrase{asked.Path, s.name}
			}
			return s.read(ctx)
		},
	}
}

// source is where a passphrase is found without anybody being asked.
type source struct {
	name string
	// what is the same for a person, in a sentence.
	what string
	read func(context.Context) (secret.Text, error)
}

// silentSource returns the first one that there is, nil for none. One that there is
// and that cannot be used is an error when it is read: no other takes its place.
func (a *App) silentSource(o connector.Opening) (*source, error) {
	path, err := pathVariable(passphraseFileVariable)
	if err != nil {
		return nil, err
	}
	if path != "" {
		return a.fileSource(passphraseFileVariable, path), nil
	}
	dir, err := pathVariable(credentialsVariable)
	if err != nil {
		return nil, err
	}
	if dir != "" {
		path := filepath.Join(dir, credentialName)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return a.fileSource("systemd's credential "+credentialName, path), nil
		}
	}
	if o.AllowEnvPassphrase && !a.spoken.Empty() {
		return &source{passphraseVariable, "the passphrase in " + passphraseVariable, func(context.Context) (secret.Text, error) { return a.spoken, nil }}, nil
	}
	return nil, nil
}

func (a *App) fileSource(name, path string) *source {
	read := func(ctx context.Context) (secret.Text, error) {
		if said, ok := a.passphrases[path]; ok {
			return said.pass, said.err
		}
		pass, err := keystore.PassphraseFile(ctx, path)
		if err != nil {
			err = fmt.Errorf("no passphrase from %s: %w", name, err)
		}
		if !isReadOnce(path) || ctx.Err() != nil {
			return pass, err
		}
		if a.passphrases == nil {
			a.passphrases = map[string]saidOnce{}
		}
		a.passphrases[path] = saidOnce{pass, err}
		return pass, err
	}
	return &source{name, "the passphrase in " + path + ", from " + name, read}
}

// saidOnce is what a pipe said, or that it said nothing: it is not waited for again.
type saidOnce struct {
	pass secret.Text
	err  error
}

// isReadOnce reports whether path is a pipe, or a descriptor, which is where its last
// reader left it. Another file may be replaced, and is read again.
func isReadOnce(path string) bool {
	info, err := os.Stat(path)
	return err == nil && (!info.Mode().IsRegular() || strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/"))
}

// wrongPassphrase is one that no person typed, and that would be the same again.
type wrongPassphrase struct{ path, source string }

func (e *wrongPassphrase) Error() string {
	return fmt.Sprintf("%v for %s: the one from %s", keystore.ErrPassphrase, e.path, e.source)
}
func (e *wrongPassphrase) Unwrap() error { return keystore.ErrPassphrase }
func (e *wrongPassphrase) Hint() string {
	return "correct what " + e.source + " holds, or unset it to be asked for the passphrase in a terminal"
}

// askPassphrase asks a person: by a pinentry program, else on the terminal.
func (a *App) askPassphrase(ctx context.Context, asked keystore.Asked) (secret.Text, error) {
	problem := ""
	if asked.Again {
		problem = wasWrong
	}
	for range passphraseTries {
		pass, again, err := a.askOnce(ctx, asked, problem)
		switch {
		case err != nil:
			return secret.Text{}, err
		case pass.Empty():
			problem = isEmpty
		case asked.New && !pass.Equal(again):
			problem = theyDiffer
		default:
			return pass, nil
		}
	}
	advice := "try again"
	if asked.New {
		advice = "nothing was stored: try again"
	}
	return secret.Text{}, &helper.Error{Reason: helper.NeedsPerson, Err: errMistyped, Text: "no passphrase for " + asked.Path + " was given in three tries", Advice: advice}
}

// askOnce asks for a passphrase and, where it is chosen now, for the same again.
func (a *App) askOnce(ctx context.Context, asked keystore.Asked, problem string) (pass, again secret.Text, err error) {
	if a.silent {
		return pass, again, fmt.Errorf("%w for %s", doctor.ErrAsks, asked.Path)
	}
	p := a.pinentries()
	path, err := p.chosen()
	if err != nil {
		return pass, again, err
	}
	programs := p.found()
	if path != "" {
		programs = []string{path}
	}
	for _, program := range programs {
		pass, again, err = p.passphrase(ctx, program, asked, problem)
		switch {
		case errors.Is(err, helper.ErrDismissed):
			return pass, again, &helper.Error{Reason: helper.NeedsPerson, Text: "no passphrase for " + asked.Path + ": the question was dismissed", Err: err, Advice: "try again, or run `aws-connector keystore unlock` in a terminal"}
		case errors.Is(err, context.DeadlineExceeded):
			return pass, again, &helper.Error{Reason: helper.NeedsPerson, Text: "no passphrase for " + asked.Path + ": nobody answered in time", Err: err, Advice: "run `aws-connector keystore unlock` in a terminal, which waits as long as you like"}
		case !errors.Is(err, errNoWindow):
			return pass, again, err
		}
	}
	t, err := a.Terminal()
	if err != nil {
		return pass, again, a.noPassphrase(asked.Path, err)
	}
	defer t.Close()
	err = t.Hidden(func() error {
		if problem != "" {
			fmt.Fprintln(t, "  "+problem)
		}
		if pass, err = t.AskSecret(ctx, plain.Line(passphraseFor(asked))+": "); err == nil && asked.New && !pass.Empty() {
			again, err = t.AskSecret(ctx, againPrompt+" ")
		}
		if err == nil && (pass.Empty() || asked.New && !pass.Equal(again)) {
			return errMistyped // what was pasted beyond it is no answer to the next question
		}
		return err
	})
	if errors.Is(err, errMistyped) {
		err = nil
	}
	if errors.Is(err, tty.ErrEOF) {
		err = fmt.Errorf("no passphrase for %s: %w", asked.Path, err)
	}
	return pass, again, err
}

func passphraseFor(asked keystore.Asked) string {
	if asked.New {
		return "New passphrase for " + asked.Path
	}
	return "Passphrase for " + asked.Path
}

// passphrase asks with a program, by its own means or twice.
func (p *pinentries) passphrase(ctx context.Context, program string, asked keystore.Asked, problem string) (pass, again secret.Text, err error) {
	r := request{text: plain.Line(passphraseFor(asked)), prompt: "Passphrase:", problem: problem, twice: asked.New}
	if pass, err = p.ask(ctx, program, r); !errors.Is(err, errTwice) {
		return pass, pass, err
	}
	again, err = p.ask(ctx, program, request{text: r.text, prompt: againPrompt})
	return pass, again, err
}

// noPassphrase says that there is nobody to ask, and what to do.
func (a *App) noPassphrase(path string, cause error) error {
	advice := "run `aws-connector keystore unlock` in a terminal, or set " + passphraseFileVariable + " to a file of mode 0600 that holds it"
	if !a.spoken.Empty() {
		advice += "; " + passphraseVariable + " is only read with allow_env_passphrase = true in connectors.toml"
	}
	return &helper.Error{Reason: helper.NeedsPerson, Text: fmt.Sprintf("no passphrase for %s and no terminal to ask on", path), Advice: advice, Err: cause}
}
