package dockerconfig

import (
	"errors"
	"slices"
	"testing"
)

func TestPasswords(t *testing.T) {
	for in, want := range map[string][]string{
		"":   nil,
		"{}": nil,
		`{"auths":{"a.example":{},"https://b.example/v1/":{"auth":"x"},"c.example":{"identitytoken":"x"},"d.example":{"auth":""}}}`: {"b.example", "c.example"},
		"\ufeff" + `{"Auths":{"a.example":{"Password":"x"}}}`:                                                                       {"a.example"},
		`{"auths":[]}`: nil,
	} {
		if got, err := Passwords([]byte(in)); err != nil || !slices.Equal(got, want) {
			t.Errorf("Passwords(%s) = %q, %v, want %q", in, got, err, want)
		}
	}
	var syntax *SyntaxError
	if _, err := Passwords([]byte("{")); !errors.As(err, &syntax) {
		t.Errorf("Passwords({) = %v, want a SyntaxError", err)
	}
}
