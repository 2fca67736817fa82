package connector

import "testing"

func TestSetTop(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "keystore = \"file\"\n",
		"keystore = \"system\"\n":           "keystore = \"file\"\n",
		"keystore='system' # c\n[defaults]": "keystore=\"file\" # c\n[defaults]",
		"# a\n\n# b\n[defaults]\nregion = \"keystore = 1\"\n": "# a\n\nkeystore = \"file\"\n\n# b\n[defaults]\nregion = \"keystore = 1\"\n",
		"[defaults]\r\nregion = \"x\"\r\n":                    "keystore = \"file\"\r\n\r\n[defaults]\r\nregion = \"x\"\r\n",
		"audit = \"syslog\"":                                  "keystore = \"file\"\naudit = \"syslog\"",
		"# only a comment":                                    "# only a comment\nkeystore = \"file\"\n",
		"audit = \"\"\"\nkeystore = 1\"\"\"\n\"keystore\" = \"\"\"system\"\"\"\t# x\r\n": "audit = \"\"\"\nkeystore = 1\"\"\"\n\"keystore\" = \"file\"\t# x\r\n",
		"unlock_seconds = 1\n  keystore  =  \"system\"  \n":                              "unlock_seconds = 1\n  keystore  =  \"file\"  \n",
		"[connectors.a]\nkeystore = \"system\"\n":                                        "keystore = \"file\"\n\n[connectors.a]\nkeystore = \"system\"\n",
	} {
		if got := SetTop(text, "keystore", `"file"`, ""); got != want {
			t.Errorf("SetTop(%q) = %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"keystore = \"file\" # c\n\n[defaults]\n":                 "keystore = \"file\" # c\nkeystore_identity = \"/k\"\n\n[defaults]\n",
		"keystore = \"file\"":                                     "keystore = \"file\"\nkeystore_identity = \"/k\"",
		"keystore_identity = \"/old\"\r\nkeystore = \"file\"\r\n": "keystore_identity = \"/k\"\r\nkeystore = \"file\"\r\n",
	} {
		if got := SetTop(text, "keystore_identity", `"/k"`, "keystore"); got != want {
			t.Errorf("SetTop(%q) = %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{"unlock_seconds = 1 # c\n": "unlock_seconds = 2 # c\n", "unlock_seconds = 1": "unlock_seconds = 2"} {
		if got := SetTop(text, "unlock_seconds", "2", ""); got != want {
			t.Errorf("SetTop(%q) = %q, want %q", text, got, want)
		}
	}
}
