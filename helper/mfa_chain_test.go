package helper

import (
	"errors"
	"testing"
	"time"

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
	w.later(codeStep)
	w.get(t, "overkey") // by the access key id, since another connector handed it out
	w.each(t, 2)
	var e *Error
	if _, err := w.Credentials(t.Context(), "wrong"); !errors.As(err, &e) || e.Reason != Misconfigured {
		t.Errorf("a code for a role's session: %v", err)
	}
}
