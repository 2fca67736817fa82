package connector

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every field is told of once, and nothing else is.
func TestFieldsAreAllTold(t *testing.T) {
	var told []string
	for _, f := range Fields() {
		if slices.Contains(told, f.Name) {
			t.Errorf("%s is told of twice", f.Name)
		}
		told = append(told, f.Name)
		if !isField(f.Name) {
			t.Errorf("%s is no field", f.Name)
		}
		if f.Meaning == "" || strings.HasSuffix(f.Meaning, ".") {
			t.Errorf("%s: Meaning = %q, want a phrase", f.Name, f.Meaning)
		}
	}
	for name := range fields() {
		if !slices.Contains(told, name) {
			t.Errorf("%s is not told of", name)
		}
	}
	guide, err := os.ReadFile("../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range told {
		if !strings.Contains(string(guide), "`"+name+"`") {
			t.Errorf("docs/guide.md does not name %s", name)
		}
	}
}

// A field takes the type that is told of it, and no other.
func TestFieldsHaveTheTypeTold(t *testing.T) {
	values := map[string][]any{
		"boolean":          {true},
		"integer":          {int64(900)},
		"list of strings":  {[]any{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, []any{"*"}, []any{"program"}},
		"table of strings": {map[string]any{"sts": "https://localhost"}},
		"string":           {"main", "eu-central-1", "{}", "https://localhost", "arn:aws:iam::123456789012:role/Deploy", "~/token"},
		"time":             {time.Unix(0, 0).UTC()},
	}
	for _, f := range Fields() {
		if values[f.Type] == nil {
			t.Errorf("%s: unknown type %q", f.Name, f.Type)
		}
		for kind, all := range values {
			taken := slices.ContainsFunc(all, func(v any) bool { return CheckField(f.Name, v) == nil })
			if taken != (kind == f.Type) {
				t.Errorf("%s is told to be a %s; a %s is taken: %v", f.Name, f.Type, kind, taken)
			}
		}
	}
}

func TestFieldMethods(t *testing.T) {
	for name, want := range map[string]string{
		"region":             "all",
		"expires_at":         "sts-token",
		"role_arn":           "implicit, iam-role, web-identity",
		"expiration_seconds": "implicit with a role, iam-role, session-token, federation-token, web-identity",
	} {
		i := slices.IndexFunc(Fields(), func(f Field) bool { return f.Name == name })
		if got := Fields()[i].Methods; got != want {
			t.Errorf("Methods of %s = %q, want %q", name, got, want)
		}
	}
}
