package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"aws-connector/internal/plain"
)

// fact is a line of show: a field by its name in connectors.toml or in the JSON form.
type fact struct{ name, value string }

// writeShown prints one field a line, in groups.
func (a *App) writeShown(s shown) error {
	_, err := io.WriteString(a.Stdout, screenOf(a.Stdout).shown(s, a.now()))
	return err
}

func (s screen) shown(c shown, now time.Time) string {
	groups := [][]fact{c.who(), c.what(), c.how(), c.where(), c.session(now)}
	width := 0
	for _, f := range slices.Concat(groups...) {
		if f.value != "" {
			width = max(width, len(f.name))
		}
	}
	var texts []string
	for _, facts := range groups {
		var b strings.Builder
		for _, f := range facts {
			if f.value != "" {
				b.WriteString(s.fact(f, width))
			}
		}
		if b.Len() > 0 {
			texts = append(texts, b.String())
		}
	}
	return strings.Join(texts, "\n")
}

// fact returns the line of a fact: its value begins at a column of its own, or on
// the next line if it does not fit there.
func (s screen) fact(f fact, width int) string {
	const margin = 2
	if f.name == policyFact {
		return f.name + "\n" + indented(f.value, margin)
	}
	value := plain.Line(f.value)
	if f.name == problemFact {
		value = s.paint(redMark, value)
	}
	return s.beside(fmt.Sprintf("%-*s  ", width, f.name), width+margin, margin, value)
}

const (
	policyFact  = "session_policy"
	problemFact = "problem"
)

// indented returns JSON as people read it, each line behind a margin, and lists of
// one in a line.
func indented(text string, margin int) string {
	var b bytes.Buffer
	blanks := strings.Repeat(" ", margin)
	if json.Indent(&b, []byte(text), blanks, "  ") != nil {
		return blanks + plain.Line(text) + "\n"
	}
	text = regexp.MustCompile(`\[\n +("[^\n]*"|\d+)\n +\]`).ReplaceAllString(b.String(), "[$1]")
	return blanks + string(plain.JSON([]byte(text))) + "\n"
}

// who says whose credentials they are and where they come from.
func (s shown) who() []fact {
	return []fact{
		{"name", s.Name},
		{"auth_method", s.Method},
		{"region", s.Region},
		{"partition", s.Partition},
		{"account_id", s.AccountID},
		{"role_arn", s.RoleARN},
		{"key", s.Key},
		{"key_process", words(s.KeyProcess)},
		{"profile_name", s.Profile},
		{"credentials_from", s.From},
		{"source", s.Source},
		{"chain", chainText(s.Chain)},
		{"web_identity_token_file", s.TokenFile},
		{"web_identity_token_process", words(s.TokenProcess)},
		{"credential_process", words(s.CredentialProcess)},
	}
}

// what says what they are for.
func (s shown) what() []fact {
	return []fact{
		{"resource_type", s.ResourceType},
		{"resource_id", s.ResourceID},
		{"registries", strings.Join(s.Registries, ", ")},
		{"scope", s.Scope},
		{"policy_arns", strings.Join(s.PolicyARNs, ", ")},
		{policyFact, string(s.Policy)},
	}
}

// how says how a session is made.
func (s shown) how() []fact {
	all := []fact{{"expires_at", s.ExpiresAt}, {"expiration_seconds", positiveText(s.Duration)}}
	if s.Longest > 0 {
		all = append(all, fact{"max_expiration_seconds", fmt.Sprintf("%d, since its source is a role's session too", s.Longest)})
	}
	if s.SkewTolerance != nil {
		all = append(all, fact{"expires_skew_tolerance", fmt.Sprint(*s.SkewTolerance)})
	}
	return append(all,
		fact{"role_session_name", s.RoleSessionName},
		fact{"external_id", s.ExternalID},
		fact{"source_identity", s.SourceIdentity},
		fact{"tags", pairs(s.Tags)},
		fact{"transitive_tag_keys", strings.Join(s.TransitiveTagKeys, ", ")},
		fact{"mfa_serial", s.MFASerial},
		fact{"mfa_process", words(s.MFAProcess)},
		fact{"mfa", s.MFA},
		fact{"mfa_session_seconds", positiveText(s.MFASession)},
	)
}

// where says which endpoints are called that are not AWS's usual ones.
func (s shown) where() []fact {
	all := []fact{{"endpoint_url", s.EndpointURL}, {"endpoint_urls", pairs(s.EndpointURLs)}}
	for _, service := range s.differ {
		all = append(all, fact{"endpoints." + service, s.Endpoints[service]})
	}
	return append(all, fact{problemFact, s.Problem})
}

// session tells of the cached session.
func (s shown) session(now time.Time) []fact {
	var all []fact
	for _, f := range s.Failures {
		all = append(all, fact{"last_failure", f.text(now)}, fact{"last_failure.hint", f.Hint})
	}
	if s.Session == nil {
		return append(all, fact{"session", "none in the cache"})
	}
	left := func(at string) string {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil || t.Before(now) {
			return at
		}
		return fmt.Sprintf("%s (in %s)", at, inWords(t.Sub(now)))
	}
	return append(all, []fact{
		{"session.state", s.Session.State},
		{"session.access_key_id", s.Session.AccessKeyID},
		{"session.arn", s.Session.ARN},
		{"session.renewed_at", left(s.Session.Renewed)},
		{"session.expires_at", left(s.Session.Expires)},
	}...)
}

func positiveText(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// words shows a program and its arguments as the list that they are in TOML.
func words(argv []string) string {
	if argv == nil {
		return ""
	}
	list, _ := json.Marshal(argv) // of strings, which cannot fail
	return string(plain.JSON(list))
}

func pairs(m map[string]string) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, k+"="+m[k])
	}
	return strings.Join(all, ", ")
}
