package doctor

import (
	"testing"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/dotfile"
)

// Whatever a credential_process is, it is judged without a panic, and with a fix.
func FuzzProfile(f *testing.F) {
	for _, s := range []string{"aws-connector get deploy", `"/a b/aws-connector" get x`, "/a b/aws-connector get x", "aws-connector", `"aws-connector`, `'aws-connector' 'get'`, "~/aws-connector get x #", `""`, " "} {
		f.Add(s)
	}
	m := Machine{Self: "/opt/bin/aws-connector", Getenv: func(string) string { return "" }}
	f.Fuzz(func(t *testing.T, command string) {
		if !m.runsUs(command) {
			return
		}
		found := m.profile(sharedFiles{config: &dotfile.File{}, credentials: &dotfile.File{}}, awsconfig.Existing{Name: "p", Line: 1, Command: command})
		for _, f := range found {
			if f.Text == "" || f.Fix == "" {
				t.Errorf("%q: finding %q", command, f)
			}
		}
		if len(found) == 0 {
			t.Errorf("%q: no finding, though there are no connectors", command)
		}
	})
}
