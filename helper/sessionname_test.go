package helper

import (
	"fmt"
	"os"
	"testing"
)

// A session that is named after its user and host is theirs alone; the process
// that made it changes nothing.
func TestNamedSessions(t *testing.T) {
	const named = roleConnector + "role_session_name = \""
	w := newWorld(t, named+"{connector}-{user}-{host}-{pid}\"\n")
	var asked int
	be := func(user, host string) {
		w.Env.User, w.Env.Host = func() string { asked++; return user }, func() string { return host }
	}
	calls := func(want int) {
		t.Helper()
		if got := w.aws.Calls("AssumeRole"); got != want {
			t.Errorf("%d calls, want %d", got, want)
		}
	}
	be("al ice", "here")
	w.get(t, "r")
	w.get(t, "r")
	calls(1)
	if got, want := w.aws.Requests()[0].Params.Get("RoleSessionName"), fmt.Sprintf("r-al-ice-here-%d", os.Getpid()); got != want {
		t.Errorf("RoleSessionName = %q, want %q", got, want)
	}
	all, err := w.Sessions(t.Context())
	if err != nil || len(all) != 1 || !all[0].Current {
		t.Errorf("Sessions = %+v, %v, want one that is current", all, err)
	}
	be("bob", "here")
	w.get(t, "r")
	calls(2)
	be("al ice", "there")
	w.get(t, "r")
	calls(3)
	be("al ice", "here")
	w.get(t, "r")
	calls(3)

	// Who it is, is not asked where it does not matter.
	w.edit(t, named+"{pid}x\"\n")
	asked = 0
	w.get(t, "r")
	be("bob", "there")
	w.get(t, "r")
	calls(4)
	if asked != 0 {
		t.Errorf("the user's name was asked for %d times", asked)
	}
}
