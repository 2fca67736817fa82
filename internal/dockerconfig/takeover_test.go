package dockerconfig

import (
	"errors"
	"slices"
	"testing"
)

func TestTakeOver(t *testing.T) {
	const other = "210987654321.dkr.ecr.us-east-1.amazonaws.com"
	before := `{"credHelpers":{"` + host + `":"ecr-login","` + other + `":"ecr-login"}}`
	r, err := TakeOver([]byte(before), []string{host})
	if want := `{"credHelpers":{"` + host + `":"ecr","` + other + `":"ecr-login"}}`; err != nil || string(r.Config) != want || !slices.Equal(r.Hosts, []string{host}) {
		t.Errorf("TakeOver = %s, %q, %v, want %s", r.Config, r.Hosts, err, want)
	}
	hosts, err := Incumbents(r.Config)
	if err != nil || !slices.Equal(hosts, []string{other}) {
		t.Errorf("Incumbents = %q, %v", hosts, err)
	}
	var conflict *ConflictError
	theirs := `{"credHelpers":{"` + host + `":"ecr-login","` + other + `":"pass"}}`
	if _, err := TakeOver([]byte(theirs), []string{host, other}); !errors.As(err, &conflict) || len(conflict.Entries) != 1 || conflict.Entries[0].Host != other {
		t.Errorf("TakeOver of another helper = %v", err)
	}
	for _, empty := range []string{"", "\ufeff", "{}", `{"credsStore":"ecr-login"}`} {
		if hosts, err := Incumbents([]byte(empty)); err != nil || hosts != nil {
			t.Errorf("Incumbents(%q) = %q, %v", empty, hosts, err)
		}
	}
	var syntax *SyntaxError
	if _, err := Incumbents([]byte("{")); !errors.As(err, &syntax) {
		t.Errorf("Incumbents = %v, want a SyntaxError", err)
	}
}
