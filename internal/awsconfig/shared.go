package awsconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"strings"
	"syscall"
)

// maxShared is the most bytes that a shared file may have.
const maxShared = 4 << 20

// Shared is what the two shared files say, as botocore reads them
// (configloader.py and Session.full_config).
type Shared struct {
	// Profiles are those of both files: the credentials file adds its options to
	// the profile of that name, and they win.
	Profiles map[string]Section
	// Config and Credentials are the profiles of the one file and of the other.
	Config, Credentials map[string]Section
	// Sessions are the sso-session sections, Services the services sections.
	Sessions, Services map[string]Section
}

// Read makes sense of the texts of a config and a credentials file. Its error is
// a [*SyntaxError] or a [*charset.Error], wrapped with the file's name as given.
func Read(configName string, config []byte, credentialsName string, credentials []byte) (Shared, error) {
	s := Shared{Profiles: map[string]Section{}, Config: map[string]Section{}, Credentials: map[string]Section{}, Sessions: map[string]Section{}, Services: map[string]Section{}}
	list, err := sections(config)
	if err != nil {
		return Shared{}, fmt.Errorf("%s: %w", configName, err)
	}
	for _, n := range list {
		// botocore looks at the beginning alone, so that [profiles x] is one too.
		switch {
		case strings.HasPrefix(n.name, "profile"):
			add(s.Config, n)
		case strings.HasPrefix(n.name, "sso-session"):
			add(s.Sessions, n)
		case strings.HasPrefix(n.name, "services"):
			add(s.Services, n)
		case n.name == "default":
			s.Config[n.name] = n.Section
		}
	}
	if list, err = sections(credentials); err != nil {
		return Shared{}, fmt.Errorf("%s: %w", credentialsName, err)
	}
	for _, n := range list {
		s.Credentials[n.name] = n.Section
	}
	for name, section := range s.Config {
		s.Profiles[name] = maps.Clone(section)
	}
	for name, section := range s.Credentials {
		if s.Profiles[name] == nil {
			s.Profiles[name] = Section{}
		}
		maps.Copy(s.Profiles[name], section)
	}
	return s, nil
}

// add puts a section under the second word of its name, which may be quoted.
// Another section of the same meaning replaces it; a name of one word, of three,
// or with an open quote is nobody's.
func add(to map[string]Section, n titled) {
	if words, err := splitPOSIX(n.name); err == nil && len(words) == 2 {
		to[words[1]] = n.Section
	}
}

// ReadFile returns what is in the shared file at path; one that does not exist,
// the null device and the path "" read as empty. Its errors are those of [ReadRegular].
func ReadFile(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := ReadRegular(path, maxShared)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return text, err
}

// ReadRegular returns what is in the file at path, of limit bytes at most. The
// null device reads as empty; anything else that is not a regular file is an
// error that names path. It never waits for another program to write.
func ReadRegular(path string, limit int64) ([]byte, error) {
	// A FIFO would block in a plain open.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case isNull(info):
		return nil, nil
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", path, limit)
	}
	return text, nil
}

func isNull(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}
