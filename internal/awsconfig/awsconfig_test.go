package awsconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aws-connector/internal/dotfile"
)

const (
	command = "/usr/local/bin/aws-connector get deploy"
	process = "credential_process = " + command
	made    = "[profile deploy]\n" + process + "\nregion = eu-central-1\n"
)

var deploy = Profile{"deploy", command, "eu-central-1"}

// awsConfigure is a file as `aws configure` and people leave it.
const awsConfigure = `# work
[default]
region = us-east-1
output = json

[profile dev]
region=eu-west-1
s3 =
  max_concurrent_requests = 20
  max_queue_size=10000
cli_pager =

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
`

// edits are config files with what Set makes of them. Unless keep is set,
// removing the profiles again gives before.
var edits = []struct {
	name, before string
	profiles     []Profile
	after        string
	keep         bool
	told         []Kind
}{
	{name: "absent", before: "", after: made},
	{name: "no region", before: "", profiles: []Profile{{"deploy", command, ""}}, after: "[profile deploy]\n" + process + "\n"},
	{name: "default", before: "", profiles: []Profile{{"default", command, ""}}, after: "[default]\n" + process + "\n"},
	{name: "a new one", before: awsConfigure, after: awsConfigure + "\n" + made},
	{name: "two new ones", before: awsConfigure, profiles: []Profile{deploy, {"audit", command, ""}},
		after: awsConfigure + "\n" + made + "\n[profile audit]\n" + process + "\n"},
	{name: "no newline at the end", before: "[default]\noutput=json", profiles: []Profile{deploy, {"audit", command, ""}},
		after: "[default]\noutput=json\n\n" + made + "\n[profile audit]\n" + process},
	{name: "blank line at the end", before: "[default]\noutput=json\n \t\n", profiles: []Profile{deploy, {"audit", command, ""}},
		after: "[default]\noutput=json\n \t\n" + made + "\n[profile audit]\n" + process + "\n\n"},
	{name: "blank lines alone", before: "\n\n", after: "\n\n" + made + "\n"},
	{name: "comment alone", before: "; nothing yet", after: "; nothing yet\n\n" + strings.TrimSuffix(made, "\n")},
	{name: "CRLF", before: "[default]\r\nregion = x\r\n", after: "[default]\r\nregion = x\r\n\r\n" + strings.ReplaceAll(made, "\n", "\r\n")},
	{name: "byte order mark", before: "\ufeff[default]\nregion = x\n", after: "\ufeff[default]\nregion = x\n\n" + made, told: []Kind{ByteOrderMark}},
	{name: "region is there", before: "[profile deploy]\nregion = eu-west-1\n", told: []Kind{RegionKept},
		after: "[profile deploy]\nregion = eu-west-1\n" + process + "\n"},
	{name: "in the middle", before: "[profile deploy]\nregion = eu-central-1\n\n# next\n[profile b]\noutput = text\n",
		after: "[profile deploy]\nregion = eu-central-1\n" + process + "\n\n# next\n[profile b]\noutput = text\n"},
	{name: "last section, no newline", before: "[profile deploy]\nregion = eu-central-1",
		after: "[profile deploy]\nregion = eu-central-1\n" + process},
	{name: "nested s3", before: "[profile deploy]\nregion = eu-central-1\ns3 =\n    max_queue_size = 1\n    # why\n    addressing_style = path\n\n[profile b]\n",
		after: "[profile deploy]\nregion = eu-central-1\ns3 =\n    max_queue_size = 1\n    # why\n    addressing_style = path\n" + process + "\n\n[profile b]\n"},
	{name: "continued value", before: "[profile deploy]\nregion = eu-central-1\ndescription = one\n  two\n\tthree\n",
		after: "[profile deploy]\nregion = eu-central-1\ndescription = one\n  two\n\tthree\n" + process + "\n"},
	{name: "indented keys, tabs, CRLF", before: "[profile\tdeploy]\t; mine\r\n\tregion\t=\teu-central-1\r\n\toutput\t=\tjson\r\n",
		after: "[profile\tdeploy]\t; mine\r\n\tregion\t=\teu-central-1\r\n\toutput\t=\tjson\r\n" + process + "\r\n"},
	{name: "header alone", before: "[profile deploy]\n", keep: true,
		after: "[profile deploy]\nregion = eu-central-1\n" + process + "\n"},
	{name: "header alone, no newline", before: "[profile deploy]", keep: true,
		after: "[profile deploy]\nregion = eu-central-1\n" + process},
	{name: "region added", before: "[profile deploy]\noutput = json\n", keep: true,
		after: "[profile deploy]\noutput = json\nregion = eu-central-1\n" + process + "\n"},
	{name: "replaced, key=value", before: "[profile deploy]\nregion=eu-central-1\ncredential_process=aws-vault export deploy # old\noutput=json\n", keep: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\nregion=eu-central-1\ncredential_process=" + command + "\noutput=json\n"},
	{name: "replaced, upper case, colon, continued", before: "[profile deploy]\nRegion: eu-central-1\nCredential_Process :  old\n  thing\n\n[profile b]\n", keep: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\nRegion: eu-central-1\ncredential_process :  " + command + "\n\n[profile b]\n"},
	{name: "replaced, empty", before: "[profile deploy]\ncredential_process =\nregion = eu-central-1\n", keep: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\n" + process + "\nregion = eu-central-1\n"},
	{name: "replaced, region added, no newline", before: "[profile deploy]\ncredential_process = old", keep: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\n" + process + "\nregion = eu-central-1"},
	{name: "there already", before: "[profile x]\n\n" + made + "\n[profile y]\n", keep: true, after: "[profile x]\n\n" + made + "\n[profile y]\n"},
	{name: "another prefix", before: "[deploy]\nregion = x\n[Profile deploy]\nregion = x\n[profile deploy2]\nregion = x\n",
		after: "[deploy]\nregion = x\n[Profile deploy]\nregion = x\n[profile deploy2]\nregion = x\n\n" + made},
	{name: "default with prefix", before: "[profile default]\nregion = x\n", profiles: []Profile{{"default", command, "x"}},
		after: "[profile default]\nregion = x\n" + process + "\n"},
	{name: "what the AWS CLI refuses elsewhere", before: "stray = 1\n[profile b]\nx = 1\nX = 2\ngarbage\n[profile b]\n\xff = 1\n", told: []Kind{Unreadable, Unreadable, Unreadable, Unreadable, Unreadable},
		after: "stray = 1\n[profile b]\nx = 1\nX = 2\ngarbage\n[profile b]\n\xff = 1\n\n" + made},
	{name: "5,000 lines", before: strings.Repeat("[profile p]\nregion = x\n\n# c\n\n", 1000), told: slices.Repeat([]Kind{Unreadable}, 999),
		after: strings.Repeat("[profile p]\nregion = x\n\n# c\n\n", 1000) + made + "\n"},
}

func TestSetThenRemove(t *testing.T) {
	for _, c := range edits {
		profiles := c.profiles
		if profiles == nil {
			profiles = []Profile{deploy}
		}
		var names []string
		for _, p := range profiles {
			names = append(names, p.Name)
		}
		got, err := Set([]byte(c.before), nil, profiles)
		if err != nil || string(got.Config) != c.after {
			t.Errorf("%s: Set = %q, %v, want %q", c.name, got.Config, err, c.after)
			continue
		}
		if want := map[bool][]string{false: names}[c.before == c.after]; !slices.Equal(got.Profiles, want) {
			t.Errorf("%s: Set changed %q, want %q", c.name, got.Profiles, want)
		}
		if kinds := kindsOf(got.Findings); !slices.Equal(kinds, c.told) {
			t.Errorf("%s: Set told %v, want %v", c.name, got.Findings, c.told)
		}
		again, err := Set(got.Config, nil, profiles)
		if err != nil || string(again.Config) != c.after || again.Profiles != nil {
			t.Errorf("%s: Set twice = %q, %q, %v", c.name, again.Config, again.Profiles, err)
		}
		for _, names := range [][]string{names, reversed(names), nil} {
			back := Remove(got.Config, names, isOurs)
			if !c.keep && string(back.Config) != c.before {
				t.Errorf("%s: Remove of %q = %q, want %q", c.name, names, back.Config, c.before)
			}
		}
	}
}

func isOurs(c string) bool { return c == command }

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func kindsOf(findings []Finding) []Kind {
	var kinds []Kind
	for _, f := range findings {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

func TestRemove(t *testing.T) {
	for _, c := range []struct{ before, after, removed string }{
		{"", "", ""},
		{awsConfigure, awsConfigure, ""},
		// Only what Set makes goes as a section.
		{made, "", "deploy"},
		{"[profile deploy]\n" + process + "\n# mine\n", "[profile deploy]\n# mine\n", "deploy"},
		{"[profile deploy]\n" + process + "\noutput = json\n", "[profile deploy]\noutput = json\n", "deploy"},
		{"[profile deploy] # mine\n" + process + "\n", "[profile deploy] # mine\n", "deploy"},
		{"[profile deploy]\n\n" + process + "\n", "[profile deploy]\n\n", "deploy"},
		{"[profile deploy]\ncredential_process=" + command + "\n", "[profile deploy]\n", "deploy"},
		{"[profile deploy]\n" + process + "\n  region = x\n", "[profile deploy]\n  region = x\n", "deploy"},
		{"[profile deploy]\n" + process + "\nregion = x\n  y\n", "[profile deploy]\nregion = x\n  y\n", "deploy"},
		// Comments around it stay.
		{"# a\n" + made + "\n# b\n[profile b]\n", "# a\n\n# b\n[profile b]\n", "deploy"},
		{"[profile a]\n" + made + "[profile b]\n", "[profile a]\n[profile b]\n", "deploy"},
		{"[profile deploy]\n" + process + "\n" + process + "\n[profile x]\n" + process, "", "deploy x"},
	} {
		got := Remove([]byte(c.before), nil, isOurs)
		if string(got.Config) != c.after || strings.Join(got.Profiles, " ") != c.removed {
			t.Errorf("Remove(%q) = %q, %q, want %q, %q", c.before, got.Config, got.Profiles, c.after, c.removed)
		}
	}
	before := "[profile a]\n\n[profile deploy]\ncredential_process = aws-vault\n"
	got := Remove([]byte(before), []string{"deploy"}, isOurs)
	if string(got.Config) != before || fmt.Sprint(got.Findings) != `[line 4: profile "deploy": credential_process is another command and was left]` {
		t.Errorf("Remove of another command = %q, %v", got.Config, got.Findings)
	}
	got = Remove([]byte(made+"\n"+strings.ReplaceAll(made, "deploy]", "b]")), []string{"b"}, isOurs)
	if string(got.Config) != made || !slices.Equal(got.Profiles, []string{"b"}) {
		t.Errorf("Remove of b = %q, %q", got.Config, got.Profiles)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		config, credentials string
		want                []string // KIND:LINE:KEY
	}{
		{"[profile deploy]\nsource_profile = x\nRole_ARN = y\n", "", []string{"1:2:source_profile", "1:3:role_arn"}},
		{"[profile deploy]\ncredential_source=Environment\n", "", []string{"1:2:credential_source"}},
		{"[profile deploy]\n  web_identity_token_file = x\n", "", []string{"1:2:web_identity_token_file"}},
		{"[profile deploy]\nsso_session = corp\nsso_account_id = 1\nlogin_session = x\n", "", []string{"1:2:sso_session", "1:3:sso_account_id", "1:4:login_session"}},
		{"[profile deploy]\naws_access_key_id = CANARY\n\naws_secret_access_key: CANARY\n", "", []string{"2:2:aws_access_key_id", "2:4:aws_secret_access_key"}},
		{"", "[default]\naws_access_key_id=CANARY\n[deploy]\naws_access_key_id=CANARY\nregion=x\ncredential_process=CANARY\n", []string{"3:4:aws_access_key_id", "3:6:credential_process"}},
		{"", "\ufeff[deploy]\r\nsource_profile=x\r\n", []string{"3:2:source_profile"}},
		{"[profile deploy]\nregion = x\n[profile b]\n[profile  deploy]\n", "", []string{"4:4:"}},
		{"[profile deploy]\nregion = x\nREGION = y\n", "", []string{"5:3:region"}},
		{"[profile \"deploy\"]\n", "", []string{"6:1:"}},
		{"[profile 'deploy']\n", "", []string{"6:1:"}},
		{"[ profile deploy ]\n", "", []string{"6:1:"}},
		{"[profile deploy] mine\n", "", []string{"6:1:"}},
		{"[profile deploy] ; see [1]\n", "", []string{"6:1:"}},
		{"[profile b]\nx = 1\n  [profile deploy]\n", "", []string{"6:3:"}},
		{"[profile deploy]\nx = 1\n  [profile b]\n", "", []string{"6:3:"}},
		{"[profile deploy]\nregion = x\n  output = json\n", "", []string{"7:3:output"}},
		{"[profile deploy]\ngarbage\n[profile b]\ngarbage\n", "", []string{"11:2:"}},
		{"[profile deploy]\nregion = x\n= y\n", "", []string{"11:3:"}},
		{"[profile deploy]\n# \xff\n", "", []string{"11:2:"}},
		{"[profile deploy]\n  region =\n  output = json\n", "", []string{"7:3:output"}},
	} {
		got, err := Set([]byte(c.config), []byte(c.credentials), []Profile{{"other", command, ""}, deploy})
		var refused *RefusedError
		if !errors.As(err, &refused) || got.Config != nil {
			t.Errorf("Set(%q, %q) = %q, %v, want a RefusedError", c.config, c.credentials, got.Config, err)
			continue
		}
		var list []string
		for _, f := range refused.Findings {
			list = append(list, fmt.Sprintf("%d:%d:%s", f.Kind, f.Line, f.Key))
			if f.Profile != "deploy" || !strings.Contains(err.Error(), f.String()) {
				t.Errorf("Set(%q): %v is not in %v", c.config, f, err)
			}
		}
		if !slices.Equal(list, c.want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("Set(%q, %q): %q, %v, want %q", c.config, c.credentials, list, err, c.want)
		}
	}
}

// The AWS CLI gives every profile the keys of [DEFAULT].
func TestRefusedForAll(t *testing.T) {
	got, err := Set([]byte("[DEFAULT]\nregion = x\nrole_arn = x\n[DEFAULT]\n"), nil, []Profile{{"other", command, ""}, deploy})
	if want := "line 3: role_arn does not go together with credential_process; remove it or use another profile"; err == nil || err.Error() != want {
		t.Errorf("Set = %q, %v, want %s", got.Config, err, want)
	}
}

// What looks like a reason to refuse and is none.
func TestNotRefused(t *testing.T) {
	for _, c := range []struct{ config, credentials string }{
		{"[profile b]\nsource_profile = deploy\nrole_arn = x\n", "[other]\naws_access_key_id=x\n"},
		{"[profile deploy]\n# source_profile = x\n; aws_access_key_id = x\n", "[deploy]\n# aws_access_key_id = x\nregion = x\n"},
		{"[profile deploy]\ns3 =\n  source_profile = x\n", "[profile deploy]\naws_access_key_id=x\n"},
		{"[profile deploy]\ndescription = a\n  b source_profile\n", ""},
		{"[profile deploy]\nrole_session_name = a\nmfa_serial = b\nduration_seconds = 900\n", ""},
	} {
		if got, err := Set([]byte(c.config), []byte(c.credentials), []Profile{deploy}); err != nil || !strings.Contains(string(got.Config), process) {
			t.Errorf("Set(%q, %q) = %q, %v", c.config, c.credentials, got.Config, err)
		}
	}
}

func TestToldOfCredentials(t *testing.T) {
	got, err := Set([]byte("[b]\n[b]\n"), []byte("\ufeff[x]\n[x]\n"), []Profile{deploy})
	const refuses = "the AWS CLI refuses the whole file for this line: a section or key that is there twice, or not a line of the format"
	const marked = "the file begins with a byte order mark, for which the AWS CLI refuses it; save it as UTF-8 without one"
	want := fmt.Sprintf("[line 2: %s credentials file, line 2: %s credentials file, line 1: %s]", refuses, refuses, marked)
	if err != nil || fmt.Sprint(got.Findings) != want {
		t.Errorf("Set told %v, %v, want %s", got.Findings, err, want)
	}
}

func TestBadProfile(t *testing.T) {
	for _, p := range []Profile{
		{"", command, ""}, {"a b", command, ""}, {"a]", command, ""}, {`"a"`, command, ""}, {"a\n", command, ""}, {"-a", command, ""},
		{"a", "", ""}, {"a", "x\ny", ""}, {"a", "x \r", ""}, {"a", " x", ""}, {"a", "x # y", ""}, {"a", "x ;y", ""}, {"a", `"x" "y"`, ""}, {"a", "x\ty", ""},
		deploy, {"a", command, "eu west"}, {"a", command, "x\n"},
	} {
		if got, err := Set(nil, nil, []Profile{deploy, p}); err == nil {
			t.Errorf("Set of %q = %q, want an error", p, got.Config)
		}
	}
}

func TestRedact(t *testing.T) {
	before := "[profile secret-prod] # x\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=CANARY\r\n  CANARY\n\n  CANARY\nregion = x\n" +
		"#aws_session_token: CANARY\n ; secret = CANARY\ncredential_process = echo {\"SecretAccessKey\":\"CANARY\"}\ncredential_process = /bin/aws-connector get secret-key\nx_token\t=\tCANARY"
	want := "[profile secret-prod] # x\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=[redacted]\r\n  [redacted]\n\n  [redacted]\nregion = x\n" +
		"#aws_session_token: [redacted]\n [redacted]\ncredential_process = [redacted]\ncredential_process = /bin/aws-connector get secret-key\nx_token\t=\t[redacted]"
	if got := string(Redact([]byte(before))); got != want {
		t.Errorf("Redact = %q, want %q", got, want)
	}
	if got := string(Redact([]byte(made))); got != made {
		t.Errorf("Redact of what Set writes = %q", got)
	}
}

func TestDiffShowsNoSecret(t *testing.T) {
	before := "[profile a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = CANARY\n# aws_session_token = CANARY\n"
	got, err := Set([]byte(before), nil, []Profile{deploy})
	if err != nil {
		t.Fatal(err)
	}
	want := "--- /p\n+++ /p\n@@ -2,3 +2,7 @@\n aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n aws_secret_access_key = [redacted]\n # aws_session_token = [redacted]\n" +
		"+\n+[profile deploy]\n+" + process + "\n+region = eu-central-1\n"
	if diff := dotfile.Diff("/p", []byte(before), got.Config, Redact); diff != want {
		t.Errorf("Diff = %q, want %q", diff, want)
	}
}
