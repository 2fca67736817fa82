package cli

import (
	"errors"
	"slices"
	"testing"

	"aws-connector/helper"
	"aws-connector/internal/serve"
	"aws-connector/internal/tty"
)

func TestLentTerminalAsksNobody(t *testing.T) {
	opened := 0
	a := &App{Terminal: func() (*tty.Terminal, error) { opened++; return nil, nil }}
	given := a.lendTerminal()
	if _, err := a.Terminal(); err != nil || opened != 1 {
		t.Errorf("before the command starts: %v, opened %d times", err, opened)
	}
	given()
	if _, err := a.Terminal(); !errors.Is(err, tty.ErrNone) || opened != 1 {
		t.Errorf("then: %v, opened %d times", err, opened)
	}
}

// SDKs ask again where the status is 5xx.
func TestExplain(t *testing.T) {
	for reason, want := range map[helper.Reason]serve.Failure{
		helper.Temporary:     {Status: 503, Code: "Unavailable"},
		helper.NeedsPerson:   {Status: 403, Code: "PersonNeeded"},
		helper.Misconfigured: {Status: 400, Code: "Misconfigured"},
		helper.Failed:        {Status: 403, Code: "Failed"},
	} {
		if got := explain(&helper.Error{Reason: reason, Text: "no\x1b[31m\n", Advice: "do\nthis"}); got.Status != want.Status || got.Code != want.Code {
			t.Errorf("explain(%v) = %+v, want %+v", reason, got, want)
		} else if slices.ContainsFunc([]byte(got.Message), func(c byte) bool { return c < ' ' }) {
			t.Errorf("explain(%v) = %q", reason, got.Message)
		}
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"http://127.0.0.1:1/deploy": "http://127.0.0.1:1/deploy",
		"/tmp/a b/token":            "'/tmp/a b/token'",
		"/tmp/it's/$x":              `'/tmp/it'\''s/$x'`,
	} {
		if got := shellWord(word); got != want {
			t.Errorf("shellWord(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestWithoutCredentials(t *testing.T) {
	env := []string{"A=b", "AWS_PROFILE=x", "AWS_ENDPOINT_URL=http://x", "AWS_SESSION_TOKEN=", "aws_profile=kept on Unix", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/x", "NOEQUALS"}
	got := environOf(env, nil)
	if slices.Contains(got, "AWS_PROFILE=x") || slices.Contains(got, "AWS_SESSION_TOKEN=") || slices.Contains(got, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/x") ||
		!slices.Contains(got, "A=b") || !slices.Contains(got, "AWS_ENDPOINT_URL=http://x") || !slices.Contains(got, "NOEQUALS") || env[1] != "AWS_PROFILE=x" {
		t.Errorf("environOf = %q", got)
	}
}
