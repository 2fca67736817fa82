package helper

import (
	"strings"
	"testing"
)

func TestWithoutSecrets(t *testing.T) {
	const secret = "CANARYrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	printed := `{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"` + secret + `","TOTP":"CANARYY3DPEHPK3PXP"}`
	for said, want := range map[string]string{
		"not signed in": "not signed in",
		"[ERROR] session token: expired, sign in":  "[ERROR] session token: expired, sign in",
		"gpg: decryption failed: No secret key":    "gpg: decryption failed: No secret key",
		"open /home/alice/.password-store/aws: no": "open /home/alice/.password-store/aws: no",
		printed:                                            "",
		"got " + secret:                                    "got [redacted]",
		"key=" + secret + ", more":                         "key=[redacted], more",
		"x" + secret[:41]:                                  "[redacted]",
		"…" + secret[10:] + " and the rest":                "and the rest",
		"…secret=" + secret[10:] + " and the rest":         "and the rest",
		"password: CANARY77x":                              "password: [redacted]",
		`"token": "CANARY-7"`:                              `"token": "[redacted]"`,
		"wJalrCANARYUtnFEMIK7MDENGbPxRfiCYEXAMPLEK1":       "[redacted]",
		"seed CANARYCANARYCANARYCANARYCA":                  "seed [redacted]",
		"totp CANARYY3DPEHPK3PXP":                          "totp [redacted]",
		"================================================": "================================================",
	} {
		got := withoutSecrets(said, printed)
		if strings.Contains(got, "CANARY") || strings.Contains(got, secret[10:]) || want != "" && got != want {
			t.Errorf("withoutSecrets(%q) = %q, want %q", said, got, want)
		}
	}
	if got := withoutSecrets("id: 9ce8d5b1", ""); got != "id: 9ce8d5b1" {
		t.Errorf("without output: %q", got)
	}
}
