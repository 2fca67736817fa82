package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/awsvault"
	"aws-connector/internal/consolecsv"
	"aws-connector/internal/dotfile"
	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
	"aws-connector/internal/tty"
	"aws-connector/keystore"
)

// usualVault stands for the directory that aws-vault would take.
const usualVault = "~/.awsvault/keys"

// lookInCSV reads a file of the AWS console.
func (t *takeover) lookInCSV(path string) (origin, error) {
	path, err := expanded(path)
	if err != nil {
		return origin{}, err
	}
	file, err := dotfile.Read(path)
	if err != nil {
		return origin{}, err
	}
	if !file.Exists() {
		return origin{}, &usageError{path + " does not exist", "nothing was changed"}
	}
	csv, err := consolecsv.Parse(file.Text())
	if err != nil {
		var bad interface{ Hint() string }
		if errors.As(err, &bad) {
			return origin{}, ofText(path, err)
		}
		return origin{}, &usageError{path + ": " + err.Error(), "nothing was changed; it should be accessKeys.csv or credentials.csv, as the AWS console gives them"}
	}
	from := &keyFile{path: file.Path(), csv: true, text: file.Text()}
	if csv.Passwords {
		from.kept = "it has passwords for the console too"
	}
	s := origin{nothing: "there is no access key in " + from.path, files: []*keyFile{from}}
	t.warn(from)
	for _, row := range csv.Rows {
		c := &candidate{profile: first(row.User, userOf(path)), where: fmt.Sprintf("%s, line %d", from.path, row.Line), file: from,
			key: keystore.Key{ID: row.ID, Secret: row.Secret, SessionToken: row.Token}}
		if c.key.ID == "" && c.key.Secret.Empty() {
			c.does, c.why = isLeft, "left: it has no access key"
			from.kept = first(from.kept, "not every row was imported")
		}
		s.found = append(s.found, c)
	}
	return s, nil
}

// userOf is the user whose keys a file has by its name, such as alice_accessKeys.csv.
func userOf(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name, _, _ = strings.Cut(name, " (") // as browsers name a second download
	for _, ending := range []string{"accessKeys", "credentials", "rootkey"} {
		if user, ok := strings.CutSuffix(name, ending); ok {
			return first(strings.TrimRight(user, "_-"), "default")
		}
	}
	return name
}

// lookInVault reads aws-vault's file backend.
func (t *takeover) lookInVault(ctx context.Context, dir string) (origin, error) {
	dir, err := vaultDir(dir)
	if err != nil {
		return origin{}, err
	}
	vault, err := awsvault.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return origin{}, &usageError{dir + " does not exist", "nothing was changed; aws-vault keeps keys there with --backend=file; --from-aws-vault=DIR or AWS_VAULT_FILE_DIR names another directory"}
	}
	if err != nil {
		return origin{}, err
	}
	if vault.Sessions > 0 {
		t.app.say("left out: %s of aws-vault's, which it makes again", count(vault.Sessions, "session"))
	}
	s := origin{nothing: "aws-vault has no key in " + dir}
	if vault.Len() == 0 {
		return s, nil
	}
	keys, err := t.openVault(ctx, vault, dir)
	if err != nil {
		return s, err
	}
	regions := profileRegions()
	for _, k := range keys {
		c := &candidate{profile: k.Profile, where: dir, region: regions[k.Profile], key: keystore.Key{ID: k.ID, Secret: k.Secret, SessionToken: k.Token, Expires: k.Expires}}
		if k.Err != nil {
			c.refuse("%v", k.Err)
		}
		s.found = append(s.found, c)
	}
	return s, nil
}

func vaultDir(dir string) (string, error) {
	if dir == usualVault {
		set, err := pathVariable("AWS_VAULT_FILE_DIR")
		if err != nil || set != "" {
			return set, err
		}
	}
	return expanded(dir)
}

