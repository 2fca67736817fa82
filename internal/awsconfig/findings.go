package awsconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is what a [Finding] is about.
type Kind int

// The first kinds are reasons to refuse an edit, the others are only told.
const (
	// OtherSource is a key that gives the profile credentials of another kind:
	// Go refuses source_profile and its like beside credential_process, sso_* and
	// login_session win over it, role_arn without a source fails in the AWS CLI.
	OtherSource Kind = iota + 1
	// StaticKey is an access key in the profile's section: some SDKs take it, others the process.
	StaticKey
	// InCredentials is a key in the credentials file that wins over the process.
	InCredentials
	// SecondSection is another section of the same profile.
	SecondSection
	// SecondKey is a key that is in the section twice, for which the AWS CLI refuses the file.
	SecondKey
	// OddHeader is a header that SDKs read differently: quotes, blanks before the
	// name, text after it. An indented one after the profile counts: the AWS CLI
	// would append it to the last key.
	OddHeader
	// OddIndent is an indented line that is a key for some SDKs and part of the value before for others.
	OddIndent
	// OtherProcess is a credential_process of another program, or with more than a connector's name.
	OtherProcess

	// CommandReplaced is a credential_process that was another command.
	CommandReplaced
	// OtherCommand is a credential_process that was to be removed and is another command; it stays.
	OtherCommand
	// RegionKept is a region that is another than was asked for.
	RegionKept
	// Unreadable is a line for which the AWS CLI refuses the whole file. In the
	// profile's own section it is a reason to refuse the edit.
	Unreadable
	// ByteOrderMark is one at the start of the file, for which the AWS CLI refuses it.
	ByteOrderMark
)

// otherSources are the keys of OtherSource; those of SSO begin with ssoPrefix.
var otherSources = []string{"source_profile", "credential_source", "web_identity_token_file", "role_arn", "login_session"}

// staticKeys are the keys of StaticKey.
var staticKeys = []string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"}

const ssoPrefix = "sso_"

// pythonDefaults is a section whose keys every other has for the AWS CLI.
const pythonDefaults = "DEFAULT"

// Finding is something in a config or credentials file that a person should know about.
type Finding struct {
	Kind Kind
	// Line counts from 1.
	Line int
	// Profile is empty where no single one is concerned.
	Profile string
	// Key is the key in question, in lower case; it may be empty.
	Key string
	// Credentials tells that it is in the credentials file.
	Credentials bool
}

// In returns String after the path of the file that it is about.
func (f Finding) In(config, credentials string) string {
	if !f.Credentials {
		return config + ": " + f.String()
	}
	f.Credentials = false
	return credentials + ": " + f.String()
}

// String returns one sentence without a period; it shows no value, and a key
// alone that can be one.
func (f Finding) String() string {
	if len(f.Key) > maxKey || !keyName().MatchString(f.Key) {
		f.Key = "a key"
	}
	at := fmt.Sprintf("line %d: ", f.Line)
	if f.Credentials {
		at = "credentials file, " + at
	}
	if f.Profile != "" {
		at += fmt.Sprintf("profile %q: ", f.Profile)
	}
	switch f.Kind {
	case OtherSource:
		return at + f.Key + " does not go together with credential_process; remove it or use another profile"
	case StaticKey:
		return at + f.Key + " is used by some SDKs instead of credential_process; remove it once the key is in the keystore"
	case InCredentials:
		return at + f.Key + " wins over credential_process; remove it there or use another profile"
	case SecondSection:
		return at + "it has another section already; make one of them"
	case SecondKey:
		return at + f.Key + " is there twice, and the AWS CLI refuses such a file; remove one"
	case OddHeader:
		return at + "SDKs do not agree about this header; write it as [profile NAME], with no blanks before it and nothing but a comment after it"
	case OddIndent:
		return at + "SDKs do not agree about this indented line; indent all keys of a section alike, best not at all"
	case OtherProcess:
		return at + "it has a credential_process of another program, or with flags"
	case CommandReplaced:
		return at + "it had another credential_process"
	case OtherCommand:
		return at + "credential_process is another command and was left"
	case RegionKept:
		return at + "its region is another and was left"
	case Unreadable:
		return at + "the AWS CLI refuses the whole file for this line: a section or key that is there twice, or not a line of the format"
	case ByteOrderMark:
		return at + "the file begins with a byte order mark, for which the AWS CLI refuses it; save it as UTF-8 without one"
	}
	return at + f.Key
}

// RefusedError means that profiles would not work in every SDK. Nothing was changed.
type RefusedError struct {
	// Findings is not empty.
	Findings []Finding
}

// Error gives every reason.
func (e *RefusedError) Error() string {
	var all []string
	for _, f := range e.Findings {
		all = append(all, f.String())
	}
	return strings.Join(all, "; ")
}

