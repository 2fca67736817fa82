package awsconfig

import (
	"slices"
	"strings"
	"time"

	"aws-connector/internal/secret"
)

const (
	keyID     = "aws_access_key_id"
	keySecret = "aws_secret_access_key"
)

// tokenKeys are the names of a session token, the one that counts first.
var tokenKeys = []string{"aws_session_token", "aws_security_token"}

// expiryKeys are where programs that write temporary keys put when they expire.
// No SDK reads them.
var expiryKeys = []string{"x_security_token_expires", "aws_credential_expiration", "aws_expiration", "aws_session_expiration", "expiration"}

// AccessKey is an access key in a config or credentials file.
type AccessKey struct {
	Profile string
	// Line is that of its id, or of what else is there of it, from 1.
	Line int
	ID   string
	// Token is empty in a long-term key.
	Secret, Token secret.Text
	// Expires is zero where nothing tells.
	Expires time.Time
	// Problem says why it is none that can be used; it shows nothing of it.
	Problem string
	// Second is a line with another value for a part of it, 0 for none. The last
	// value counts, for those SDKs that read such a file at all.
	Second int

	lines []span // what it stands on
}

// span is lines from and before to.
type span struct{ from, to int }

// KeyFile is a config or credentials file that may have access keys.
type KeyFile struct {
	// Keys are in the order of the file.
	Keys []AccessKey
	// Regions and Endpoints are what profiles have as region and endpoint_url.
	Regions, Endpoints map[string]string
	// Commented are the lines of comments that have a part of a key, from 1.
	Commented []int
	// Marked says that the file begins with a byte order mark.
	Marked bool

	mark []byte
	doc  doc
}

// ReadKeys finds the access keys in text, which is a credentials file or else a
// config file. Sections of the same profile are taken together. Its error is
// that of [Check].
func ReadKeys(text []byte, credentials bool) (KeyFile, error) {
	if err := Check(text); err != nil {
		return KeyFile{}, err
	}
	mark, rest := cutMark(text)
	f := KeyFile{Regions: map[string]string{}, Endpoints: map[string]string{}, Marked: len(mark) > 0, mark: mark, doc: parse(rest)}
	var profiles []string
	props := map[string][]property{}
	for _, s := range f.doc.sections {
		name := s.profile
		if credentials {
			name = s.name
		}
		if name == "" {
			continue
		}
		if props[name] == nil {
			profiles = append(profiles, name)
		}
		props[name] = append(props[name], s.props...)
	}
	for _, name := range profiles {
		f.Regions[name] = f.last(props[name], regionKey)
		f.Endpoints[name] = f.last(props[name], "endpoint_url")
		if k, ok := f.key(name, props[name]); ok {
			f.Keys = append(f.Keys, k)
		}
	}
	for _, i := range f.doc.comments {
		if m := commentKey().FindStringSubmatch(strings.ToLower(f.doc.body(i))); m != nil && isStatic(m[1]) {
			f.Commented = append(f.Commented, i+1)
		}
	}
	return f, nil
}

// last returns the value of the last property of that name that all SDKs see.
func (f KeyFile) last(props []property, name string) string {
	for _, p := range slices.Backward(props) {
		if p.key == name && !p.odd && p.end == p.line+1 {
			return unquoted(p.value)
		}
	}
	return ""
}

// key makes a key of a profile's properties; false if there is no trace of one.
func (f KeyFile) key(profile string, props []property) (AccessKey, bool) {
	k := AccessKey{Profile: profile}
	values := map[string]string{}
	for _, p := range props {
		if !isStatic(p.key) {
			continue
		}
		k.lines = append(k.lines, span{p.line, p.end})
		value := unquoted(p.value)
		switch before, twice := values[p.key]; {
		case p.odd:
			k.Problem = "it is indented so that some SDKs take it for a part of the line before"
		case p.end > p.line+1:
			k.Problem = "its value goes on in another line"
		case twice && before != value:
			k.Second = p.line + 1
		}
		values[p.key] = value
		if k.Line == 0 || p.key == keyID {
			k.Line = p.line + 1
		}
	}
	if values[keyID]+values[keySecret]+values[tokenKeys[0]]+values[tokenKeys[1]] == "" && k.Problem == "" {
		return k, false
	}
	k.ID, k.Secret = values[keyID], secret.New(values[keySecret])
	k.Token = secret.New(values[tokenKeys[0]])
	if k.Token.Empty() {
		k.Token = secret.New(values[tokenKeys[1]])
	}
	for _, name := range expiryKeys {
		if at, err := time.Parse(time.RFC3339, f.last(props, name)); err == nil && !k.Token.Empty() {
			k.Expires = at
			break
		}
	}
	switch {
	case k.Problem != "":
	case profile == pythonDefaults:
		k.Problem = "the AWS CLI gives every profile what stands in [DEFAULT]"
	case k.ID == "":
		k.Problem = keyID + " is missing"
	case k.Secret.Empty():
		k.Problem = keySecret + " is missing"
	}
	return k, true
}

// unquoted returns a value without a comment behind it and quotes around it: neither
// has a part in a key, and some SDKs take them off.
func unquoted(value string) string {
	for _, comment := range []string{" #", " ;", "\t#", "\t;"} {
		value, _, _ = strings.Cut(value, comment)
	}
	value = trim(value)
	if n := len(value); n >= 2 && value[0] == value[n-1] && strings.ContainsRune(`"'`, rune(value[0])) {
		value = value[1 : n-1]
	}
	return value
}

// Without returns the text without the lines of keys, which are some of f.Keys.
// A section that then has nothing but blank lines loses its header too, unless
// that has a comment. Every other byte stays.
func (f KeyFile) Without(keys []AccessKey) []byte {
	drop := map[int]bool{}
	for _, k := range keys {
		for _, s := range k.lines {
			for i := s.from; i < s.to; i++ {
				drop[i] = true
			}
		}
	}
	for _, s := range f.doc.sections {
		if f.emptied(s, drop) {
			drop[s.header] = true
		}
	}
	out := slices.Clone(f.mark)
	for i := range len(f.doc.starts) - 1 {
		if !drop[i] {
			out = append(out, f.doc.text[f.doc.starts[i]:f.doc.starts[i+1]]...)
		}
	}
	return out
}

// emptied tells whether s had lines that are dropped, and has none left.
func (f KeyFile) emptied(s section, drop map[int]bool) bool {
	had := false
	for i := s.header + 1; i < s.end; i++ {
		if !drop[i] && trim(f.doc.body(i)) != "" {
			return false
		}
		had = had || drop[i]
	}
	return had && !strings.ContainsAny(f.doc.body(s.header), "#;")
}
