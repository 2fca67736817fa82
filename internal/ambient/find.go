package ambient

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/charset"
)

// finder is what one look at the environment found.
type finder struct {
	Settings
	env   map[string]string
	files awsconfig.Shared
	// texts are the contents of the config and the credentials file.
	texts [2][]byte
	// session is the profile that everything beside the credentials comes from:
	// endpoints, the metadata's address.
	session awsconfig.Section
	visited []string
	// signIns are the files with a person's sign-ins, by path and stamp, as they
	// were when the credentials were first looked for.
	signIns []string
}

// Find says where the credentials come from, without asking anybody: it reads
// the environment and the shared files, and the token files that they name. Its
// error is an [*Error].
func Find(s Settings) (Plan, error) {
	f := newFinder(s)
	name := s.Profile
	for _, v := range []string{"AWS_DEFAULT_PROFILE", "AWS_PROFILE"} {
		// botocore takes an empty one for the name of a profile that does not exist.
		if name == "" {
			name = f.env[v]
		}
	}
	unreadable, err := f.load()
	if err != nil {
		return Plan{}, err
	}
	keys := f.Profile == "" && f.env["AWS_ACCESS_KEY_ID"] != ""
	if unreadable != nil && !(keys && name == "") {
		// botocore reads on as if the file were empty, which may lead to another identity.
		return Plan{}, unreadable
	}
	if _, exists := f.files.Profiles[name]; name != "" && !exists {
		return Plan{}, f.noProfile(name)
	}
	profile := name
	if profile == "" {
		profile = "default"
	}
	f.session, f.visited = f.files.Profiles[profile], []string{profile}
	src, err := f.first(profile)
	if err != nil {
		return Plan{}, err
	}
	return Plan{source: src, finder: f, profile: name}, nil
}

func newFinder(s Settings) *finder { return &finder{Settings: s, env: variables(s.Environ)} }

// Program is where the credentials come from that argv, a program and its
// arguments, prints as a credential_process does.
func Program(s Settings, argv []string) Plan {
	f := newFinder(s)
	for i, path := range []string{f.ConfigFile, f.CredentialsFile} {
		// It may read them too. One that is not to be read is none of our business.
		f.texts[i], _ = awsconfig.ReadFile(path)
	}
	p := process{argv: argv}
	if f.Own != nil {
		p.own, _ = f.Own(argv)
	}
	return Plan{source: p, finder: f}
}

// first goes through the sources in botocore's order.
func (f *finder) first(profile string) (source, error) {
	explicit := f.Profile != ""
	if !explicit && f.env["AWS_ACCESS_KEY_ID"] != "" {
		return f.environmentKeys()
	}
	if f.assumesRole(profile) {
		return f.role(profile)
	}
	if src, err := f.ofProfile(profile, !explicit); src != nil || err != nil {
		return src, err
	}
	if src := f.container(); src != nil {
		return src, nil
	}
	return f.instance()
}

// ofProfile looks at what a profile has of its own: what is not an AssumeRole.
func (f *finder) ofProfile(name string, environmentToo bool) (source, error) {
	for _, look := range []func() (source, error){
		func() (source, error) { return f.webIdentity(name, environmentToo) },
		func() (source, error) { return f.sso(name) },
		func() (source, error) { return f.keys(name, f.files.Credentials[name]) },
		func() (source, error) { return f.login(name) },
		func() (source, error) { return f.process(name) },
		func() (source, error) { return f.keys(name, f.files.Config[name]) },
	} {
		if src, err := look(); src != nil || err != nil {
			return src, err
		}
	}
	return nil, nil
}

// load reads the shared files. One that cannot be read is told apart from one
// that must be corrected.
func (f *finder) load() (unreadable, err error) {
	for i, path := range []string{f.ConfigFile, f.CredentialsFile} {
		text, err := awsconfig.ReadFile(path)
		if err != nil {
			unreadable = misconfigured(clean(err.Error()), "correct it, or name another file in "+[]string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}[i])
		}
		f.texts[i] = text
	}
	f.files, err = awsconfig.Read(f.ConfigFile, f.texts[0], f.CredentialsFile, f.texts[1])
	var syntax *awsconfig.SyntaxError
	var encoding *charset.Error
	switch {
	case errors.As(err, &syntax):
		return nil, &Error{Reason: Misconfigured, Text: clean(err.Error()), Advice: "correct the line; the AWS CLI refuses the file too", Err: err}
	case errors.As(err, &encoding):
		return nil, &Error{Reason: Misconfigured, Text: clean(err.Error()), Advice: strings.TrimPrefix(encoding.Hint(), "nothing was changed; "), Err: err}
	}
	return unreadable, err
}

// inHome returns a path in the home directory, "" where there is none.
func (f *finder) inHome(elem ...string) string {
	if !filepath.IsAbs(f.Home) {
		return ""
	}
	return filepath.Join(append([]string{f.Home}, elem...)...)
}

// path returns the absolute form of a path that a person wrote, "" where it
// starts from a directory that is not known.
func (f *finder) path(p string) string {
	if rest, ok := strings.CutPrefix(p, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		return f.inHome(rest)
	}
	if filepath.IsAbs(p) {
		return p
	}
	if !filepath.IsAbs(f.Dir) {
		return ""
	}
	return filepath.Join(f.Dir, p)
}

// expand puts in variables as Python's os.path.expandvars does on POSIX: one
// that is not set stays as it is.
func (f *finder) expand(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '$')
		if at < 0 || at+1 == len(s) {
			return b.String() + s
		}
		b.WriteString(s[:at])
		s = s[at:]
		n, name := 1, ""
		if s[1] == '{' {
			if end := strings.IndexByte(s, '}'); end > 0 {
				n, name = end+1, s[2:end]
			}
		} else {
			for n < len(s) && isWord(s[n]) {
				n++
			}
			name = s[1:n]
		}
		if v, ok := f.env[name]; ok && name != "" {
			b.WriteString(v)
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (f *finder) noProfile(name string) error {
	advice := "correct profile_name or AWS_PROFILE; `aws configure list-profiles` shows what there is"
	where := f.ConfigFile
	switch {
	case f.ConfigFile == "" && f.CredentialsFile == "":
		where = "any file: there is no home directory"
	case len(f.texts[1]) > 0:
		where += " nor in " + f.CredentialsFile
	}
	return misconfigured(fmt.Sprintf("profile %q does not exist in %s", name, clean(where)), advice)
}

// variables makes a map of an environment. Of two of one name the first counts, as for os.Getenv.
func variables(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, v := range environ {
		name, value, ok := strings.Cut(v, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		if _, twice := env[name]; ok && !twice {
			env[name] = value
		}
	}
	return env
}
