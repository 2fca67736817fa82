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
	// Left is how many profiles Remove left that run this program.
	Left int
}

// Options say what else [Set] may do.
type Options struct {
	// Ours tells whether a program's path or name is this program's.
	Ours func(program string) bool
	// Force replaces the credential_process of another program.
	Force bool
}

// Set gives each profile its credential_process. A profile that exists keeps
// everything else; its region too, even if it is another, unless a mark tells
// that Set wrote it: that is a finding. One that does not exist is appended as a
// section of its own after a blank line. Setting twice changes nothing.
//
// credentials is the SDKs' credentials file, which is only looked at: what a
// profile has there wins. If any profile would not work in all SDKs, or has
// another program's credential_process and Force is not set, the error is a
// [RefusedError] and no profile is changed. Other errors are those of [Check].
func Set(config, credentials []byte, profiles []Profile, o Options) (Result, error) {
	if err := checkAll(profiles); err != nil {
		return Result{}, err
	}
	if err := Check(config); err != nil {
		return Result{}, err
	}
	if err := Check(credentials); err != nil {
		return Result{}, fmt.Errorf("credentials file: %w", err)
	}
	mark, text := cutMark(config)
	credsMark, creds := cutMark(credentials)
	d := parse(text)
	f, err := examine(d, parse(creds), profiles, o)
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
	sections := d.ofProfiles()
	var changes []change
	var made []Profile
	for _, p := range profiles {
		if at := sections[p.Name]; len(at) == 0 {
			made = append(made, p)
		} else if c := d.set(d.sections[at[0]], p); len(c) > 0 {
			changes = append(changes, c...)
		} else {
			continue
		}
		r.Profiles = append(r.Profiles, p.Name)
	}
	if len(r.Profiles) == 0 {
		return r, nil
	}
	text = apply(text, changes)
	for _, p := range made {
		text = appendProfile(text, p)
	}
	r.Config = slices.Concat(mark, text)
	return r, nil
}

func checkAll(profiles []Profile) error {
	seen := map[string]bool{}
	for _, p := range profiles {
		if err := p.check(); err != nil {
			return err
		}
		if seen[p.Name] {
			return fmt.Errorf("profile %q is given twice", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
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
