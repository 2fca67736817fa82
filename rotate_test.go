package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const alice = "arn:aws:iam::123456789012:user/alice"

// accessKeys STATE…: alice has so many keys, the oldest first, each active or
// inactive. Their ids are in $KEY1 and $KEY2.
func accessKeys(ts *testscript.TestScript, neg bool, args []string) {
	var states []string
	for i, k := range server(ts).AccessKeys(alice) {
		state := "inactive"
		if k.Active {
			state = "active"
		}
		states = append(states, state)
		ts.Setenv(fmt.Sprintf("KEY%d", i+1), k.ID)
	}
	if got, want := strings.Join(states, " "), strings.Join(args, " "); got != want || neg {
		ts.Fatalf("alice's access keys are %q, want %q", got, want)
	}
}

// iam mfa|open|settling DURATION|second|delete ID|deactivate ID: how IAM is from now on.
func iam(ts *testscript.TestScript, neg bool, args []string) {
	s := server(ts)
	switch what := strings.Join(args[:1], ""); {
	case neg:
		ts.Fatalf("iam cannot be negated")
	case what == "mfa", what == "open":
		s.RequireMFA(alice, what == "mfa")
	case what == "settling" && len(args) == 2:
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		s.SetSettling(d)
	case what == "second":
		s.AddUser(alice, secondID, secondSecret)
	case what == "delete" && len(args) == 2:
		s.DeleteKey(args[1])
	case what == "deactivate" && len(args) == 2:
		s.DeactivateKey(args[1])
	case what == "root":
		s.AddUser("arn:aws:iam::123456789012:root", accessKeyID, secretKey)
	default:
		ts.Fatalf("usage: iam mfa|open|settling DURATION|second|delete ID|deactivate ID|root")
	}
}

const (
	secondID     = "AKIASECONDSECONDSECO"
	secondSecret = "CANARYtheSecondSecretKey12"
)

// used ID: somebody uses the access key.
func used(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: used ID")
	}
	server(ts).UseKey(args[0])
}
