package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// origin is a place where keys were looked for.
type origin struct {
	found []*candidate
	// nothing says that there are none.
	nothing string
	// files are those of ~/.aws, or the CSV file, whose keys can be removed.
	files []*keyFile
}

// keyFile is a file in which keys lie in plain text.
type keyFile struct {
	path        string
	credentials bool // of ~/.aws: the credentials file, else the config file
	csv         bool
	text        []byte // of the CSV file, as it was read
	kept        string // why it is not removed, of the CSV file
}

// candidate is a key that was found.
type candidate struct {
	profile          string // "" in the environment
	where            string // for messages: the file and line
	key              keystore.Key
	region, endpoint string
	// name is that of the key in the keystore, label that of a connector.
	name, label string
	named       bool   // was asked for by name
	replaces    string // the id of the stored key in whose place it goes
	does        doing
	why         string // with does, for the table
	err         error  // why it is not stored
	file        *keyFile
	found       awsconfig.AccessKey // in a file of ~/.aws
	settled     bool                // connector and profile are what they should be
}

// look finds the keys.
func (t *takeover) look(ctx context.Context) (origin, error) {
	var s origin
	var err error
	switch o := t.asked; {
	case o.env:
		s, err = t.lookInEnvironment()
	case o.csv != "":
		s, err = t.lookInCSV(o.csv)
	case o.vault != "":
		s, err = t.lookInVault(ctx, o.vault)
	default:
		s, err = t.lookInFiles()
	}
	if err != nil {
		return s, err
	}
	return t.selected(s)
}

// selected keeps of s what was asked for by name, or all.
func (t *takeover) selected(s origin) (origin, error) {
	names := t.asked.profiles
	for _, name := range names {
		if !slices.ContainsFunc(s.found, func(c *candidate) bool { return c.profile == name }) {
			what := fmt.Sprintf("no key of profile %q", name)
			if looksLikeKey(name) || len(name) >= secretLength {
				what = "no key of a profile of that name"
			}
			return s, &usageError{what, "nothing was changed; `aws-connector key import --dry-run` shows what there is"}
		}
	}
	if len(names) > 0 {
		s.found = slices.DeleteFunc(s.found, func(c *candidate) bool { return !slices.Contains(names, c.profile) })
	}
	for _, c := range s.found {
		c.named = len(names) > 0 || t.asked.as != ""
	}
	return s, nil
}

// lookInFiles reads the SDKs' credentials and config files.
func (t *takeover) lookInFiles() (origin, error) {
	where := ambient()
	switch {
	case where.Err != nil:
		return origin{}, where.Err
	case where.CredentialsFile == "":
		return origin{}, &usageError{fmt.Sprintf("no place for the AWS credentials file: %v", errNoHome), "set HOME or AWS_SHARED_CREDENTIALS_FILE"}
	}
	s := origin{nothing: "there is no access key in " + where.CredentialsFile + " or " + where.ConfigFile}
	regions, endpoints := map[string]string{}, map[string]string{}
	for _, file := range []*keyFile{{path: where.CredentialsFile, credentials: true}, {path: where.ConfigFile}} {
		keys, err := readKeys(file)
		if err != nil {
			return s, err
		}
		for _, k := range keys.Keys {
			s.found = append(s.found, inFile(file, k))
		}
		for profile, region := range keys.Regions {
			regions[profile] = first(regions[profile], region)
			endpoints[profile] = first(endpoints[profile], keys.Endpoints[profile])
		}
		if len(keys.Keys) > 0 {
			s.files = append(s.files, file)
			t.warn(file)
		}
		if keys.Marked && len(keys.Keys) > 0 {
			t.app.say("%s begins with a byte order mark, for which the AWS CLI refuses it; it stays: save the file as UTF-8 without one", file.path)
		}
		for _, line := range keys.Commented {
			t.app.say("%s, line %d: a comment has a key, or a part of one, too; it is not imported", file.path, line)
		}
	}
	for _, c := range s.found {
		c.region, c.endpoint = regions[c.profile], endpoints[c.profile]
	}
	hide(s.found)
	return s, nil
}

func readKeys(file *keyFile) (awsconfig.KeyFile, error) {
	text, err := awsconfig.ReadFile(file.path)
	if err != nil {
		return awsconfig.KeyFile{}, err
	}
	return parseKeys(file.path, text, file.credentials)
}

func parseKeys(path string, text []byte, credentials bool) (awsconfig.KeyFile, error) {
	keys, err := awsconfig.ReadKeys(text, credentials)
	return keys, ofText(path, err)
}

// ofText is err, about the text of a file, with the path and what to do.
func ofText(path string, err error) error {
	var bad interface {
		error
		Hint() string
	}
	if errors.As(err, &bad) {
		return &usageError{path + ": " + bad.Error(), bad.Hint()}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func inFile(file *keyFile, k awsconfig.AccessKey) *candidate {
	c := &candidate{profile: k.Profile, where: fmt.Sprintf("%s, line %d", file.path, k.Line), file: file, found: k,
		key: keystore.Key{ID: k.ID, Secret: k.Secret, SessionToken: k.Token, Expires: k.Expires}}
	if k.Problem != "" {
		c.refuse("%s", k.Problem)
	}
	return c
}

// hide marks the keys of the config file that the credentials file's hide.
func hide(found []*candidate) {
	for _, c := range found {
		for _, d := range found {
			if c.profile == d.profile && d.file.credentials && !c.file.credentials && !c.same(d) {
				c.does, c.why = isLeft, "left: the SDKs take the one in "+d.file.path
			}
		}
	}
}

// warn tells that others may have read a file.
func (t *takeover) warn(file *keyFile) {
	info, err := os.Stat(file.path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.app.say("%s has mode %04o: others on this machine may have read its keys; replace them at AWS, and run chmod 600 on it", file.path, info.Mode().Perm())
	}
}

// lookInEnvironment takes the key that the SDKs would.
func (t *takeover) lookInEnvironment() (origin, error) {
	c := &candidate{where: "the environment", region: first(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))}
	c.key = keystore.Key{ID: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: secret.New(os.Getenv("AWS_SECRET_ACCESS_KEY")),
		SessionToken: secret.New(first(os.Getenv("AWS_SESSION_TOKEN"), os.Getenv("AWS_SECURITY_TOKEN")))}
	if at, err := time.Parse(time.RFC3339, os.Getenv("AWS_CREDENTIAL_EXPIRATION")); err == nil && !c.key.SessionToken.Empty() {
		c.key.Expires = at
	}
	missing := ""
	switch {
	case c.key.ID == "":
		missing = "AWS_ACCESS_KEY_ID"
	case c.key.Secret.Empty():
		missing = "AWS_SECRET_ACCESS_KEY"
	}
	if missing != "" {
		return origin{}, &usageError{missing + " is not set", "nothing was changed; export it in this shell, or import from elsewhere: `aws-connector key import --help`"}
	}
	return origin{found: []*candidate{c}}, nil
}
