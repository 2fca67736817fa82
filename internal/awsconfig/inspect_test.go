package awsconfig

import (
	"reflect"
	"testing"
)

func TestInspect(t *testing.T) {
	config := "\ufeff[default]\nregion = x\n[profile a]\ncredential_process = aws-connector get a\n[sso-session s]\n[profile b]\naws_access_key_id = AKIAX\nx = 1\nx = 2\n"
	credentials := "[a]\naws_access_key_id = AKIAX\n[t]\naws_access_key_id = ASIAX\n"
	got := Inspect([]byte(config), []byte(credentials))
	want := Inspection{
		Config:      []Existing{{"default", 1, "", false}, {"a", 3, "aws-connector get a", false}, {"b", 6, "", true}},
		Credentials: []Existing{{"a", 1, "", true}, {"t", 3, "", false}},
		Findings:    []Finding{{Kind: ByteOrderMark, Line: 1}, {Kind: Unreadable, Line: 9}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Inspect() = %+v, want %+v", got, want)
	}
	if got := Inspect(nil, nil); !reflect.DeepEqual(got, Inspection{}) {
		t.Errorf("Inspect of nothing = %+v", got)
	}
}

func TestAgainst(t *testing.T) {
	config := "[profile a]\nsource_profile = b\n[profile c]\nregion = x\n"
	credentials := "[c]\naws_access_key_id = AKIAX\n"
	for profile, want := range map[string][]Finding{
		"a": {{Kind: OtherSource, Line: 2, Profile: "a", Key: "source_profile"}},
		"c": {{Kind: InCredentials, Line: 2, Profile: "c", Key: "aws_access_key_id", Credentials: true}},
		"d": nil,
	} {
		if got := Against([]byte(config), []byte(credentials), profile); !reflect.DeepEqual(got, want) {
			t.Errorf("Against(%q) = %v, want %v", profile, got, want)
		}
	}
}
