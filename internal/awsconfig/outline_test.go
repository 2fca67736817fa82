package awsconfig

import (
	"strings"
	"testing"

	"aws-connector/internal/dotfile"
)

func outline(text []byte) []byte { return Outline(text, isOurs) }

func TestOutline(t *testing.T) {
	for before, want := range map[string]string{
		"":   "",
		made: made,
		"[profile x] # CANARY\nregion = CANARY\n":                            "[profile x] [redacted]\nregion = [redacted]\n",
		"[profile x]\r\n region=CANARY\r\n":                                  "[profile x]\r\n region=[redacted]\r\n",
		"CANARY = 1\nregion = CANARY":                                        "[redacted]\n[redacted]",
		"[x]\nCANARY\ncanary1=\nabc=\n\n\t\n":                                "[x]\n[redacted]\n[redacted]\nabc=\n\n\t\n",
		"[x]\ns3 =\n  canary = CANARY\noutput : CANARY\n  CANARY\n\n CANARY": "[x]\ns3 =\n  [redacted]\noutput : [redacted]\n  [redacted]\n\n [redacted]",
		"#CANARY\n ; CANARY\n# aws_session_token: CANARY\n#CANARY=CANARY\n#": "#[redacted]\n ; [redacted]\n# aws_session_token: [redacted]\n#[redacted]\n#",
		"[x]\ncredential_process = vault read --token hvs.CANARY\n":          "[x]\ncredential_process = [redacted]\n",
		"[x]\ncredential_process = aws-connector get a --scope CANARY\n":     "[x]\ncredential_process = [redacted]\n",
		"[x]\ncredential_process = aws-connector get a\n  CANARY\n":          "[x]\ncredential_process = [redacted]\n  [redacted]\n",
		"[x]\ncredential_process = aws-connector get a # CANARY\n":           "[x]\ncredential_process = [redacted]\n",
		"[x]\noutput = aws-connector get CANARY\n":                           "[x]\noutput = [redacted]\n",
		"[x]\n# added by aws-connector with region a\nregion = CANARY\n":     "[x]\n# added by aws-connector with region a\nregion = [redacted]\n",
		"[x]\n# added by aws-connector with region a CANARY\n":               "[x]\n# [redacted]\n",
		"[x] CANARY]\n":                          "[[redacted]]\n",
		"[x]\ny = 1\n [CANARY]\n[x] ; CANARY]\n": "[x]\ny = [redacted]\n[[redacted]]\n[[redacted]]\n",
		"[x]\na = 1\n  canary = CANARY\n":        "[x]\na = [redacted]\n  [redacted]\n",
		"[x]\n" + strings.Repeat("canary", 7) + " = 1\n# " + strings.Repeat("canary", 7) + " = 1\n": "[x]\n[redacted]\n# [redacted]\n",
		"[CANARY\n":             "[redacted]\n",
		"\ufeff[x]\na = CANARY": "\ufeff[x]\na = [redacted]",
	} {
		if got := string(outline([]byte(before))); got != want {
			t.Errorf("Outline(%q) = %q, want %q", before, got, want)
		}
	}
}

// Wherever a secret stands, no diff shows it, and every diff shows what is ours.
func TestDiffShowsNoSecret(t *testing.T) {
	for _, before := range []string{
		"[profile a]\naws_access_key_id = CANARY\naws_secret_access_key = CANARY\n# aws_session_token = CANARY\n",
		"[profile a]\ncredential_process = vault --token hvs.CANARY\nregion = CANARY",
		"[profile a]\nx = 1\n  Authorization: Bearer CANARY\n",
		"CANARY\nregion = CANARY\n",
		"[profile deploy]\ncredential_process = curl -H 'Authorization: Bearer CANARY' http://x\noutput = CANARY\n",
		"[profile deploy]\ncredential_process = a\n CANARY\n\n CANARY\noutput = CANARY\n",
		"# CANARY",
		"; CANARY\r\n[x]\r\nCANARY = CANARY\r\n",
	} {
		for _, force := range []bool{false, true} {
			got, err := Set([]byte(before), nil, []Profile{deploy}, Options{Ours: isOurs, Force: force})
			if err != nil {
				if force || strings.Contains(err.Error(), "CANARY") {
					t.Errorf("Set(%q) = %v", before, err)
				}
				continue
			}
			back, err := Remove(got.Config, Selection{}, isOurs)
			if err != nil {
				t.Fatal(err)
			}
			there := dotfile.Diff("/p", []byte(before), got.Config, outline)
			away := dotfile.Diff("/p", got.Config, back.Config, outline)
			if strings.Contains(there+away, "CANARY") || !strings.Contains(there, "\n+"+process+"\n") || !strings.Contains(away, "\n-"+process+"\n") {
				t.Errorf("of %q the diffs are %s and %s", before, there, away)
			}
		}
	}
}