// expanded is a path as an absolute one; no shell expands ~ behind a flag's =.
func expanded(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return filepath.Abs(path)
	}
	own, err := home()
	return filepath.Join(own, rest), err
}

// openVault decrypts keys with the passphrase that aws-vault itself is given in a
// variable, or with one that it asks for.
func (t *takeover) openVault(ctx context.Context, vault awsvault.Vault, dir string) ([]awsvault.Key, error) {
	if !vault.Locked() {
		return vault.Keys(secret.Text{})
	}
	if given, ok := os.LookupEnv("AWS_VAULT_FILE_PASSPHRASE"); ok {
		keys, err := vault.Keys(secret.New(given))
		return keys, notOpened(dir, err, "correct AWS_VAULT_FILE_PASSPHRASE, or unset it to be asked")
	}
	term, err := t.app.Terminal()
	if errors.Is(err, tty.ErrNone) {
		return nil, &helper.Error{Reason: helper.NeedsPerson, Text: "there is no terminal to ask on for the passphrase of " + dir, Err: err,
			Advice: "nothing was changed; aws-vault's own variable, AWS_VAULT_FILE_PASSPHRASE, is read too"}
	}
	if err != nil {
		return nil, err
	}
	defer term.Close()
	for range passphraseTries {
		var passphrase secret.Text
		if passphrase, err = term.AskSecret(ctx, "Passphrase of aws-vault for "+plain.Line(dir)+": "); err != nil {
			return nil, err
		}
		var keys []awsvault.Key
		if keys, err = vault.Keys(passphrase); err == nil {
			return keys, nil
		}
		fmt.Fprintln(term, "  that is not it")
	}
	return nil, notOpened(dir, err, "nothing was changed")
}

func notOpened(dir string, err error, advice string) error {
	if errors.Is(err, awsvault.ErrPassphrase) {
		return &helper.Error{Reason: helper.NeedsPerson, Text: "aws-vault's files in " + dir + ": wrong passphrase", Advice: advice, Err: err}
	}
	return err
}

// profileRegions are the regions of the profiles in the SDKs' config file, as far
// as it can be read: here it is not what was asked for.
func profileRegions() map[string]string {
	keys, err := readKeys(&keyFile{path: ambient().ConfigFile})
	if err != nil {
		return nil
	}
	return keys.Regions
}

// startupFiles are where shells and logins set variables, within the home directory.
var startupFiles = []string{".bashrc", ".bash_profile", ".bash_login", ".bash_aliases", ".profile", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".kshrc", ".mkshrc", ".envrc", ".env",
	".config/fish/config.fish", ".config/environment.d/aws.conf", ".pam_environment", ".ssh/environment"}

// startupLines finds where the variables of a key are set: what keeps it in plain text.
func startupLines() (all []string) {
	own, err := home()
	if err != nil {
		return nil
	}
	paths := []string{"/etc/environment", "/etc/profile"}
	for _, name := range startupFiles {
		paths = append(paths, filepath.Join(own, filepath.FromSlash(name)))
	}
	for _, path := range paths {
		file, err := dotfile.Read(path)
		if err != nil {
			continue
		}
		n := 0
		for line := range strings.Lines(string(file.Text())) {
			n++
			if text := strings.TrimSpace(line); !strings.HasPrefix(text, "#") && setsKey(text) {
				all = append(all, fmt.Sprintf("%s, line %d", path, n))
			}
		}
	}
	return all
}

// setsKey tells whether a line of a start-up file sets a variable of a key.
func setsKey(line string) bool {
	for _, name := range keyVariables {
		before, rest, ok := strings.Cut(line, name)
		if ok && !strings.HasSuffix(before, "$") && !strings.HasSuffix(before, "{") && rest != "" && strings.ContainsAny(rest[:1], "= \t") && !strings.HasPrefix(line, "unset") {
			return true
		}
	}
	return false
}

var keyVariables = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
