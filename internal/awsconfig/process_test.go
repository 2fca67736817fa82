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
		if want := (Process{c.program, Get{Connector: c.connector}, c.plain}); ok != (c.connector != "") || ok && got != want {
			t.Errorf("ParseProcess(%s) = %+v, %t, want %+v", c.line, got, ok, want)
		}
	}
}

func TestParseNarrowProcess(t *testing.T) {
	const id = "s3://b-1"
	for _, c := range []struct {
		line  string
		get   Get
		plain bool
	}{
		{"aws-connector get deploy --resource-type s3-bucket", Get{"deploy", "s3-bucket", "", ""}, true},
		{"aws-connector get deploy --resource-type s3-bucket --resource-id s3://b-1 --scope resource-read-only", Get{"deploy", "s3-bucket", id, "resource-read-only"}, true},
		{`/srv/My\ Programs/aws-connector get deploy --resource-type kubernetes-cluster --resource-id k_1`, Get{"deploy", "kubernetes-cluster", "k_1", ""}, true},
		{"aws-connector get deploy --resource-type docker-registry --resource-id 123456789012.dkr.ecr.eu-central-1.amazonaws.com --scope resource", Get{"deploy", "docker-registry", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "resource"}, true},
		{"aws-connector get deploy --resource-type docker-registry --resource-id public.ecr.aws --scope none", Get{"deploy", "docker-registry", "public.ecr.aws", "none"}, true},
		// by hand
		{"aws-connector get --resource-type s3-bucket deploy", Get{"deploy", "s3-bucket", "", ""}, false},
		{"aws-connector get deploy --resource-type=s3-bucket", Get{"deploy", "s3-bucket", "", ""}, false},
		{"aws-connector get deploy --resource-id s3://b-1 --resource-type s3-bucket", Get{"deploy", "s3-bucket", id, ""}, false},
		{"aws-connector get deploy -v --resource-type s3-bucket", Get{"deploy", "s3-bucket", "", ""}, false},
		{"aws-connector --resource-type s3-bucket get deploy # mine", Get{"deploy", "s3-bucket", "", ""}, false},
		{"aws-connector get --scope none deploy --scope resource", Get{"deploy", "", "", "resource"}, false},
		{"aws-connector get deploy --scope none", Get{"deploy", "", "", "none"}, false},
		{"aws-connector get deploy --resource-id --scope", Get{"deploy", "", "--scope", ""}, false},
		{"aws-connector get deploy --resource-type s3-bucket --resource-id b-1", Get{"deploy", "s3-bucket", "b-1", ""}, false},
		{"aws-connector get deploy --resource-type s3-bucket --scope CANARY", Get{"deploy", "s3-bucket", "", "CANARY"}, false},
		{"aws-connector get deploy --resource-type CANARY", Get{"deploy", "CANARY", "", ""}, false},
		{"aws-connector get deploy --resource-type docker-registry --resource-id CANARY", Get{"deploy", "docker-registry", "CANARY", ""}, false},
		// what get refuses, or would take for something else
		{"aws-connector get deploy --resource-type", Get{}, false},
		{`aws-connector get deploy --resource-type ""`, Get{}, false},
		{"aws-connector get deploy --resource-type=", Get{}, false},
		{"aws-connector get deploy --resource-id --scope none", Get{}, false},
		{"aws-connector get deploy --resource s3-bucket", Get{}, false},
		{"aws-connector get deploy -resource-type s3-bucket", Get{}, false},
		{"aws-connector get -- deploy --resource-type s3-bucket", Get{}, false},
	} {
		got, ok := ParseProcess(c.line, isOurs)
		if ok != (c.get.Connector != "") || got.Get != c.get || ok && got.Plain != c.plain {
			t.Errorf("ParseProcess(%s) = %+v, %t, want %+v, plain: %t", c.line, got, ok, c.get, c.plain)
		}
		if again, ok := ParseGet(c.get.Arguments()); c.get.Connector != "" && (again != c.get || !ok || !again.Narrow()) {
			t.Errorf("ParseGet(%q) = %+v, %t", c.get.Arguments(), again, ok)
		}
	}
	if (Get{Connector: "deploy"}).Narrow() {
		t.Error("a connector by its name is narrowed")
	}
}
