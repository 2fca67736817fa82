package awsconfig

import (
	"errors"
	"strings"
)

// Existing is a profile that a config or credentials file has.
type Existing struct {
	Name string
	// Line is that of the section's header, from 1.
	Line int
	// Command is the credential_process as written, empty where there is none; it may hold a secret.
	Command string
	// LongTermKey says that an access key lies in the section that has no end.
	LongTermKey bool
}

// Inspection is what can be said of a config and a credentials file without changing them.
type Inspection struct {
	// Config and Credentials are the profiles of the two files, in their order.
	Config, Credentials []Existing
	// Findings are about the config file as a whole; of one for which [Check] has an
	// error they are few.
	Findings []Finding
}

// Inspect reads a config and a credentials file.
func Inspect(config, credentials []byte) Inspection {
	mark, text := cutMark(config)
	_, creds := cutMark(credentials)
	var in Inspection
	if len(mark) > 0 {
		in.Findings = append(in.Findings, Finding{Kind: ByteOrderMark, Line: 1})
	}
	d := parse(text)
	for _, line := range d.unreadable() {
		if Check(config) != nil {
			break // names in it may only look alike
		}
		in.Findings = append(in.Findings, Finding{Kind: Unreadable, Line: line + 1})
	}
	for _, s := range d.sections {
		if s.profile != "" {
			in.Config = append(in.Config, s.existing(s.profile))
		}
	}
	for _, s := range parse(creds).sections {
		in.Credentials = append(in.Credentials, s.existing(s.name))
	}
	return in
}

func (s section) existing(name string) Existing {
	e := Existing{Name: name, Line: s.header + 1}
	if p, ok := s.find(processKey); ok {
		e.Command = p.value
	}
	id, _ := s.find("aws_access_key_id")
	e.LongTermKey = strings.HasPrefix(id.value, "AKIA")
	return e
}

// Against lists what keeps the credential_process of a profile from being read
// alike by all SDKs: the reasons for which [Set] would refuse it.
func Against(config, credentials []byte, profile string) []Finding {
	_, text := cutMark(config)
	_, creds := cutMark(credentials)
	_, err := examine(parse(text), parse(creds), []Profile{{Name: profile}}, Options{Force: true})
	var refused *RefusedError
	if !errors.As(err, &refused) {
		return nil
	}
	return refused.Findings
}
