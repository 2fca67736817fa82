package dockerconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/dotfile"
)

const (
	host   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
	public = "public.ecr.aws"
)

// dockerLogin is what docker login leaves on Linux.
const dockerLogin = `{
	"auths": {
		"https://index.docker.io/v1/": {
			"auth": "Y2FuYXJ5OkNBTkFSWQ=="
		},
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com": {
			"auth": "QVdTOkNBTkFSWQ=="
		}
	},
	"HttpHeaders": {
		"User-Agent": "Docker-Client/19.03.1 (linux)"
	}
}`

// edits are configurations with what Add of hosts makes of them. Unless keep is
// set, removing the hosts again gives before.
var edits = []struct {
	name, before string
	hosts        []string
	after        string
	keep         bool
	findings     []Kind
}{
	{name: "absent", before: "", after: "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n}\n", keep: true},
	{name: "white space", before: " \n\n", after: "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n}\n", keep: true},
	{name: "braces", before: "{}\n", after: "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n}\n"},
	{name: "braces apart", before: "{\n}", after: "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n\n}"},
	{name: "braces with a blank", before: "{ }", after: "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n }"},
	{name: "docker login", before: dockerLogin, findings: []Kind{StoredPassword},
		after: strings.TrimSuffix(dockerLogin, "\n}") + ",\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n}"},
	{name: "docker desktop", hosts: []string{host, public},
		before: "{\n  \"auths\": {},\n  \"credsStore\": \"desktop\",\n  \"currentContext\": \"desktop-linux\"\n}\n",
		after: "{\n  \"auths\": {},\n  \"credsStore\": \"desktop\",\n  \"currentContext\": \"desktop-linux\",\n  \"credHelpers\": {\n" +
			"    \"" + host + "\": \"ecr\",\n    \"public.ecr.aws\": \"ecr\"\n  }\n}\n"},
	{name: "four blanks, gcloud", hosts: []string{public},
		before: "{\n    \"credHelpers\": {\n        \"gcr.io\": \"gcloud\",\n        \"eu.gcr.io\": \"gcloud\"\n    },\n    \"auths\": {}\n}\n",
		after:  "{\n    \"credHelpers\": {\n        \"gcr.io\": \"gcloud\",\n        \"eu.gcr.io\": \"gcloud\",\n        \"public.ecr.aws\": \"ecr\"\n    },\n    \"auths\": {}\n}\n"},
	{name: "odd indentation", before: "  {\n     \"psFormat\" : \"{{.ID}}\"\n  }",
		after: "  {\n     \"psFormat\" : \"{{.ID}}\",\n     \"credHelpers\" : {\n        \"" + host + "\" : \"ecr\"\n     }\n  }"},
	{name: "no indentation", before: "{\n\"auths\": {\n\"quay.io\": {}\n}\n}",
		after: "{\n\"auths\": {\n\"quay.io\": {}\n},\n\"credHelpers\": {\n\"" + host + "\": \"ecr\"\n}\n}"},
	{name: "minified", before: `{"auths":{"quay.io":{"auth":"Q0FOQVJZ"}},"experimental":"enabled"}`,
		after: `{"auths":{"quay.io":{"auth":"Q0FOQVJZ"}},"experimental":"enabled","credHelpers":{"` + host + `":"ecr"}}`},
	{name: "one line", before: `{"auths": {}}` + "\n", after: `{"auths": {}, "credHelpers": {"` + host + `": "ecr"}}` + "\n"},
	{name: "one line, minified", before: `{"auths":{}}`, after: `{"auths":{},"credHelpers":{"` + host + `":"ecr"}}`},
	{name: "one line, entries", before: `{"credHelpers": {"gcr.io": "gcloud"}}`, after: `{"credHelpers": {"gcr.io": "gcloud", "` + host + `": "ecr"}}`},
	{name: "CRLF", before: "{\r\n\t\"auths\": {}\r\n}\r\n", after: "{\r\n\t\"auths\": {},\r\n\t\"credHelpers\": {\r\n\t\t\"" + host + "\": \"ecr\"\r\n\t}\r\n}\r\n"},
	{name: "CRLF braces", before: "{\r\n}\r\n", after: "{\r\n\t\"credHelpers\": {\r\n\t\t\"" + host + "\": \"ecr\"\r\n\t}\r\n\r\n}\r\n"},
	{name: "byte order mark", before: "\ufeff{\"a\":1}", after: "\ufeff{\"a\":1,\"credHelpers\":{\"" + host + "\":\"ecr\"}}", findings: []Kind{ByteOrderMark}},
	{name: "unknown members", before: "{\n \"n\": 12345678901234567890.10e+400,\n \"\\u0061\": \"\\u00e9\\/\",\n \"a\": [1, {\"}\": \"\\\"{\"}],\n \"a\": null\n}",
		after: "{\n \"n\": 12345678901234567890.10e+400,\n \"\\u0061\": \"\\u00e9\\/\",\n \"a\": [1, {\"}\": \"\\\"{\"}],\n \"a\": null,\n \"credHelpers\": {\n  \"" + host + "\": \"ecr\"\n }\n}"},
	{name: "empty credHelpers", before: "{\n  \"credHelpers\": {},\n  \"auths\": {}\n}", keep: true,
		after: "{\n  \"credHelpers\": {\n    \"" + host + "\": \"ecr\"\n  },\n  \"auths\": {}\n}"},
	{name: "empty credHelpers on one line", before: `{"credHelpers":{ }}`, after: `{"credHelpers":{"` + host + `":"ecr"}}`, keep: true},
	{name: "nulls, as docker reads them", keep: true, before: `{"auths":null,"credHelpers":null}`, after: `{"auths":null,"credHelpers":{"` + host + `":"ecr"}}`},
	{name: "nulls on lines", keep: true, before: "{\n\t\"auths\": null,\n\t\"credHelpers\": null\n}\n", after: "{\n\t\"auths\": null,\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n}\n"},
	{name: "null alone", keep: true, before: "null\n", after: "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr\"\n\t}\n}\n"},
	{name: "null for the host", keep: true, before: `{"credHelpers":{"` + host + `":null,"a":null}}`, after: `{"credHelpers":{"` + host + `":"ecr","a":null}}`},
	{name: "there already, escaped", before: `{"credHelpers":{"` + strings.Replace(host, "1", `\u0031`, 1) + `":"\u0065cr"}}`, keep: true,
		after: `{"credHelpers":{"` + strings.Replace(host, "1", `\u0031`, 1) + `":"\u0065cr"}}`},
	{name: "another case is another host", before: `{"credHelpers":{"` + strings.ToUpper(host) + `":"x"}}`,
		after: `{"credHelpers":{"` + strings.ToUpper(host) + `":"x","` + host + `":"ecr"}}`},
	{name: "two credHelpers", before: `{"credHelpers":{"a":"x"},"credHelpers":{"b":"y"}}`, findings: []Kind{SeveralHelpers},
		after: `{"credHelpers":{"a":"x"},"credHelpers":{"b":"y","` + host + `":"ecr"}}`},
	{name: "two credHelpers, in the first alone", before: `{"credHelpers":{"` + host + `":"ecr"},"credHelpers":{}}`, findings: []Kind{SeveralHelpers}, keep: true,
		after: `{"credHelpers":{"` + host + `":"ecr"},"credHelpers":{"` + host + `":"ecr"}}`},
	{name: "credsStore ecr, a URL", before: `{"credsStore":"ecr","credHelpers":{"https://` + host + `/v1/":"desktop"},"auths":{"https://` + host + `":{"identitytoken":"CANARY"},"` + public + `":{"auth":"CANARY"}}}`,
		after:    `{"credsStore":"ecr","credHelpers":{"https://` + host + `/v1/":"desktop","` + host + `":"ecr"},"auths":{"https://` + host + `":{"identitytoken":"CANARY"},"` + public + `":{"auth":"CANARY"}}}`,
		findings: []Kind{StoreIsHelper, URLEntry, StoredPassword}},
	{name: "auths without a password", before: `{"auths":{"` + host + `":{"auth":""}}}`, after: `{"auths":{"` + host + `":{"auth":""}},"credHelpers":{"` + host + `":"ecr"}}`},
}

