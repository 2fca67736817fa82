package connector

import (
	"slices"
	"testing"
)

func TestUsersOf(t *testing.T) {
	f, err := Parse("connectors.toml", []byte(`
[defaults]
region = "eu-central-1"
[connectors.main]
auth_method = "session-token"
[connectors.other]
auth_method = "session-token"
key = "main"
[connectors.broken]
auth_method = "session-tokem"
key = "main"
[connectors.away]
auth_method = "session-token"
key = "away"
[connectors.sso]
auth_method = "implicit"
[connectors.role]
auth_method = "iam-role"
role_arn = "arn:aws:iam::123456789012:role/r"
source = "other"
[connectors.second]
auth_method = "iam-role"
role_arn = 7
source = "role"
[connectors.round]
auth_method = "iam-role"
role_arn = "arn:aws:iam::123456789012:role/r"
source = "round"
[connectors.lost]
auth_method = "iam-role"
role_arn = "arn:aws:iam::123456789012:role/r"
source = "nowhere"
[connectors.web]
auth_method = "web-identity"
[connectors.broker]
auth_method = "process"
credential_process = ["vault"]
[connectors.unread]
auth_method = "session-token"
key = 7
`))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][]string{
		"main": {"broken", "main", "other", "role", "second"}, "away": {"away"}, "broken": nil, "sso": nil, "unread": nil, "": {"broker", "round", "sso", "unread", "web"}, "web": nil, "broker": nil,
	} {
		if got := f.UsersOf(key); !slices.Equal(got, want) {
			t.Errorf("UsersOf(%q) = %q, want %q", key, got, want)
		}
	}
	f, err = Parse("connectors.toml", []byte("[defaults]\nkey = \"main\"\n[connectors.a]\nrole_arn = 1\n[connectors.b]\nauth_method = \"session-token\"\nregion = \"eu-central-1\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.UsersOf("main"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("UsersOf(%q) = %q, want a and b", "main", got)
	}
}
