package main

import (
	"os"
	"slices"
	"strconv"

	"aws-connector/internal/fakeaws"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	deviceARN  = "arn:aws:iam::123456789012:mfa/alice"
	deviceSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// device: alice has an MFA device, and role Deploy asks for its codes.
func mfaDevice(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: device")
	}
	server(ts).AddMFA("arn:aws:iam::123456789012:user/alice", deviceARN, deviceSeed)
	server(ts).AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy", MFA: true})
}

// code FILE [TEXT…]: what the device shows now is in FILE, a line after each TEXT.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: code FILE [TEXT…]")
	}
	text := ""
	for _, line := range args[1:] {
		text += line + "\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+server(ts).MFACode(deviceARN)+"\n"), 0o600))
}

// codes N: AWS was sent so many codes, none of them twice.
func codes(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var sent []string
	for _, r := range server(ts).Requests() {
		if r.Params.Has("TokenCode") {
			sent = append(sent, r.Params.Get("TokenCode"))
		}
	}
	slices.Sort(sent)
	if distinct := slices.Compact(slices.Clone(sent)); len(sent) != want || len(distinct) != len(sent) || neg {
		ts.Fatalf("codes sent: %q, want %d that differ", sent, want)
	}
}

// lost ACTION: AWS does what the next call of ACTION asks for, and drops the connection.
func lost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lost ACTION")
	}
	server(ts).Fail(fakeaws.Fault{Action: args[0], Times: 1, After: true, CloseConnection: true})
}
