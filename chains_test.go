package main

import (
	"os"
	"time"

	"aws-connector/internal/fakeaws"

	"github.com/rogpeppe/go-internal/testscript"
)

// webtoken FILE SUBJECT LIFETIME: an identity provider's token for SUBJECT is in FILE.
func webToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: webtoken FILE SUBJECT LIFETIME")
	}
	life, err := time.ParseDuration(args[2])
	ts.Check(err)
	token := fakeaws.WebIdentityToken("idp.example", args[1], time.Now().Add(life))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(token+"\n"), 0o600))
}

// role NAME…: roles of the account that let all of its principals in, for 12 hours.
func role(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("role cannot be negated")
	}
	for _, name := range args {
		server(ts).AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/" + name, MaxSession: 12 * time.Hour})
	}
}
