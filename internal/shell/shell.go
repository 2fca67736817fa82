// Package shell writes environment variables in the languages of shells and of
// other programs that read them: each value arrives as it is, whatever is in it.
package shell

import (
	"fmt"
	"path/filepath"
	"strings"

	"aws-connector/internal/secret"
)

// Variable is an environment variable.
type Variable struct {
	Name  string
	Value secret.Text
}

// The languages.
const (
	Sh            = "sh"
	Bash          = "bash"
	Zsh           = "zsh"
	Fish          = "fish"
	PowerShell    = "powershell"
	Cmd           = "cmd"
	Dotenv        = "dotenv"
	JSON          = "json"
	GitHubActions = "github-actions"
)

// Languages returns the names of all.
func Languages() []string {
	return []string{Bash, Zsh, Sh, Fish, PowerShell, Cmd, Dotenv, JSON, GitHubActions}
}

// Of returns the language of the shell at path, as $SHELL names it: Sh where it is
// not known, and without a path what the system has.
func Of(path, goos string) string {
	name := strings.ToLower(strings.TrimSuffix(filepath.Base(filepath.ToSlash(path)), ".exe"))
	switch {
	case path == "" && goos == "windows", name == "pwsh", name == PowerShell:
		return PowerShell
	case name == Bash, name == Zsh, name == Fish:
		return name
	}
	return Sh
}

// Text returns what sets the variables, and takes those called gone out of the
// environment: it is run in the shell whose language it is. Dotenv and JSON say
// only what is set. Its error shows no value.
func Text(language string, set []Variable, gone []string) (string, error) {
	var b strings.Builder
	switch language {
	case JSON:
		return object(set), nil
	case Dotenv:
		gone = nil // it has no way to say so
	}
	d, ok := dialects[language]
	if !ok {
		return "", fmt.Errorf("shell %q: no such language here", language)
	}
	b.WriteString(without(gone, d.unset, d.lasting))
	for _, v := range set {
		quoted, err := d.quote(v.Value.Reveal())
		if err != nil {
			return "", fmt.Errorf("%s: %w", v.Name, err)
		}
		fmt.Fprintf(&b, d.set, v.Name, quoted)
	}
	return b.String(), nil
}

// Reset returns what takes the variables called names out of the environment.
func Reset(language string, names []string) (string, error) {
	d, ok := dialects[language]
	if !ok || d.unset == "" {
		return "", fmt.Errorf("%s has no way to unset a variable", language)
	}
	return without(names, d.unset), nil
}
