package consolecsv

import (
	"fmt"
	"strings"
	"testing"
)

const (
	id, key     = "AKIAIOSFODNN7EXAMPLE", "CANARY/jalrXUtnFEMI+K7MDENG="
	bobID, bobs = "AKIABOBBOBBOBBOBBOBB", "CANARYbobs"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"accessKeys.csv", "\ufeffAccess key ID,Secret access key\r\n" + id + "," + key + "\r\n", "2:: " + id + " " + key},
		{"no end of line", "Access key ID,Secret access key\n" + id + "," + key, "2:: " + id + " " + key},
		{"credentials.csv", "User name,Password,Access key ID,Secret access key,Console login link\nalice,hunter2," + id + "," + key + ",https://x\nbob,," + bobID + "," + bobs + ",https://x\n",
			"2:alice: " + id + " " + key + ", 3:bob: " + bobID + " " + bobs + " passwords"},
		{"without a password", "User name,Password,Access key ID,Secret access key,Console login link\nalice,," + id + "," + key + ",https://x\n", "2:alice: " + id + " " + key},
		{"of 2014", `"User Name","Access Key Id","Secret Access Key"` + "\n" + `"alice","` + id + `","` + key + "\"\n", "2:alice: " + id + " " + key},
		{"in another order", "Secret access key,User name,Access key ID\n" + key + ",alice," + id + "\n", "2:alice: " + id + " " + key},
		{"semicolons", "Access key ID;Secret access key\n" + id + ";" + key + "\n", "2:: " + id + " " + key},
		{"tabs", "User name\tAccess key ID\tSecret access key\n\t" + id + "\t" + key + "\n", "2:: " + id + " " + key},
		{"blanks and blank lines", " Access key ID , Secret access key \n\n " + id + " , " + key + " \n,\n", "3:: " + id + " " + key},
		{"a user without a key", "User name,Access key ID,Secret access key\nalice,,\n", "2:alice:  "},
		{"a short row", "User name,Access key ID,Secret access key\nalice," + id + "\n", "2:alice: " + id + " "},
		{"a long row", "Access key ID,Secret access key\n" + id + "," + key + ",more\n", "2:: " + id + " " + key},
		{"a name with a comma", "User name,Access key ID,Secret access key\n\"a, b\"," + id + "," + key + "\n", "2:a, b: " + id + " " + key},
		{"header alone", "Access key ID,Secret access key\n", ""},
		{"rootkey.csv", "AWSAccessKeyId=" + id + "\r\nAWSSecretKey=" + key + "\r\n", "1:: " + id + " " + key},
	} {
		f, err := Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var all []string
		for _, r := range f.Rows {
			all = append(all, fmt.Sprintf("%d:%s: %s %s", r.Line, r.User, r.ID, r.Secret.Reveal()))
		}
		got := strings.Join(all, ", ")
		if f.Passwords {
			got += " passwords"
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatIsNoFileOfTheConsole(t *testing.T) {
	for _, text := range []string{
		"", "\ufeff", "\n\n", "CANARY", "User name,Password\nalice,CANARY\n",
		"Access key ID,Secret access key\n\"" + id + ",CANARY\n",
		"Access key ID,Secret access key\n" + id + ",CAN\"ARY\n",
		"\xff\xfeA\x00c\x00",
		"AWSAccessKeyId=" + id + "\n",
		"Access key ID,access_key_id,Secret access key\n" + id + "," + bobID + ",CANARY\n",
		"Access key ID,Secret access key\n" + strings.Repeat(id+",CANARY\n", maxRows+1),
	} {
		if f, err := Parse([]byte(text)); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("Parse(%.60q) = %v, %v", text, f, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("\ufeffAccess key ID,Secret access key\r\n" + id + "," + key + "\r\n")
	f.Add("AWSAccessKeyId=" + id + "\nAWSSecretKey=" + key)
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse([]byte(text))
		for _, r := range file.Rows {
			if err != nil || r.Line < 1 || !strings.Contains(text, r.ID) || !strings.Contains(text, r.Secret.Reveal()) && !strings.Contains(r.Secret.Reveal(), `"`) && !strings.Contains(r.Secret.Reveal(), "\n") {
				t.Errorf("Parse(%q) = %+v, %v", text, r, err)
			}
		}
	})
}
