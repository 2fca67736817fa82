package connector

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/charset"
)

// inParts returns what is made of text table by table, and which tables the parser did not see.
func inParts(text string) (top map[string]any, plain []string, err error) {
	problem, _, found := measure(text)
	if problem != "" {
		return nil, nil, fmt.Errorf("%s", problem)
	}
	top, tables, err := decodeRest(text, found)
	if err != nil || len(tables) == 0 {
		return top, nil, err
	}
	all, _ := top["connectors"].(map[string]any)
	if all == nil {
		all = map[string]any{}
		top["connectors"] = all
	}
	for name, text := range tables {
		all[name] = readTable(text)
	}
	return top, slices.Sorted(maps.Keys(tables)), nil
}

// partly are texts that have tables that are plain, and what may stand between and around them.
var partly = map[string]string{ // by text: the plain ones
	"[connectors.a]\nx = 1\n[connectors.b]\ny = 'z'\n": "a b",
	"[connectors.a]": "a",
	"[connectors.a]\n\n# c\n \t\n[connectors.b]#c":                                               "a b",
	"\n# c\nkeystore = 'file'\n[defaults]\nregion = '''r'''\n[connectors.a]\nx=true # c\n":       "a",
	"[connectors.a]\r\nx = \"1\" # c\r\n\r\ny = [ 'a',\r\n\t\"b\" , ]\r\n[connectors.b]\r\n":     "a b",
	"[connectors.a]\nx = [\n]\ny=[]\nz=['']\nn=123456789012345678\nm=0\nb=false\ne=\"\"\n":       "a",
	"[connectors.a]\nx = 'ü' # ä\n[connectors.1]\n[connectors.-]\n":                              "- 1 a",
	"[connectors.a]\nx = 1\n[connectors.b]\nx = 1.5\n[connectors.c]\nx = 2\n":                    "a c",
	"[connectors.a]\nx = 1\n[connectors.a.tags]\ny = 1\n[connectors.c]\nx = 2\n":                 "c",
	"[connectors.a.tags]\ny = 1\n[connectors.a]\nx = 1\n[connectors.c]\nx = 2\n":                 "c",
	"[connectors.c]\nx = 2\n[connectors]\nb = {x = 1}\n[connectors.d]\n":                         "c d",
	"[connectors]\nb.x = 1\n[connectors.c]\n":                                                    "c",
	"[connectors.a]\n[x]\n[[y.z]]\n":                                                             "",
	"[connectors.a]\nx = 1 # \x01\n[connectors.b]\n":                                             "",
	"[connectors.a]\nx = \"a\\tb\"\n[connectors.b]\n":                                            "b",
	"[connectors.a]\nx = '''\n[connectors.b]\n'''\n[connectors.c]\n":                             "c",
	"[connectors.a]\nx = [1,\n2] # [connectors.b]\n[connectors.c]\n":                             "c",
	"[connectors.a]\nx = {a = 1}\n[connectors.c]\nx = 2020-01-01T00:00:00Z\n[connectors.d]\ny=1": "d",

	// The whole file is for the parser.
	"[connectors.a]\n[connectors.a]\n":                             "",
	"[connectors.a]\nx=1\nx=2\n":                                   "",
	"[connectors.a]\n[connectors.b]\n[connectors.b]\n":             "",
	"[connectors.a]\n[connectors]\na.x = 1\n":                      "",
	"[connectors.a]\n[connectors]\na = {}\n":                       "",
	"[connectors]\na.x = 1\n[connectors.a]\n":                      "",
	"connectors = {}\n[connectors.a]\n":                            "",
	"connectors = 1\n[connectors.a]\n":                             "",
	"connectors.a.x = 1\n[connectors.b]\n":                         "",
	"'connectors' = {}\n[connectors.a]\n":                          "",
	"[[connectors]]\n[connectors.a]\n":                             "",
	"[connectors.a]\n['connectors'.a]\n":                           "",
	"[connectors.a]\n[connectors.\"a\"]\n":                         "",
	"[connectors.a]\n[ connectors.b ]\n":                           "",
	"[connectors.a]\n[connectors.b\n":                              "",
	"[connectors.a] x = 1\n":                                       "",
	"[connectors.a]\nx\n":                                          "",
	"[connectors.a]\nx = \n":                                       "",
	"[connectors.a]\nx = 1 y = 2\n":                                "",
	"[connectors.a]\nx = 'a\n":                                     "",
	"[connectors.a]\nx = \"a\x01\"\n":                              "",
	"[connectors.a]\nx = 'a\rb'\n":                                 "",
	"[connectors.a]\nx = 1\r":                                      "",
	"[connectors.a]\n\rx = 1\n":                                    "",
	"[connectors.a]\nx = 01\n":                                     "",
	"[connectors.a]\nx = [ , ]\n":                                  "",
	"[connectors.a]\nx = [ 'a' 'b' ]\n":                            "",
	"[connectors.a]\nx = [ 'a',, ]\n":                              "",
	"[connectors.a]\nx = [ 'a'\n[connectors.b]\n":                  "",
	"[connectors.a]\nx = truefalse\n[connectors.b]\n[connectors.c": "",
	"[connectors.a]\nx = 1\n[defaults]\nx = 'y\n[connectors.b]\n":  "",
	"[connectors.a]\n[defaults]\n[defaults]\n[connectors.b]\n":     "",
	"[connectors.a]\n[connectors.a.b.c]\n[connectors.a.b]\nd=\n":   "",
	"\xef\xbb\xbf[connectors.a]\n":                                 "",
	"x = 1.5\n[connectors.a]\n":                                    "",
}

func TestTablesAreReadAlone(t *testing.T) {
	for text, want := range partly {
		top, plain, err := inParts(text)
		wantTop, wantErr := decode(text)
		if !reflect.DeepEqual(top, wantTop) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%q: in parts %v, %v, as a whole %v, %v", text, top, err, wantTop, wantErr)
		}
		if got := strings.Join(plain, " "); got != want {
			t.Errorf("%q: %q are read alone, want %q", text, got, want)
		}
	}
}

// FuzzTablesAreReadAlone looks for a text that the parser reads otherwise as a whole.
func FuzzTablesAreReadAlone(f *testing.F) {
	for text := range partly {
		f.Add(text)
	}
	f.Add(many(3, "registries = [\"%\"]"))
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 || strings.Count(text, "[")+strings.Count(text, "{") > 300 || strings.Count(text, ".") > 300 || charset.Check([]byte(text)) != nil {
			return // the parser would take too long, or is not asked
		}
		top, plain, err := inParts(text)
		if len(plain) == 0 {
			return
		}
		if wantTop, wantErr := decode(text); err != nil || wantErr != nil || !reflect.DeepEqual(top, wantTop) {
			t.Errorf("%q: in parts %v, %v, as a whole %v, %v", text, top, err, wantTop, wantErr)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 100, 500, 1000} {
		text := []byte(many(n, "role_arn = \"arn:aws:iam::123456789012:role/Deploy\"\nauth_method = \"iam-role\"\nregistries = [\"%\"]\n"))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				f, err := Parse("f", text)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := f.Lookup("c00000"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
