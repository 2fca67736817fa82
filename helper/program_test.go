package helper

import (
	"strings"
	"testing"
	"time"

	"aws-connector/internal/program"
)

func TestReadProgram(t *testing.T) {
	const keys = `"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARYwJalrXUtnFEMI"`
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for out, wrong := range map[string]string{
		`{"Version":1,` + keys + `}`: "",
		"\n {\"Version\":1," + keys + `,"SessionToken":null,"Expiration":null,"Else":{}} ` + "\n":       "",
		`{"Version":1,` + keys + `,"SessionToken":"CANARY","Expiration":"2026-01-02T04:04:05.5+00:30"}`: "",

		``:                                     "one JSON object",
		`null`:                                 "Version",
		`{}`:                                   "Version",
		`[{"Version":1,` + keys + `}]`:         "one JSON object",
		`"CANARY"`:                             "one JSON object",
		`CANARY`:                               "one JSON object",
		`{"Version":1,` + keys:                 "one JSON object",
		`{"Version":1,` + keys + `} {}`:        "one JSON object",
		"Hello!\n{\"Version\":1," + keys + `}`: "one JSON object",
		"\ufeff{\"Version\":1," + keys + `}`:   "one JSON object",
		`{"Version":"1",` + keys + `}`:         "one JSON object",
		`{"Version":2,` + keys + `}`:           "Version",
		`{"Version":1,` + keys + `,"Expiration":""}`:                     "one JSON object",
		`{"Version":1,` + keys + `,"Expiration":"2026-01-02T05:04:05"}`:  "one JSON object",
		`{"Version":1,` + keys + `,"Expiration":"CANARY"}`:               "one JSON object",
		`{"Version":1,` + keys + `,"Expiration":"2026-01-02T03:04:05Z"}`: "expired",
		`{"Version":1,` + keys + `,"AccountId":123456789012}`:            "one JSON object",
		`{"Version":1,"AccessKeyId":"","SecretAccessKey":"CANARY"}`:      "AccessKeyId",
		`{"Version":1,"AccessKeyId":"CANARY"}`:                           "SecretAccessKey",
		`{"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY\n"}`:   "printable ASCII",
		`{"Version":1,"AccessKeyId":"A B","SecretAccessKey":"CANARY"}`:   "printable ASCII",
		`{"Version":1,` + keys + `,"SessionToken":"CANARY\u202e"}`:       "printable ASCII",
		`AccessKeyId=AKIA SecretAccessKey=CANARY`:                        "one JSON object",
	} {
		s, got := readProgram([]byte(out), now)
		if (wrong == "") != (got == "") || !strings.Contains(got, wrong) || strings.Contains(got, "CANARY") {
			t.Errorf("readProgram(%q): %q, want %q", out, got, wrong)
		}
		if (s.ID == "") != (got != "") {
			t.Errorf("readProgram(%q) = key %q with %q", out, s.ID, got)
		}
	}
	s, _ := readProgram([]byte(`{"Version":1,`+keys+`,"SessionToken":"T","Expiration":"2026-01-02T04:04:05.5+00:30","AccountId":"123456789012"}`), now)
	if want := now.Add(30 * time.Minute); !s.Expires.Equal(want) || s.Token.Reveal() != "T" || s.AccountID != "123456789012" {
		t.Errorf("readProgram = %v, %s, want %v", s.Expires, s.AccountID, want)
	}
}

func TestTellable(t *testing.T) {
	const answer = `{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"CANARYwJalrXUtnFEMI"}`
	for _, tt := range []struct{ stdout, said, want string }{
		{"", "The SSO session has expired: run login", "The SSO session has expired: run login"},
		{answer, "warning: old", "warning: old"},
		{answer, "+ echo CANARYwJalrXUtnFEMI", ""},
		{"CANARYwJalrXUtnFEMI\n", "got CANARYwJalrXUtnFEMI.", ""},
		{"", answer, ""},
		{"", "export AWS_SECRET_ACCESS_KEY=CANARYwJalrXUtnFEMI", ""},
		{"", "aws_session_token = CANARY", ""},
	} {
		if got := tellable(program.Output{Stdout: []byte(tt.stdout), Said: tt.said}); got != tt.want {
			t.Errorf("tellable(%q, %q) = %q, want %q", tt.stdout, tt.said, got, tt.want)
		}
	}
}