func TestAddThenRemove(t *testing.T) {
	for _, c := range edits {
		hosts := c.hosts
		if hosts == nil {
			hosts = []string{host}
		}
		got, err := Add([]byte(c.before), hosts, false)
		if err != nil || string(got.Config) != c.after {
			t.Errorf("%s: Add = %q, %v, want %q", c.name, got.Config, err, c.after)
			continue
		}
		if (len(got.Hosts) > 0) != (c.before != c.after) {
			t.Errorf("%s: Add changed %q", c.name, got.Hosts)
		}
		if kinds := kindsOf(got.Findings); !slices.Equal(kinds, c.findings) {
			t.Errorf("%s: Add found %v, want %v", c.name, got.Findings, c.findings)
		}
		if strings.Contains(fmt.Sprint(got.Findings), "CANARY") {
			t.Errorf("%s: findings show a secret", c.name)
		}
		again, err := Add(got.Config, hosts, false)
		if err != nil || string(again.Config) != c.after || again.Hosts != nil {
			t.Errorf("%s: Add twice = %q, %q, %v", c.name, again.Config, again.Hosts, err)
		}
		back, err := Remove(got.Config, hosts)
		if err != nil || !c.keep && string(back.Config) != c.before {
			t.Errorf("%s: Remove = %q, %v, want %q", c.name, back.Config, err, c.before)
		}
	}
}

