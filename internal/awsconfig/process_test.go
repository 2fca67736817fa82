package awsconfig

import (
	"strings"
	"testing"
)

func isOurs(program string) bool {
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	return strings.TrimSuffix(name, ".exe") == "aws-connector"
}

func TestParseProcess(t *testing.T) {
	for _, c := range []struct {
		line, program, connector string
		plain                    bool
	}{
		{"aws-connector get deploy", "aws-connector", "deploy", true},
		{"/usr/local/bin/aws-connector get a.b-c_d", "/usr/local/bin/aws-connector", "a.b-c_d", true},
		{"/usr/bin/aws-connector  get\tdeploy", "/usr/bin/aws-connector", "deploy", true},
		// the forms of a path with a blank
		{`/srv/My\ Programs/aws-connector get deploy`, "/srv/My Programs/aws-connector", "deploy", true},
		{`"/srv/My Programs/aws-connector" get deploy`, "/srv/My Programs/aws-connector", "deploy", true},
		{`'/srv/My Programs/aws-connector' get deploy`, "/srv/My Programs/aws-connector", "deploy", true},
		{`"/srv/My Programs/aws-connector" get "deploy"`, "/srv/My Programs/aws-connector", "deploy", true},
		{`/srv/My" "Programs/aws-connector get deploy`, "/srv/My Programs/aws-connector", "deploy", true},
		{`/srv/My Programs (new)/aws-connector get deploy`, "/srv/My Programs (new)/aws-connector", "deploy", true},
		{`C:\Tools\aws-connector.exe get deploy`, `C:\Tools\aws-connector.exe`, "deploy", true},
		{`"C:\Program Files\aws-connector.exe" get deploy`, `C:\Program Files\aws-connector.exe`, "deploy", true},
		{`C:\Program Files\aws-connector.exe get deploy`, `C:\Program Files\aws-connector.exe`, "deploy", true},
		// flags anywhere
		{"aws-connector get -v deploy", "aws-connector", "deploy", false},
		{"aws-connector get deploy -v", "aws-connector", "deploy", false},
		{"aws-connector -v get deploy", "aws-connector", "deploy", false},
		{"aws-connector --verbose get deploy", "aws-connector", "deploy", false},
		{"aws-connector get --verbose=true deploy", "aws-connector", "deploy", false},
		{"aws-connector get --resource-type s3-bucket deploy", "aws-connector", "deploy", false},
		{"aws-connector get --resource-type=s3-bucket --resource-id bucket deploy --scope none", "aws-connector", "deploy", false},
		{"aws-connector get -- deploy", "aws-connector", "deploy", false},
		{"aws-connector get deploy # mine", "aws-connector", "deploy", false},
		// not ours, or not to be understood
		{"", "", "", false},
		{"aws-connector", "", "", false},
		{"aws-connector get", "", "", false},
		{"aws-connector get -v", "", "", false},
		{"aws-connector get --resource-type deploy", "", "", false},
		{"aws-connector get a b", "", "", false},
		{"aws-connector get --other x", "", "", false},
		{"aws-connector get -- -v", "", "", false},
		{"aws-connector check deploy", "", "", false},
		{"aws-connector get ../deploy", "", "", false},
		{`aws-connector get "deploy`, "", "", false},
		{`aws-connector get deploy\`, "", "", false},
		{"aws-vault export deploy", "", "", false},
		{"my-aws-connector get deploy", "", "", false},
		{"/usr/bin/env aws-connector get deploy", "", "", false},
		{"/usr/bin/env /bin/aws-connector get deploy", "", "", false},
		{"/usr/bin/env A=/aws-connector get deploy", "", "", false},
		{"/bin/sh -c /aws-connector get deploy", "", "", false},
		{"env aws-connector get deploy", "", "", false},
		{`sh -c "aws-connector get deploy"`, "", "", false},
		{"vault --token CANARY get deploy", "", "", false},
	} {
		got, ok := ParseProcess(c.line, isOurs)
		if want := (Process{c.program, c.connector, c.plain}); ok != (c.connector != "") || ok && got != want {
			t.Errorf("ParseProcess(%s) = %+v, %t, want %+v", c.line, got, ok, want)
		}
	}
}
