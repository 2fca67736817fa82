package connector

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
)

// argv reads the words of a command that no shell reads: a program and its arguments.
func argv(v any) ([]string, error) {
	const most = 64
	l, ok := v.([]any)
	if !ok {
		return nil, errors.New("must be a list of strings: a program and its arguments")
	}
	var all []string
	for i, e := range l {
		s, ok := e.(string)
		switch {
		case !ok:
			return nil, fmt.Errorf("element %d must be a string", i+1)
		case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
			return nil, fmt.Errorf("element %d has control characters", i+1)
		case holdsAccessKeyID(s):
			return nil, errSecret
		}
		all = append(all, s)
	}
	switch {
	case len(all) == 0 || all[0] == "":
		return nil, errors.New("names no program")
	case len(all) > most:
		return nil, fmt.Errorf("has more than %d elements", most)
	case strings.ContainsAny(all[0], " \t\n") && len(all) == 1 && !filepath.IsAbs(all[0]):
		return nil, errors.New("is one word with blanks: no shell splits it, so write each word as an element of its own")
	case strings.ContainsAny(all[0], `/\`) && !filepath.IsAbs(all[0]):
		return nil, errors.New("must begin with a program's name or absolute path")
	}
	return all, nil
}

// tokenFile reads the path of a file with a token.
func tokenFile(v any) (string, error) {
	s, err := text(v)
	inHome, home := strings.CutPrefix(s, "~/")
	if err == nil && !filepath.IsAbs(s) && (!home || inHome == "") {
		err = errors.New("must be an absolute path, or begin with ~/")
	}
	return s, err
}

// checkToken looks at where the token of a web identity comes from.
func (c *Connector) checkToken() (string, problem) {
	file, process := c.WebIdentityTokenFile != "", c.WebIdentityTokenProcess != nil
	switch {
	case c.Method == Process && c.CredentialProcess == nil:
		return "", problem{"credential_process is missing", `auth_method process needs a program and its arguments: credential_process = ["/path/to/program", "argument"]`}
	case c.Method != WebIdentity:
	case file && process:
		return "web_identity_token_process", problem{"web_identity_token_file and web_identity_token_process exclude each other", "remove one: a token comes from a file or from a program"}
	case !file && !process:
		return "", problem{"web_identity_token_file is missing", "auth_method web-identity needs it, or web_identity_token_process"}
	}
	return "", problem{}
}