func kindsOf(findings []Finding) []Kind {
	var kinds []Kind
	for _, f := range findings {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

func TestRemove(t *testing.T) {
	for _, c := range []struct {
		before, hosts, after, removed string
	}{
		{"", "", "", ""},
		{"{}", host, "{}", ""},
		{"{\n  \"credHelpers\": {\n    \"a\": \"ecr\"\n  }\n}\n", "", "{}\n", "a"},
		{`{ "credHelpers": { "a": "ecr" } }`, "a", `{}`, "a"},
		{`{"credHelpers":{"a":"ecr"},"x":1}`, "a", `{"x":1}`, "a"},
		{`{"x":1 , "credHelpers":{"a":"ecr"}, "y":2}`, "a", `{"x":1, "y":2}`, "a"},
		{`{"credHelpers":{"a":"ecr","b":"gcloud","c":"ecr"}}`, "", `{"credHelpers":{"b":"gcloud"}}`, "a c"},
		{`{"credHelpers":{"a":"ecr","b":"gcloud","c":"ecr"}}`, "c d a", `{"credHelpers":{"b":"gcloud"}}`, "c a"},
		{`{"credHelpers":{"a":"ecr","b":"gcloud"}}`, "b", `{"credHelpers":{"a":"ecr","b":"gcloud"}}`, ""},
		{`{"credHelpers":{"a":"ecr","a":"ecr"},"credHelpers":{"a":"ecr"},"x":0}`, "a", `{"x":0}`, "a"},
		{`{"credHelpers":{}}`, "", `{"credHelpers":{}}`, ""},
		{"\ufeff{\"x\":1,\"credHelpers\":{\"a\":\"ecr\"}}", "", "\ufeff{\"x\":1}", "a"},
	} {
		got, err := Remove([]byte(c.before), strings.Fields(c.hosts))
		if err != nil || string(got.Config) != c.after || strings.Join(got.Hosts, " ") != c.removed {
			t.Errorf("Remove(%s, %q) = %s, %q, %v, want %s, %q", c.before, c.hosts, got.Config, got.Hosts, err, c.after, c.removed)
		}
	}
	got, err := Remove([]byte("{\"credHelpers\":{\n\"b\":\"gcloud\"}}"), []string{"b"})
	if err != nil || fmt.Sprint(got.Findings) != `[line 2: the helper of "b" is "gcloud" and was left]` {
		t.Errorf("Remove of another helper's host found %v, %v", got.Findings, err)
	}
}

func TestConflict(t *testing.T) {
	before := "{\n\t\"credHelpers\": {\n\t\t\"" + host + "\": \"ecr-login\",\n\t\t\"" + public + "\": \"desktop\"\n\t}\n}"
	got, err := Add([]byte(before), []string{"new.example", host, public}, false)
	var conflict *ConflictError
	if !errors.As(err, &conflict) || got.Config != nil {
		t.Fatalf("Add = %q, %v, want a ConflictError", got.Config, err)
	}
	if want := `line 3: the helper of "` + host + `" is "ecr-login"; line 4: the helper of "public.ecr.aws" is "desktop"`; err.Error() != want {
		t.Errorf("ConflictError = %s, want %s", err, want)
	}
	got, err = Add([]byte(before), []string{host}, true)
	if want := strings.Replace(before, "ecr-login", "ecr", 1); err != nil || string(got.Config) != want || len(got.Hosts) != 1 {
		t.Errorf("Add with force = %q, %v, want %q", got.Config, err, want)
	}
	// Every entry of the host is replaced, whichever one a reader takes.
	twice := `{"credHelpers":{"a":"x","a":"ecr","a":"yy"},"credHelpers":{"b":"ecr"}}`
	want := `{"credHelpers":{"a":"ecr","a":"ecr","a":"ecr"},"credHelpers":{"b":"ecr","a":"ecr"}}`
	if got, err := Add([]byte(twice), []string{"a"}, true); err != nil || string(got.Config) != want {
		t.Errorf("Add with force = %s, %v, want %s", got.Config, err, want)
	}
}

// Nothing that docker would not read is edited.
func TestBroken(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{"{", "1:2: invalid JSON: unexpected end of JSON input"},
		{"{\n\t\"a\": 1,\n}", "3:1: invalid JSON: invalid character '}' looking for beginning of object key string"},
		{"// mine\n{}", "1:1: invalid JSON: invalid character '/' looking for beginning of value"},
		{"{\n  \"é\": 1 /* x */\n}", "2:10: invalid JSON: invalid character '/' after object key:value pair"},
		{"{} {}", "1:4: invalid JSON: invalid character '{' after top-level value"},
		{"{'a': 1}", "1:2: invalid JSON: invalid character '\\'' looking for beginning of object key string"},
		{"[]", "1:1: not a JSON object"},
		{"\n \"x\"", "2:2: not a JSON object"},
		{"true", "1:1: not a JSON object"},
		{`{"credHelpers": []}`, "1:17: credHelpers is not an object"},
		{`{"credHelpers": true}`, "1:17: credHelpers is not an object"},
		{`{"credHelpers": {}, "credHelpers": "ecr"}`, "1:36: credHelpers is not an object"},
		{`{"credHelpers": {"a": {}}}`, `1:23: the helper of "a" in credHelpers is not a string`},
		{`{"credhelpers": {}}`, `1:2: "credhelpers" is taken for credHelpers by docker and by nobody else`},
		{"\ufeff{", "1:2: invalid JSON: unexpected end of JSON input"},
	} {
		var bad *SyntaxError
		if r, err := Add([]byte(c.config), []string{host}, true); !errors.As(err, &bad) || err.Error() != c.want || bad.Hint() == "" || r.Config != nil {
			t.Errorf("Add(%q) = %q, %v, want %s", c.config, r.Config, err, c.want)
		}
		if r, err := Remove([]byte(c.config), nil); !errors.As(err, &bad) || err.Error() != c.want || r.Config != nil {
			t.Errorf("Remove(%q) = %q, %v, want %s", c.config, r.Config, err, c.want)
		}
	}
	for _, h := range []string{"", "a b", "a\n", "\xff", "a\x00"} {
		if r, err := Add(nil, []string{h}, true); err == nil {
			t.Errorf("Add of host %q = %q, want an error", h, r.Config)
		}
	}
}

func TestOutline(t *testing.T) {
	before := "{\n\t\"auths\": {\n\t\t\"h\": {\n\t\t\t\"\\u0061uth\":\n\t\t\t\t\"CANARY\", \"email\" : \"\"\n\t\t}\n\t},\n" +
		"\t\"HttpHeaders\": {\"X\": [\"CANARY\", 1, true,null]},\n\t\"credHelpers\": {\"a\": \"ecr\", \"b\": \"CANARY\"},\n\t\"psFormat\": \"ecr\",\n\t\"new\": -1.5e3\n}\n"
	want := "{\n\t\"auths\": {\n\t\t\"h\": {\n\t\t\t\"\\u0061uth\":\n\t\t\t\t\"[redacted]\", \"email\" : \"[redacted]\"\n\t\t}\n\t},\n" +
		"\t\"HttpHeaders\": {\"X\": [\"[redacted]\", \"[redacted]\", \"[redacted]\",\"[redacted]\"]},\n\t\"credHelpers\": {\"a\": \"ecr\", \"b\": \"[redacted]\"},\n\t\"psFormat\": \"[redacted]\",\n\t\"new\": \"[redacted]\"\n}\n"
	for _, c := range []struct{ before, want string }{
		{before, want},
		{"\ufeff" + before, "\ufeff" + want},
		{"", ""},
		{`{"auth": "CANARY"`, hidden + "\n"},
		{`["CANARY"]`, hidden + "\n"},
		{`{"auths":"CANARY","credHelpers":{"a":"ecr"}}`, `{"auths":"[redacted]","credHelpers":{"a":"ecr"}}`},
	} {
		if got := string(Outline([]byte(c.before))); got != c.want {
			t.Errorf("Outline(%q) = %q, want %q", c.before, got, c.want)
		}
	}
}

// What nobody reads is refused in words that say so.
func TestCharset(t *testing.T) {
	for config, want := range map[string]string{
		"\xff\xfe{\x00}\x00":       "1:1: it is UTF-16 LE and not UTF-8",
		"\x00{\x00}":               "1:1: it is UTF-16 BE and not UTF-8",
		"{\n\"a\": \"\xe9\"}":      "2:7: not UTF-8: the byte 0xE9",
		"{\"a\": 1}\n{\x00\n}\x00": "2:1: line 2 has a NUL byte",
	} {
		var bad *SyntaxError
		if r, err := Add([]byte(config), []string{host}, true); !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), want) || bad.Hint() == "" || r.Config != nil {
			t.Errorf("Add(%q) = %q, %v, want %s", config, r.Config, err, want)
		}
		if r, err := Remove([]byte(config), nil); !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), want) || r.Config != nil {
			t.Errorf("Remove(%q) = %q, %v, want %s", config, r.Config, err, want)
		}
	}
}

