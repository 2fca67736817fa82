package awsconfig

import (
	"strings"
	"testing"
)

// The editor looks at lines and the reader at meanings; about what both see they
// must agree. The editor sees more: what SDKs do not agree about.
func TestEditorAgreesWithReader(t *testing.T) {
	for _, c := range golden[struct{ Text string }](t, "shared.json") {
		text := make([]byte, 0, len(c.Text))
		for _, r := range c.Text {
			text = append(text, byte(r))
		}
		read, err := Read("", text, "", nil)
		_, rest := cutMark(text)
		d := parse(rest)
		if refused := len(d.unreadable()) > 0; refused != (err != nil) {
			t.Errorf("%q: the editor finds it unreadable: %v; the reader: %v", text, refused, err)
		}
		if err != nil {
			continue
		}
		of := d.ofProfiles()
		for _, s := range d.sections {
			// What is not of one section with a plain name, not all SDKs see alike.
			if s.odd || len(of[s.profile]) != 1 || !profileName().MatchString(s.profile) {
				continue
			}
			for _, p := range s.props {
				v, ok := read.Config[s.profile][p.key]
				first, _, _ := strings.Cut(v.Text, "\n")
				if !p.odd && (!ok || first != p.value) {
					t.Errorf("%q: profile %q, %s: editor %q, reader %q, %v", text, s.profile, p.key, p.value, first, ok)
				}
			}
		}
	}
}
