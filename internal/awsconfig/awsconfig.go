// Package awsconfig edits profiles of the AWS SDKs' config file so that they
// take their credentials from a credential_process. Everything else in the file
// stays byte for byte.
//
// The SDKs do not agree about that file. What is written is read alike by all of
// them, and a profile that some would read differently afterwards is refused.
// Sources: Python's configparser and botocore configloader.py for the AWS CLI,
// aws-sdk-go-v2 config/internal/ini, and what botocore did when it was run.
package awsconfig

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

const (
	processKey = "credential_process"
	regionKey  = "region"

	// byteOrderMark is what no SDK skips and editors on Windows write.
	byteOrderMark = "\ufeff"
)

var (
	profileName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@/+-]*$`) })
	regionName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9-]*$`) })
)

// Profile is what a profile is to have.
type Profile struct {
	// Name has letters, digits and . _ @ / + -, so that no SDK wants it quoted.
	Name string
	// Command is the line to run, as [Command] makes it.
	Command string
	// Region is written where the profile has none; it may be empty.
	Region string
}

// Result is an edited config file.
type Result struct {
	// Config is the new text; if Profiles is empty, it is the old one.
	Config []byte
	// Profiles are the names of those that were changed.
	Profiles []string
	// Findings are what a person should know beside. Their lines are those of the old text.
	Findings []Finding
}

// Set gives each profile its credential_process. A profile that exists keeps
// everything else; its region too, even if it is another, since nothing tells
// who wrote it: that is a finding. One that does not exist is appended as a
// section of its own after a blank line. Setting twice changes nothing.
//
// credentials is the SDKs' credentials file, which is only looked at: what a
// profile has there wins. If any profile would not work in all SDKs, the error
// is a [RefusedError] and no profile is changed.
func Set(config, credentials []byte, profiles []Profile) (Result, error) {
	for i, p := range profiles {
		if err := p.check(); err != nil {
			return Result{}, err
		}
		if slices.ContainsFunc(profiles[:i], func(q Profile) bool { return q.Name == p.Name }) {
			return Result{}, fmt.Errorf("profile %q is given twice", p.Name)
		}
	}
	mark, text := cutMark(config)
	credsMark, creds := cutMark(credentials)
	f, err := examine(parse(text), parse(creds), profiles)
	if err != nil {
		return Result{}, err
	}
	if len(mark) > 0 {
		f = slices.Insert(f, 0, Finding{Kind: ByteOrderMark, Line: 1})
	}
	if len(credsMark) > 0 {
		f = append(f, Finding{Kind: ByteOrderMark, Line: 1, Credentials: true})
	}
	r := Result{Config: config, Findings: f}
	for _, p := range profiles {
		if next := setProfile(text, p); !bytes.Equal(next, text) {
			text = next
			r.Profiles = append(r.Profiles, p.Name)
		}
	}
	if len(r.Profiles) > 0 {
		r.Config = append(mark, text...)
	}
	return r, nil
}

// Remove takes the credential_process from the named profiles, or from all if
// none is named, where ours says that its command is one to remove; that of a
// named profile which is not is a finding. A section that holds just what [Set]
// writes goes as a whole, so that Remove undoes a Set that made the profile.
func Remove(config []byte, names []string, ours func(command string) bool) Result {
	mark, text := cutMark(config)
	r := Result{Config: config}
	wanted := func(s section) bool { return s.profile != "" && (len(names) == 0 || slices.Contains(names, s.profile)) }
	for _, s := range parse(text).sections {
		if p, ok := s.find(processKey); ok && len(names) > 0 && wanted(s) && !ours(p.value) {
			r.Findings = append(r.Findings, Finding{Kind: OtherCommand, Line: p.line + 1, Profile: s.profile})
		}
	}
	for {
		d := parse(text)
		i := slices.IndexFunc(d.sections, func(s section) bool {
			p, ok := s.find(processKey)
			return ok && !p.odd && wanted(s) && ours(p.value)
		})
		if i < 0 {
			break
		}
		if name := d.sections[i].profile; !slices.Contains(r.Profiles, name) {
			r.Profiles = append(r.Profiles, name)
		}
		text = d.withoutProcess(i)
	}
	if len(r.Profiles) > 0 {
		r.Config = append(mark, text...)
	}
	return r
}

func (p Profile) check() error {
	if !profileName().MatchString(p.Name) {
		return fmt.Errorf("%q cannot be the name of a profile for all SDKs: use letters, digits and . _ @ / + -", p.Name)
	}
	if !regionName().MatchString(p.Region) {
		return fmt.Errorf("profile %q: %q is not a region", p.Name, p.Region)
	}
	c := p.Command
	switch {
	case c == "" || c != strings.TrimSpace(c) || strings.ContainsFunc(c, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("profile %q: the command is not one line of text", p.Name)
	case strings.Contains(c, " #") || strings.Contains(c, " ;"):
		return fmt.Errorf("profile %q: some SDKs would take the end of the command for a comment", p.Name)
	case len(c) > 1 && c[0] == c[len(c)-1] && strings.ContainsRune(`"'`, rune(c[0])):
		return fmt.Errorf("profile %q: some SDKs would take the quotes at both ends from the command", p.Name)
	}
	return nil
}

func cutMark(text []byte) (mark, rest []byte) {
	if rest, ok := bytes.CutPrefix(text, []byte(byteOrderMark)); ok {
		return []byte(byteOrderMark), rest
	}
	return nil, text
}
