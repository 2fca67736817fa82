package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"aws-connector/internal/plain"
)

// dialect is how a language sets and unsets variables. Each statement ends so that
// it stays one where a shell has joined the lines.
type dialect struct {
	set   string // of name and quoted value
	unset string // of name; empty where there is no way
	// lasting is what tells of a variable that is still there after unset, since the
	// shell keeps it beyond this session, and for all others; else empty.
	lasting string
	quote   func(string) (string, error)
}

var posix = dialect{set: "export %s=%s;\n", unset: "unset %s;\n", quote: sound(quotePOSIX)}

var dialects = map[string]dialect{
	Sh:   posix,
	Bash: posix,
	Zsh:  posix,
	Fish: {set: "set -gx %s %s;\n", unset: "set -eg %s;\n", quote: sound(quoteFish),
		lasting: "set -qU %[1]s; and echo 'aws-connector: %[1]s is a universal variable, and stays; set -eU %[1]s erases it for ever' >&2;\n"},
	PowerShell: {set: "$env:%s = %s;\n", unset: "Remove-Item Env:%s -ErrorAction Ignore;\n", quote: sound(quotePowerShell)},
	Cmd:        {set: "set \"%s=%s\"\r\n", unset: "set \"%s=\"\r\n", quote: refuse("\r\n\"%!", quoteNothing)},
	Dotenv:     {set: "%s=%s\n", quote: refuse("\r\n", quoteDotenv)},
}

// without returns what each of the forms says of names.
func without(names []string, forms ...string) string {
	var b strings.Builder
	for _, name := range names {
		for _, form := range forms {
			if form != "" {
				fmt.Fprintf(&b, form, name)
			}
		}
	}
	return b.String()
}

var (
	errNUL      = errors.New("the value has a NUL byte, and no environment has one")
	errUnquoted = errors.New("the value has characters that cannot be said in this language")
)

// sound refuses what no environment holds.
func sound(quote func(string) string) func(string) (string, error) { return refuse("", quote) }

// refuse also refuses what has characters for which the language has no quotes that
// all its readers agree on.
func refuse(these string, quote func(string) string) func(string) (string, error) {
	return func(s string) (string, error) {
		switch {
		case strings.ContainsRune(s, 0):
			return "", errNUL
		case these != "" && strings.ContainsAny(s, these):
			return "", errUnquoted
		}
		quoted := quote(s)
		if quoted == "" && s != "" {
			return "", errUnquoted
		}
		return quoted, nil
	}
}

// quotePOSIX: XCU 2.2.2, Single-Quotes.
func quotePOSIX(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// https://fishshell.com/docs/current/language.html#quotes
func quoteFish(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quotePowerShell doubles all that PowerShell takes for a single quote.
// https://github.com/PowerShell/PowerShell/blob/master/src/System.Management.Automation/engine/parser/CharTraits.cs
func quotePowerShell(s string) string {
	var doubled []string
	for _, r := range "'\u2018\u2019\u201a\u201b" {
		doubled = append(doubled, string(r), string(r)+string(r))
	}
	return "'" + strings.NewReplacer(doubled...).Replace(s) + "'"
}

func quoteNothing(s string) string { return s }

// quoteDotenv quotes only where it must: Docker's --env-file knows no quotes. What is
// between single ones is taken as it is by all others, where it has none itself.
func quoteDotenv(s string) string {
	bare := func(r rune) bool {
		return r > ' ' && r < 0x7f && !strings.ContainsRune("\"'`$\\#;&|<>(){}*?[]~!^", r)
	}
	switch {
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !bare(r) }):
		return s
	case !strings.ContainsAny(s, `'\`) && !strings.Contains(s, "${"):
		return "'" + s + "'"
	case !strings.ContainsAny(s, "\"\\$`"):
		return `"` + s + `"`
	}
	return ""
}

// object returns the variables as one object of JSON.
func object(set []Variable) string {
	var b strings.Builder
	for i, v := range set {
		name, _ := json.Marshal(v.Name) // neither fails for a string
		value, _ := json.Marshal(v.Value.Reveal())
		between := ","
		if i == 0 {
			between = "{"
		}
		b.WriteString(between + string(name) + ":" + string(plain.JSON(value)))
	}
	return b.String() + "}\n"
}