// examine lists what is to be told about setting profiles, or refuses to.
func examine(config, credentials doc, profiles []Profile, o Options) (told []Finding, err error) {
	against := config.againstAll()
	sections, names := config.ofProfiles(), credentials.byName()
	for _, p := range profiles {
		against = append(against, config.against(p.Name, sections[p.Name])...)
		for _, i := range names[p.Name] {
			for _, k := range credentials.sections[i].props {
				if k.key == processKey || isStatic(k.key) || isSource(k.key) {
					against = append(against, Finding{InCredentials, k.line + 1, p.Name, k.key, true})
				}
			}
		}
		for _, i := range sections[p.Name] {
			if k, ok := config.sections[i].find(processKey); ok && !o.Force && !config.mayReplace(k, p, o.Ours) {
				against = append(against, Finding{OtherProcess, k.line + 1, p.Name, k.key, false})
			}
		}
	}
	if len(against) > 0 {
		return nil, &RefusedError{against}
	}
	for _, p := range profiles {
		for _, i := range sections[p.Name] {
			s := config.sections[i]
			if k, ok := s.find(processKey); ok && config.valueOf(k) != p.Command {
				told = append(told, Finding{CommandReplaced, k.line + 1, p.Name, k.key, false})
			}
			if k, ok := s.find(regionKey); ok && p.Region != "" && k.value != p.Region && !config.wroteRegion(s, k) {
				told = append(told, Finding{RegionKept, k.line + 1, p.Name, k.key, false})
			}
		}
	}
	for _, line := range config.unreadable() {
		told = append(told, Finding{Kind: Unreadable, Line: line + 1})
	}
	for _, line := range credentials.unreadable() {
		told = append(told, Finding{Kind: Unreadable, Line: line + 1, Credentials: true})
	}
	return told, nil
}

// mayReplace tells whether a credential_process may be replaced unasked: one that
// is nobody's, or is what this program writes. One that narrows a connector's
// session gives way only to one that does the same.
func (d doc) mayReplace(k property, p Profile, ours func(string) bool) bool {
	value := d.valueOf(k)
	process, ok := ParseProcess(value, ours)
	same := strings.HasSuffix(p.Command, " "+strings.Join(process.Arguments(), " "))
	return value == "" || value == p.Command || ok && process.Plain && (!process.Narrow() || same)
}

// againstAll lists the reasons not to set any profile: what all have for the AWS CLI.
func (d doc) againstAll() []Finding {
	var list []Finding
	for _, s := range d.sections {
		for _, k := range s.props {
			if s.name == pythonDefaults && isSource(k.key) {
				list = append(list, Finding{Kind: OtherSource, Line: k.line + 1, Key: k.key})
			}
		}
	}
	return list
}

// against lists the reasons not to set the credential_process of the profile,
// whose sections are those.
func (d doc) against(profile string, sections []int) []Finding {
	var list []Finding
	for n, i := range sections {
		s := d.sections[i]
		if i+1 < len(d.sections) && strings.TrimLeftFunc(d.body(s.end), isBlank) != d.body(s.end) {
			list = append(list, Finding{OddHeader, s.end + 1, profile, "", false})
		}
		for _, line := range within(d.garbage, s.header, s.end) {
			list = append(list, Finding{Unreadable, line + 1, profile, "", false})
		}
		if n > 0 {
			list = append(list, Finding{SecondSection, s.header + 1, profile, "", false})
		}
		if s.odd || !canonical(s.name, profile) {
			list = append(list, Finding{OddHeader, s.header + 1, profile, "", false})
		}
		keys := map[string]bool{}
		for _, k := range s.props {
			found := func(kind Kind) { list = append(list, Finding{kind, k.line + 1, profile, k.key, false}) }
			switch {
			case k.odd:
				found(OddIndent)
			case isSource(k.key):
				found(OtherSource)
			case isStatic(k.key):
				found(StaticKey)
			case keys[k.key]:
				found(SecondKey)
			}
			keys[k.key] = true
		}
	}
	return list
}

func isSource(key string) bool {
	return slices.Contains(otherSources, key) || strings.HasPrefix(key, ssoPrefix)
}

func isStatic(key string) bool { return slices.Contains(staticKeys, key) }

// unreadable lists the lines for which Python's configparser refuses the file.
func (d doc) unreadable() []int {
	lines := slices.Clone(d.garbage)
	var syntax *SyntaxError
	if _, err := sections(d.text); errors.As(err, &syntax) {
		lines = append(lines, syntax.Line-1)
	}
	headers := map[string]bool{}
	for _, s := range d.sections {
		if headers[s.name] && s.name != pythonDefaults {
			lines = append(lines, s.header)
		}
		headers[s.name] = true
		keys := map[string]bool{}
		for _, k := range s.props {
			if keys[k.key] {
				lines = append(lines, k.line)
			}
			keys[k.key] = true
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	return lines
}
