package main

import (
	"fmt"
	"strconv"
	"strings"

	"aws-connector/internal/fakeaws"

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

// iam WHAT: IAM wants MFA of alice (mfa); she has her first key again (first), or a
// second one (second); her key is the root user's (root); the key ID is deleted
// (delete ID); an action fails after so many calls (fails ACTION N), or none does
// any more (recovers).
func iam(ts *testscript.TestScript, neg bool, args []string) {
	s := server(ts)
	switch what := strings.Join(args[:1], ""); {
	case neg:
		ts.Fatalf("iam cannot be negated")
	case what == "mfa":
		s.RequireMFA(alice, true)
	case what == "first":
		s.AddUser(alice, accessKeyID, secretKey)
	case what == "fails" && len(args) == 3:
		spared, err := strconv.Atoi(args[2])
		ts.Check(err)
		s.Fail(fakeaws.Fault{Action: args[1], Skip: spared, Code: "InternalFailure", Status: 500})
	case what == "recovers":
		s.ClearFaults()
	case what == "second":
		s.AddUser(alice, secondID, secondSecret)
	case what == "delete" && len(args) == 2:
		s.DeleteKey(args[1])
	case what == "root":
		s.AddUser("arn:aws:iam::123456789012:root", accessKeyID, secretKey)
	default:
		ts.Fatalf("usage: iam mfa|first|second|root|recovers, iam delete ID, iam fails ACTION N")
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
