package connector

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// known returns a key in quotes if it is one of this file's; what else stands in
// its place may be a secret, and is not shown.
func known(key string) string {
	if isField(key) || key == "keystore" || key == "audit" || key == "seal" {
		return fmt.Sprintf("%q", key)
	}
	return ""
}

// written returns how key is written with a value.
func written(key string) string {
	if known(key) == "" {
		key = "KEY"
	}
	return key + example(key)
}

// example returns = and a value of the kind that key takes.
func example(key string) string {
	switch key {
	case "registries", "policy_arns", "transitive_tag_keys", "mfa_process", "web_identity_token_process", "credential_process":
		return ` = ["…"]`
	case "expiration_seconds", "expires_skew_tolerance", "mfa_session_seconds":
		return " = 3600"
	case "allow_implicit_auth_methods":
		return " = true"
	case "tags", "endpoint_urls":
		return ` = { … = "…" }`
	}
	return ` = "…"`
}

// shownName returns a name of a connector, NAME for what cannot be one.
func shownName(s string) string {
	if !ValidName(s) || holdsAccessKeyID(s) {
		return "NAME"
	}
	return s
}

func last(key string) string {
	return strings.Trim(key[strings.LastIndexByte(key, '.')+1:], `"' `)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// name1 names a character of ASCII.
func name1(c byte) string {
	return map[byte]string{',': "comma", ';': "semicolon", ']': "]", '}': "}", ')': ")"}[c]
}

// controlIn returns where a control character is in s that TOML takes nowhere, -1
// if there is none. A tab is none.
func controlIn(s string) int {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

func controlFault(text string, at int) *fault {
	if text[at] == '\r' {
		return &fault{at, "a carriage return in the middle of a line", "delete it, or end the line there"}
	}
	return &fault{at, fmt.Sprintf("a control character (U+%04X)", text[at]), "delete it; retype the line if the editor does not show it"}
}

// oddAt returns where the first character beyond ASCII is in s, -1 if there is none.
func oddAt(s string) int {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// oddFault is about a character beyond ASCII where TOML has none.
func oddFault(text string, at int) *fault {
	r, _ := utf8.DecodeRuneInString(text[at:])
	what, instead := describeRune(r)
	return &fault{at, what + " outside quotes", instead}
}

// describeRune names a character that people do not see, or take for another one,
// and says what to write instead.
func describeRune(r rune) (what, instead string) {
	code := fmt.Sprintf("U+%04X", r)
	const copied = "text copied from a web page, a chat or a document often has such characters"
	switch {
	case strings.ContainsRune("“”„‟«»″", r):
		return fmt.Sprintf("a curly quote, %c (%s)", r, code), `write a straight one, ", instead: ` + copied
	case strings.ContainsRune("‘’‚‛′", r):
		return fmt.Sprintf("a curly quote, %c (%s)", r, code), `write a straight one, ', instead: ` + copied
	case strings.ContainsRune("‐‑‒–—―−", r):
		return fmt.Sprintf("a dash, %c (%s)", r, code), "write a hyphen, -, instead: " + copied
	case r == '\ufeff':
		return "an invisible byte order mark (" + code + ")", "delete it, or retype the line: it was left where two files were put together"
	case r == '\u00a0' || r == '\u202f' || r == '\u2007':
		return "a no-break space (" + code + ")", "type a blank in its place: " + copied
	case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r) || r == '\u2028' || r == '\u2029':
		return "a blank of another kind (" + code + ")", "type a blank in its place: " + copied
	case !unicode.IsGraphic(r) || unicode.Is(unicode.Mn, r):
		return "an invisible character (" + code + ")", "delete it, or retype the line: " + copied
	case '\uff01' <= r && r <= '\uff5e':
		return fmt.Sprintf("a wide character, %c (%s)", r, code), fmt.Sprintf("write %c instead: %s", r-0xfee0, copied)
	case r == '…':
		return "an ellipsis, … (" + code + ")", "write what it stands for"
	}
	return fmt.Sprintf("the character %c (%s)", r, code), "a key has the letters A to Z, digits, - and _; other text goes into double quotes"
}