// A registry host for each of many accounts takes no more than its share.
func TestManyHosts(t *testing.T) {
	const n = 5000
	var hosts []string
	for i := range n {
		hosts = append(hosts, fmt.Sprintf("%012d.dkr.ecr.eu-central-1.amazonaws.com", i))
	}
	few := testing.AllocsPerRun(1, func() { addAndRemove(t, hosts[:n/10]) })
	many := testing.AllocsPerRun(1, func() { addAndRemove(t, hosts) })
	if many > 20*few {
		t.Errorf("ten times as many hosts take %.0f allocations instead of %.0f", many, few)
	}
}

func addAndRemove(t *testing.T, hosts []string) {
	there, err := Add([]byte("{}\n"), hosts, false)
	if err != nil || len(there.Hosts) != len(hosts) {
		t.Fatal(err)
	}
	away, err := Remove(there.Config, hosts)
	if err != nil || string(away.Config) != "{}\n" {
		t.Fatalf("Remove = %q, %v", away.Config, err)
	}
}

func TestDiffShowsNoSecret(t *testing.T) {
	shown := 0
	for _, c := range edits {
		diff := dotfile.Diff("/p", []byte(c.before), []byte(c.after), Outline)
		for _, secret := range []string{"CANARY", "Q0FOQVJZ", "Y2FuYXJ5", "QVdTOkNBTkFSWQ"} {
			if strings.Contains(diff, secret) {
				t.Errorf("%s: the diff shows a secret: %s", c.name, diff)
			}
		}
		if strings.Contains(diff, "[redacted]") {
			shown++
		}
		if c.before != c.after && !strings.Contains(diff, `"ecr"`) {
			t.Errorf("%s: the diff does not show the change: %s", c.name, diff)
		}
	}
	if shown == 0 {
		t.Error("no diff came near a secret")
	}
}
