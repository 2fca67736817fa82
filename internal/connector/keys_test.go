package connector

import (
	"strings"
	"testing"
)

const usesWork = "[connectors.c]\nauth_method = \"session-token\"\nregion = \"eu-central-1\"\nkey = \"work\"\n[connectors.other]\nauth_method = \"session-token\"\nregion = \"eu-central-1\"\n"

func TestKeyPrograms(t *testing.T) {
	f, err := Parse("f", []byte(usesWork+"\n[keys.work]\nprocess = [\"op\", \"read\", \"op://vault/a b\"]\n[keys.spare]\nprocess = [\"/usr/bin/pass\", \"aws\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Lookup("c")
	if err != nil || strings.Join(c.KeyProcess, "|") != "op|read|op://vault/a b" || c.Key != "work" {
		t.Errorf("Lookup(c) = %q by %q, %v", c.Key, c.KeyProcess, err)
	}
	if other, err := f.Lookup("other"); err != nil || other.KeyProcess != nil {
		t.Errorf("Lookup(other) = %q, %v", other.KeyProcess, err)
	}
	k, ok := f.KeyProgram("work")
	if !ok || k.Place() != "f:9" || k.Err != nil {
		t.Errorf("KeyProgram(work) = %+v, %v", k, ok)
	}
	if _, ok := f.KeyProgram("other"); ok {
		t.Error("KeyProgram(other) is there")
	}
	if all := f.KeyPrograms(); len(all) != 2 || all[0].Name != "spare" || all[1].Name != "work" {
		t.Errorf("KeyPrograms() = %+v", all)
	}
	if users := f.UsersOf("work"); len(users) != 1 || users[0] != "c" {
		t.Errorf("UsersOf(work) = %q", users)
	}
}

// An edit of the table is another connector.
func TestKeyProgramShapesTheConnector(t *testing.T) {
	prints := map[string]string{}
	for _, keys := range []string{"", "[keys.work]\nprocess=[\"a\"]", "[keys.work]\nprocess=[\"a\",\"b\"]", "[keys.work]\nprocess=[\"ab\"]", "[keys]\nwork.process=[\"b\",\"a\"]", "keys.work.process=[\"c\"]"} {
		text := usesWork + keys
		if strings.HasPrefix(keys, "keys.") {
			text = keys + "\n" + usesWork
		}
		f, err := Parse("f", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.Lookup("c")
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := prints[c.Fingerprint()]; ok {
			t.Errorf("%q and %q have one fingerprint", keys, other)
		}
		prints[c.Fingerprint()] = keys
	}
}

// What is wrong with a key is wrong with the connectors that use it, and with no other one.
func TestBrokenKeyPrograms(t *testing.T) {
	for _, c := range []struct{ keys, want, hint string }{
		{"[keys.work]", `f:8: connector "c": [keys.work]: process is missing`, `process = ["/path/to/program", "argument"]`},
		{"[keys.work]\nprocess = []", `f:9: connector "c": [keys.work]: process names no program`, `process = [`},
		{"[keys.work]\nprocess = [\"\"]", `f:9: connector "c": [keys.work]: process names no program`, ``},
		{"[keys.work]\nprocess = \"op read\"", `f:9: connector "c": [keys.work]: process must be a list of strings: a program and its arguments`, ``},
		{"[keys.work]\nprocess = [\"op\", 1]", `f:9: connector "c": [keys.work]: process element 2 must be a string`, ``},
		{"[keys.work]\nprocess = [\"op read\"]", `f:9: connector "c": [keys.work]: process is one word with blanks`, ``},
		{"[keys.work]\nprocess = [\"./op\"]", `f:9: connector "c": [keys.work]: process must begin with a program's name or absolute path`, ``},
		{"[keys.work]\nprocess = [\"op\", \"AKIAIOSFODNN7CANARY9\"]", `f:9: connector "c": [keys.work]: process holds an access key, which does not belong in this file`, "name or path of its own"},
		{"[keys.work]\nprocess = [\"op\", \"\\u001b[2J\"]", `f:9: connector "c": [keys.work]: process element 2 has control characters`, ``},
		{"[keys.work]\nproces = [\"op\"]", `f:9: connector "c": [keys.work]: unknown key "proces"`, `did you mean "process"?`},
		{"[keys.work]\nprocess = [\"op\"]\nregion = \"x\"", `f:10: connector "c": [keys.work]: unknown key "region"`, "put it into the connector"},
		{"[keys.work]\nprocess = [\"op\"]\ntimeout = 5", `f:10: connector "c": [keys.work]: unknown key "timeout"`, "it has one key"},
		{"[keys.work]\nprocess = [\"op\"]\nsecret_access_key = \"CANARY\"", `f:10: connector "c": [keys.work]: a secret does not belong in this file`, "key add work"},
		{"[keys]\nwork = [\"op\"]", `f:9: connector "c": [keys.work]: must be a table`, "write [keys.work]"},
	} {
		f, err := Parse("f", []byte(usesWork+c.keys+"\n"))
		if err != nil {
			t.Errorf("%s: Parse: %v", c.keys, err)
			continue
		}
		_, err = f.Lookup("c")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: Lookup(c): %v, want %s", c.keys, err, c.want)
			continue
		}
		if hint := err.(*Error).Advice; !strings.Contains(hint, c.hint) || strings.Contains(hint, "CANARY") {
			t.Errorf("%s: hint = %s, want %s", c.keys, hint, c.hint)
		}
		if k, ok := f.KeyProgram("work"); !ok || k.Err == nil || strings.Contains(k.Err.Error(), "connector") {
			t.Errorf("%s: KeyProgram(work) = %+v, %v", c.keys, k, ok)
		}
		if _, err := f.Lookup("other"); err != nil {
			t.Errorf("%s: Lookup(other): %v", c.keys, err)
		}
		if users := f.UsersOf("work"); len(users) != 1 {
			t.Errorf("%s: UsersOf(work) = %q", c.keys, users)
		}
	}
	for text, want := range map[string]string{
		"keys = 1":                                               "f:1: keys must be a table",
		"[keys]\nprocess = [\"op\"]":                             "f:2: keys: process is not in a table with a key's name",
		"[[keys]]\nprocess = [\"op\"]":                           "f:1: keys must be a table",
		"[key.work]\nprocess=[\"op\"]":                           `f:1: unknown key "key" outside a connector`,
		"[keys.a]\nprocess=[\"op\"]\n[keys.a]\nprocess=[\"op\"]": `f:3: "keys.a" is defined here and on line 1 already`,
		"[keys.a]\nprocess=[\"op\"]\nprocess=[\"op\"]":           `f:3: "keys.a.process" is defined here and on line 2 already`,
	} {
		if _, err := Parse("f", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, want %s", text, err, want)
		}
	}
}

// A name that no key can have may be a secret in the wrong place.
func TestNamesOfKeyPrograms(t *testing.T) {
	for _, name := range []string{`"AKIAIOSFODNN7CANARY9"`, `"CANARY key"`, `""`, `".index"`} {
		f, err := Parse("f", []byte("[keys."+name+"]\nprocess = [\"op\"]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if all := f.KeyPrograms(); len(all) != 1 || all[0].Err == nil || all[0].Err.Error() != "f:1: [keys]: not a name" {
			t.Errorf("KeyPrograms() of %s = %+v", name, all)
		}
	}
}
