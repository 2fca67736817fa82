package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// A credential_process is this program by its name, or because it is this file.
func TestIsProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string]bool{
		self: true, "aws-connector": true, "/no/where/aws-connector": true, `C:\x\aws-connector.exe`: true,
		other: false, filepath.Base(self): false, "": false, "/no/where/x": false, "my-aws-connector": false, "aws-connector/x": false,
	} {
		if got := isProgram(program); got != want {
			t.Errorf("isProgram(%s) = %t, want %t", program, got, want)
		}
	}
}
