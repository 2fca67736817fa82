package awsconfig

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// golden reads what botocore and shlex said; testdata/golden.py asks them.
func golden[T any](t *testing.T, name string) []T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []T }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Cases
}

// plain is sections in the form of botocore's dictionaries.
func plain(sections map[string]Section) map[string]map[string]any {
	all := map[string]map[string]any{}
	for name, s := range sections {
		all[name] = map[string]any{}
		for key, v := range s {
			all[name][key] = v.Text
			if v.Block != nil {
				block := map[string]any{}
				for k, w := range v.Block {
					block[k] = w
				}
				all[name][key] = block
			}
		}
	}
	return all
}

func TestReadsAsBotocore(t *testing.T) {
	for _, c := range golden[struct {
		Text                              string
		Refused                           bool
		Profiles, Sessions, Services, Raw map[string]map[string]any
	}](t, "shared.json") {
		text := make([]byte, 0, len(c.Text))
		for _, r := range c.Text {
			text = append(text, byte(r)) // Latin-1
		}
		got, err := Read("config", text, "credentials", text)
		if (err != nil) != c.Refused {
			t.Errorf("Read(%q): error %v, botocore refuses: %v", text, err, c.Refused)
			continue
		}
		if err != nil {
			continue
		}
		for what, pair := range map[string][2]map[string]map[string]any{
			"profiles": {plain(got.Config), c.Profiles}, "sso-sessions": {plain(got.Sessions), c.Sessions},
			"services": {plain(got.Services), c.Services}, "credentials": {plain(got.Credentials), c.Raw},
		} {
			if !reflect.DeepEqual(pair[0], pair[1]) {
				t.Errorf("Read(%q): %s = %v, botocore has %v", text, what, pair[0], pair[1])
			}
		}
	}
}

func TestSplitsAsBotocore(t *testing.T) {
	for _, c := range golden[struct {
		Line           string
		POSIX, Windows []string
	}](t, "split.json") {
		for goos, want := range map[string][]string{"linux": c.POSIX, "windows": c.Windows} {
			got, err := Split(goos, c.Line)
			if (err != nil) != (want == nil) || err == nil && strings.Join(got, "\x00") != strings.Join(want, "\x00") || len(got) != len(want) {
				t.Errorf("Split(%s, %q) = %q, %v, want %q", goos, c.Line, got, err, want)
			}
		}
	}
}

func TestCredentialsAreAddedToTheProfile(t *testing.T) {
	got, err := Read("config", []byte("[profile x]\nregion = a\nrole_arn = r\n[profile y]\nregion = b\n"), "credentials", []byte("[x]\nregion = c\n[z]\nk = v\n[profile y]\nq = w\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]any{"x": {"region": "c", "role_arn": "r"}, "y": {"region": "b"}, "z": {"k": "v"}, "profile y": {"q": "w"}}
	if p := plain(got.Profiles); !reflect.DeepEqual(p, want) {
		t.Errorf("profiles = %v, want %v", p, want)
	}
	if region, _ := got.Config["x"].Text("region"); region != "a" {
		t.Errorf("the config file's own profile has region %q, want a", region)
	}
}

func TestByteOrderMarkIsSkipped(t *testing.T) {
	got, err := Read("", []byte("\ufeff[default]\nregion = x\n"), "", []byte("\ufeff[default]\nk = v\n"))
	if err != nil || len(got.Profiles["default"]) != 2 {
		t.Errorf("profile = %v, %v, want region and k", got.Profiles["default"], err)
	}
}

func TestErrorsNameFileLineAndEncodingAndNoValue(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"\xff\xfe[\x00d\x00", "c: it is UTF-16 LE and not UTF-8, the only encoding that its readers take"},
		{"[\x00d\x00e\x00", "c: it is UTF-16 LE and not UTF-8, the only encoding that its readers take"},
		{"[default]\n\na = CANARY\xe4\n", "c: line 3 is not UTF-8: in column 11 is the byte 0xE4, ä in Windows-1252"},
		{"[a]\nCANARY\n", "c: line 2: it is neither a [section] nor an option with ="},
		{"[a]\nCANARY=\nCANARY=x\n", "c: line 3: its section has the same option on line 2"},
		{"[a]\n[b]\n[a]\n", "c: line 3: section [a] is there twice"},
		{"CANARY = 1\n", "c: line 1: it stands before the first [section]"},
		{"[a]\nx = 1\ns3 =\n  CANARY\n", "c: line 3: a line of the nested options below it has no ="},
		{"[a]\n=CANARY\n", "c: line 2: the = has no name before it"},
	} {
		_, err := Read("c", []byte(c.text), "", nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("Read(%q): %v, want %s", c.text, err, c.want)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	if text, err := ReadFile(filepath.Join(dir, "absent")); text != nil || err != nil {
		t.Errorf("absent file: %q, %v", text, err)
	}
	if text, err := ReadFile(os.DevNull); text != nil || err != nil {
		t.Errorf("%s: %q, %v", os.DevNull, text, err)
	}
	if text, err := ReadFile(""); text != nil || err != nil {
		t.Errorf("no file: %q, %v", text, err)
	}
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 1<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(big); err == nil || !strings.Contains(err.Error(), big) {
		t.Errorf("1 GB: %v, want an error that names the file", err)
	}
	if runtime.GOOS != "windows" {
		for _, path := range []string{dir, "/dev/zero"} {
			if _, err := ReadFile(path); err == nil || !strings.HasSuffix(err.Error(), "not a regular file") {
				t.Errorf("%s: %v, want an error", path, err)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"[default]\na = b\n", "[profile \"x y\"]\r\ns3 =\n  a = b\n", "[a]\n[a]\n", "\ufeff[x]\nk: v\n  w\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Read("c", text, "d", text)
		if err != nil && (strings.ContainsAny(err.Error(), "\n\r\x1b") || len(err.Error()) > len(text)*4+100) {
			t.Errorf("Read(%q): error %q", text, err)
		}
		for _, p := range s.Profiles {
			for key := range p {
				if key == "" || key != strings.ToLower(key) {
					t.Errorf("Read(%q): option %q", text, key)
				}
			}
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(`"/opt/my dir/cp.sh" --for 'a b' \"`)
	f.Fuzz(func(t *testing.T, line string) {
		args, err := Split("linux", line)
		if err != nil {
			return
		}
		quoted := make([]string, len(args))
		for i, a := range args {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'"'"'`) + "'"
		}
		again, err := Split("linux", strings.Join(quoted, " "))
		if err != nil || !reflect.DeepEqual(again, args) && len(args) > 0 {
			t.Errorf("Split(%q) = %q, quoted again %q, %v", line, args, again, err)
		}
	})
}
