package helper

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
)

// A chain takes its code where its key is.
func TestMFAInAChain(t *testing.T) {
	const other = "arn:aws:iam::123456789012:role/Other"
	w := mfaWorld(t, roles(1, "")+"[connectors.s]\nauth_method = \"session-token\"\n"+mfa+
		"[connectors.top]\nauth_method = \"iam-role\"\nrole_arn = \""+other+"\"\nsource = \"r0\"\n"+
		"[connectors.oversession]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nsource = \"s\"\n"+
		"[connectors.key]\nauth_method = \"secret-key\"\n"+
		"[connectors.overkey]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nsource = \"key\"\n"+mfa+
		"[connectors.wrong]\nauth_method = \"iam-role\"\nrole_arn = \""+other+"\"\nsource = \"r0\"\n"+mfa)
	w.aws.AddRole(fakeaws.Role{ARN: other, Trusts: []string{roleARN}})
	p := w.person(true, w.reading)
	w.get(t, "top")
	w.get(t, "oversession")
	w.each(t, 1)
	if len(p.asked) != 1 || p.asked[0].Connector != "r0" {
		t.Errorf("asked %+v", p.asked)
	}
	l, err := w.Login(Insist(t.Context(), false), "top")
	if err != nil || !l.Kept || l.Until.Sub(w.clock()) < 11*time.Hour {
		t.Errorf("Login(top) = %+v, %v", l, err)
	}
	// Of a session-token it is the session-token that needs the next code.
	for range 2 {
		l, err = w.Login(Insist(t.Context(), false), "oversession")
		if err != nil || !l.Kept || l.Until.Sub(w.clock()) < 11*time.Hour {
			t.Errorf("Login(oversession) = %+v, %v", l, err)
		}
	}
	w.get(t, "overkey") // another connector hands the same key out
	w.each(t, 1)
	if all, err := w.Sessions(t.Context()); err != nil || slices.ContainsFunc(all, func(s Session) bool { return !s.Current || s.Key != "main" }) {
		t.Errorf("Sessions = %+v, %v", all, err)
	}
	var e *connector.Error
	if _, err := w.Credentials(t.Context(), "wrong"); !errors.As(err, &e) || !strings.Contains(e.Problem, "mfa_serial beside source \"r0\"") {
		t.Errorf("a code for a role's session: %v", err)
	}
}

// A seed that is stored with a key serves whoever hands that key on.
func TestSeedOfASecretKeyThatIsASource(t *testing.T) {
	w := mfaWorld(t, "[connectors.key]\nauth_method = \"secret-key\"\nkey = \"main\"\n"+
		"[connectors.overkey]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nsource = \"key\"\n"+mfa+
		"[connectors.each]\nauth_method = \"iam-role\"\nrole_arn = \""+roleARN+"\"\nsource = \"key\"\nmfa = \"role\"\n"+mfa)
	w.seeded()
	w.get(t, "overkey")
	w.later(codeStep)
	w.get(t, "each")
	w.each(t, 2)
}
