package connector

import (
	"strings"
	"testing"
)

func TestSessionName(t *testing.T) {
	values := map[string]string{"user": `CORP\jörg müller`, "host": "build-7.example.com", "pid": "4711"}
	value := func(placeholder string) string { return values[placeholder] }
	for _, test := range []struct{ template, want string }{
		{"", ""},
		{"plain", "plain"},
		{"{user}", "CORP-j-rg-m-ller"},
		{"{user}@{host}", "CORP-j-rg-m-ller@build-7.example.com"},
		{"ci-{connector}-{pid}", "ci-c-4711"},
		{"{pid}{pid}", "47114711"},
		{strings.Repeat("x", 60) + "{pid}9", strings.Repeat("x", 60) + "4711"},
		{strings.Repeat("x", 63) + "{user}", strings.Repeat("x", 63) + "C"},
		{"{connector}", "c-"}, // AWS takes two characters and more
	} {
		c := Connector{Name: "c", RoleSessionName: test.template}
		got := c.SessionName(value)
		if got != test.want || got != "" && !isSessionName(got) {
			t.Errorf("SessionName of %q = %q, want %q", test.template, got, test.want)
		}
	}
	if got := (Connector{RoleSessionName: "{user}"}).SessionName(func(string) string { return "" }); got != "--" {
		t.Errorf("SessionName of nobody = %q, want --", got)
	}
}

func TestSessionNamesThatAreWrong(t *testing.T) {
	for template, want := range map[string]string{
		"a": "must be 2 to 64 of letters, digits and _+=,.@-", "a b": "must be 2 to 64", "é{user}": "must be 2 to 64", "{user} ": "must be 2 to 64", "user}": "must be 2 to 64",
		strings.Repeat("x", 65): "must be 2 to 64", strings.Repeat("x", 65) + "{pid}": "must be 2 to 64", "a\n": "has control characters", "": "is empty",
		"{usr}": "has {usr}; there are {user}, {host}, {connector}, {pid}", "{user}-{USER}": "has {USER}; there are", "{{user}}": "has {{user}; there are",
		"{user": "has a { without", "a{}": "has a { without", "ab{": "has a { without", "{user}{": "has a { without",
	} {
		if _, err := sessionName(template); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("role_session_name %q: %v, want %q", template, err, want)
		}
	}
	for _, fine := range []string{"{user}", "x{pid}", strings.Repeat("x", 64) + "{host}", "a.b@{connector}"} {
		if got, err := sessionName(fine); got != fine || err != nil {
			t.Errorf("role_session_name %q = %q, %v", fine, got, err)
		}
	}
	if isSessionName("{user}") {
		t.Error("source_identity takes a placeholder")
	}
}
