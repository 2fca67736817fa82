package awsconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	command = "/usr/local/bin/aws-connector get deploy"
	process = "credential_process = " + command
	made    = "[profile deploy]\n# made by aws-connector with region eu-central-1\n" + process + "\nregion = eu-central-1\n"
	bare    = "# made by aws-connector\n" + process
	added   = "# added by aws-connector with region eu-central-1\n"
	old     = "credential_process = aws-connector get old"
)

var unforced = Options{Ours: isOurs}

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
	force        bool
	told         []Kind
}{
	{name: "absent", before: "", after: made},
	{name: "no region", before: "", profiles: []Profile{{"deploy", command, ""}}, after: "[profile deploy]\n" + bare + "\n"},
	{name: "default", before: "", profiles: []Profile{{"default", command, ""}}, after: "[default]\n" + bare + "\n"},
	{name: "a new one", before: awsConfigure, after: awsConfigure + "\n" + made},
	{name: "two new ones", before: awsConfigure, profiles: []Profile{deploy, {"audit", command, ""}},
		after: awsConfigure + "\n" + made + "\n[profile audit]\n" + bare + "\n"},
	{name: "no newline at the end", before: "[default]\noutput=json", profiles: []Profile{deploy, {"audit", command, ""}},
		after: "[default]\noutput=json\n\n" + made + "\n[profile audit]\n" + bare},
	{name: "blank line at the end", before: "[default]\noutput=json\n \t\n", profiles: []Profile{deploy, {"audit", command, ""}},
		after: "[default]\noutput=json\n \t\n" + made + "\n[profile audit]\n" + bare + "\n\n"},
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
	{name: "header alone", before: "[profile deploy]\n",
		after: "[profile deploy]\n" + added + process + "\nregion = eu-central-1\n"},
	{name: "header alone, no newline", before: "[profile deploy]",
		after: "[profile deploy]\n" + added + process + "\nregion = eu-central-1"},
	{name: "region added", before: "[profile deploy]\noutput = json\n",
		after: "[profile deploy]\noutput = json\n" + added + process + "\nregion = eu-central-1\n"},
	{name: "region added in the middle", before: "[profile deploy]\noutput = json\n\n# b\n[profile b]\n",
		after: "[profile deploy]\noutput = json\n" + added + process + "\nregion = eu-central-1\n\n# b\n[profile b]\n"},
	{name: "replaced, key=value", before: "[profile deploy]\nregion=eu-central-1\ncredential_process=aws-vault export deploy # old\noutput=json\n", keep: true, force: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\nregion=eu-central-1\ncredential_process=" + command + "\noutput=json\n"},
	{name: "replaced, upper case, colon, continued", before: "[profile deploy]\nRegion: eu-central-1\nCredential_Process :  old\n  thing\n\n[profile b]\n", keep: true, force: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\nRegion: eu-central-1\ncredential_process :  " + command + "\n\n[profile b]\n"},
	{name: "replaced, empty", before: "[profile deploy]\ncredential_process =\nregion = eu-central-1\n", keep: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\n" + process + "\nregion = eu-central-1\n"},
	{name: "replaced, region added, no newline", before: "[profile deploy]\ncredential_process = old", keep: true, force: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\n" + process + "\n" + added + "region = eu-central-1"},
	{name: "replaced, with flags", before: "[profile deploy]\nregion = eu-central-1\n" + process + " -v\n", keep: true, force: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\nregion = eu-central-1\n" + process + "\n"},
	{name: "ours of before", before: "[profile deploy]\nregion = eu-central-1\ncredential_process = \"/opt/a b/aws-connector\" get old\n", keep: true, told: []Kind{CommandReplaced},
		after: "[profile deploy]\nregion = eu-central-1\n" + process + "\n"},
	{name: "our region of before", before: strings.ReplaceAll(made, "central", "west"), keep: true, after: made},
	{name: "our region of before, and a mark of one before it", keep: true,
		before: "[profile deploy]\n# added by aws-connector with region us-east-2\n# added by aws-connector with region us-east-1\nregion = us-east-1\n" + process + "\n",
		after:  "[profile deploy]\n# added by aws-connector with region us-east-2\n" + added + "region = eu-central-1\n" + process + "\n"},
	{name: "our region, changed", before: strings.Replace(made, "region = eu-central-1", "region = us-east-2", 1), keep: true, told: []Kind{RegionKept},
		after: strings.Replace(made, "region = eu-central-1", "region = us-east-2", 1)},
	{name: "there already", before: "[profile x]\n\n" + made + "\n[profile y]\n", keep: true, after: "[profile x]\n\n" + made + "\n[profile y]\n"},
	{name: "another prefix", before: "[deploy]\nregion = x\n[Profile deploy]\nregion = x\n[profile deploy2]\nregion = x\n",
		after: "[deploy]\nregion = x\n[Profile deploy]\nregion = x\n[profile deploy2]\nregion = x\n\n" + made},
	{name: "default with prefix", before: "[profile default]\nregion = x\n", profiles: []Profile{{"default", command, "x"}},
		after: "[profile default]\nregion = x\n" + process + "\n"},
	{name: "what the AWS CLI refuses elsewhere", before: "stray = 1\n[profile b]\nx = 1\nX = 2\ngarbage\n[profile b]\ny = 1\n", told: []Kind{Unreadable, Unreadable, Unreadable, Unreadable},
		after: "stray = 1\n[profile b]\nx = 1\nX = 2\ngarbage\n[profile b]\ny = 1\n\n" + made},
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
		o := unforced
		o.Force = c.force
		if c.force {
			if got, err := Set([]byte(c.before), nil, profiles, unforced); err == nil {
				t.Errorf("%s: Set without force = %q", c.name, got.Config)
			}
		}
		got, err := Set([]byte(c.before), nil, profiles, o)
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
		again, err := Set(got.Config, nil, profiles, unforced)
		if err != nil || string(again.Config) != c.after || again.Profiles != nil {
			t.Errorf("%s: Set twice = %q, %q, %v", c.name, again.Config, again.Profiles, err)
		}
		for _, selected := range []Selection{{}, {Connectors: []string{"x", "deploy"}}} {
			back, err := Remove(got.Config, selected, isOurs)
			if err != nil || !c.keep && string(back.Config) != c.before {
				t.Errorf("%s: Remove of %v = %q, %v, want %q", c.name, selected, back.Config, err, c.before)
			}
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
		{"[profile deploy]\ngarbage\n[profile b]\ngarbage\n", "", []string{"12:2:"}},
		{"[profile deploy]\nregion = x\n= y\n", "", []string{"12:3:"}},
		{"[profile deploy]\ncredential_process = CANARY\n", "", []string{"8:2:credential_process"}},
		{"[profile deploy]\n" + process + "\n --token CANARY\n", "", []string{"8:2:credential_process"}},
		{"[profile deploy]\n" + process + " -v\n", "", []string{"8:2:credential_process"}},
		{"[profile de\"pl\"oy]\n", "", []string{"6:1:"}},
		{"[profile d\\eploy]\n", "", []string{"6:1:"}},
		{"[profiles deploy]\n", "", []string{"6:1:"}},
		{"[profile b]\nx = 1\n\u00a0[profile deploy]\n", "", []string{"6:3:"}},
		{"[profile b]\n\x1c[profile deploy]\n", "", []string{"6:2:"}},
		{"[profile deploy]\nregion = x\n\u00a0output = json\n", "", []string{"7:3:output"}},
		{"[profile deploy]\n\u00a0region = x\n  output = json\n", "", []string{"7:3:output"}},
		{"[profile deploy]\n  region =\n  output = json\n", "", []string{"7:3:output"}},
	} {
		got, err := Set([]byte(c.config), []byte(c.credentials), []Profile{{"other", command, ""}, deploy}, unforced)
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

// A key of a file may be anything.
func TestFindingShowsNoOddKey(t *testing.T) {
	config := "[profile deploy]\nsso_\x1b[2J = 1\nCANARYx1 = 1\nCANARYx1 = 2\n"
	_, err := Set([]byte(config), nil, []Profile{deploy}, unforced)
	want := `line 2: profile "deploy": a key does not go together with credential_process; remove it or use another profile; ` +
		`line 4: profile "deploy": a key is there twice, and the AWS CLI refuses such a file; remove one`
	if err == nil || err.Error() != want {
		t.Errorf("Set = %v, want %s", err, want)
	}
}

// botocore takes the name of the default profile to the letter.
func TestRefusedDefault(t *testing.T) {
	for _, header := range []string{"[default ]", "[ default]", " [default]", "[default] x"} {
		got, err := Set([]byte(header+"\n"), nil, []Profile{{"default", command, ""}}, unforced)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Findings[0].Kind != OddHeader {
			t.Errorf("Set of %q = %q, %v, want a RefusedError", header, got.Config, err)
		}
	}
}

// The AWS CLI gives every profile the keys of [DEFAULT].
func TestRefusedForAll(t *testing.T) {
	got, err := Set([]byte("[DEFAULT]\nregion = x\nrole_arn = x\n[DEFAULT]\n"), nil, []Profile{{"other", command, ""}, deploy}, unforced)
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
		if got, err := Set([]byte(c.config), []byte(c.credentials), []Profile{deploy}, unforced); err != nil || !strings.Contains(string(got.Config), process) {
			t.Errorf("Set(%q, %q) = %q, %v", c.config, c.credentials, got.Config, err)
		}
	}
}

func TestToldOfCredentials(t *testing.T) {
	got, err := Set([]byte("[b]\n[b]\n"), []byte("\ufeff[x]\n[x]\n"), []Profile{deploy}, unforced)
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
		if got, err := Set(nil, nil, []Profile{deploy, p}, unforced); err == nil {
			t.Errorf("Set of %q = %q, want an error", p, got.Config)
		}
	}
}

// A profile for each of many roles takes no more than its share.
func TestManyProfiles(t *testing.T) {
	const n = 5000
	var profiles []Profile
	for i := range n {
		profiles = append(profiles, Profile{fmt.Sprintf("p%d", i), command, "eu-central-1"})
	}
	few := testing.AllocsPerRun(1, func() { setAndRemove(t, profiles[:n/10]) })
	many := testing.AllocsPerRun(1, func() { setAndRemove(t, profiles) })
	if many > 20*few {
		t.Errorf("ten times as many profiles take %.0f allocations instead of %.0f", many, few)
	}
}

func setAndRemove(t *testing.T, profiles []Profile) {
	there, err := Set(nil, nil, profiles, unforced)
	if err != nil || len(there.Profiles) != len(profiles) {
		t.Fatal(err)
	}
	again, err := Set(there.Config, nil, profiles, unforced)
	if err != nil || len(again.Profiles) > 0 {
		t.Fatal(err)
	}
	away, err := Remove(there.Config, Selection{}, isOurs)
	if err != nil || len(away.Config) > 0 {
		t.Fatalf("Remove = %q, %v", away.Config, err)
	}
}
