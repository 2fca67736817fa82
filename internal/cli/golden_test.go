package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/doctor"
	"aws-connector/internal/resource"
)

// Each screen, off a terminal and on terminals of three widths, is as it was
// looked at. In colours it has the same letters.
func TestScreensAreAsReviewed(t *testing.T) {
	now := time.Date(2026, 11, 25, 17, 0, 0, 0, time.UTC)
	t.Setenv("HOME", "/home/alice")
	screens := map[string]func(screen) string{
		"list":   func(s screen) string { return s.list(someConnectors, now) },
		"show":   func(s screen) string { return s.shown(oneConnector, now) },
		"doctor": func(s screen) string { return s.examined(examination, "✓") },
		"check": func(s screen) string {
			var b strings.Builder
			tell := telling{out: &b, screen: s, names: []string{"audit", "deploy", "reports"}, reports: make([]*resource.Report, len(checks))}
			for i, r := range checks {
				tell.done(i, r)
			}
			if err := tell.summary(720 * time.Millisecond); err != nil {
				t.Fatal(err)
			}
			return b.String()
		},
		"diff": func(s screen) string { return s.diff(someDiff) },
	}
	uncoloured := strings.NewReplacer(string(plainMark), "", string(redMark), "", string(greenMark), "", string(yellowMark), "")
	coloured := strings.NewReplacer(string(plainMark), "</>", string(redMark), "<red>", string(greenMark), "<green>", string(yellowMark), "<yellow>")
	if runtime.GOOS == "windows" {
		delete(screens, "doctor") // paths are others there
	}
	for name, draw := range screens {
		var got strings.Builder
		for _, width := range []int{0, 60, 80, 120} {
			text, inColours := draw(screen{width: width}), draw(screen{width: width, colour: true})
			if uncoloured.Replace(inColours) != text {
				t.Errorf("%s at %d columns is in colours\n%s\nand without\n%s", name, width, coloured.Replace(inColours), text)
			}
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				if n := columns(line); width > 0 && n >= width && strings.Contains(strings.TrimSpace(line), " ") && name != "diff" {
					t.Errorf("%s at %d columns has a line of %d: %s", name, width, n, line)
				}
				if strings.TrimRight(line, " ") != line && name != "diff" {
					t.Errorf("%s at %d columns has blanks at the end of %q", name, width, line)
				}
			}
			fmt.Fprintf(&got, "== %d columns\n%s\n", width, text)
		}
		fmt.Fprintf(&got, "== 80 columns, in colours\n%s", coloured.Replace(draw(screen{width: 80, colour: true})))
		file := filepath.Join("testdata", "screens", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s is not %s; look at it, then go test -update", name, file)
		}
	}
}

var someConnectors = []listed{
	{Name: "audit", Method: "iam-role", AccountID: "555555555555", RoleARN: "arn:aws:iam::555555555555:role/ReadOnlyAudit", Region: "eu-central-1", Chain: []string{"audit", "deploy"}, Expires: "2026-11-25T17:47:10Z"},
	{Name: "ci", Method: "web-identity", AccountID: "123456789012", RoleARN: "arn:aws:iam::123456789012:role/CI", Region: "us-east-1", From: "the token that /opt/ci/print-token prints"},
	{Name: "deploy", Method: "iam-role", AccountID: "123456789012", RoleARN: "arn:aws:iam::123456789012:role/path/Deploy", Region: "eu-central-1", Key: "main", Expires: "2026-11-25T17:00:30Z"},
	{Name: "here", Method: "implicit", Region: "eu-central-1", From: `profile "équipe 東京": static keys`},
	{Name: "images", Method: "session-token", Region: "eu-central-1", Key: "main", Expires: "2026-11-26T04:59:00Z",
		Problem: `/home/alice/.config/aws-connector/connectors.toml:31: connector "images": claims account 123456789012, and so does "rival"`, Hint: "take it out of the registries of one of them"},
	{Name: "staging", Method: "iam-role", AccountID: "210987654321", RoleARN: "arn:aws:iam::210987654321:role/AWSReservedSSO_AdministratorAccess_0123456789abcdef", Region: "eu-central-1", Key: "main", MFASerial: "arn:aws:iam::123456789012:mfa/alice"},
	{Name: "typo", Problem: `/home/alice/.config/aws-connector/connectors.toml:43: connector "typo": auth_method: unknown value "iam-rol"`, Hint: `did you mean "iam-role"?`},
	{Name: strings.Repeat("a-very-long-name.", 3) + "for-a-connector", Method: "federation-token", Region: "ap-southeast-1", Key: "another-key"},
}

var oneConnector = shown{
	Name: "reports", Method: "federation-token", Region: "eu-central-1", Partition: "aws", AccountID: "123456789012", Key: "main",
	ResourceType: "s3-bucket", ResourceID: "s3://quarterly-reports", Scope: "resource", PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"},
	Policy:   json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Sid":"AllowS3ObjectAccess","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::quarterly-reports/*"]}]}`),
	Duration: 7200, Tags: map[string]string{"team": "分析", "cost-center": "4711"}, EndpointURLs: map[string]string{"s3": "https://minio.example"},
	Endpoints: map[string]string{"s3": "https://minio.example", "sts": "https://sts.eu-central-1.amazonaws.com"}, differ: []string{"s3"}, Problem: "no endpoint of ecr in region \"eu-central-1\": the partition has no FIPS endpoints",
	Session: &shownSession{State: "fresh", AccessKeyID: "ASIAIOSFODNN7EXAMPLE", ARN: "arn:aws:sts::123456789012:federated-user/aws-connector-reports", Renewed: "2026-11-25T18:02:00Z", Expires: "2026-11-25T18:19:00Z"},
}

var examination = doctor.Report{
	Well: []doctor.Fact{
		{About: "PATH", Text: "leads to /home/alice/.local/bin/aws-connector"},
		{About: "connectors.toml", Text: "/home/alice/.config/aws-connector/connectors.toml defines 3 connectors"},
		{About: `connector "deploy"`, Text: "iam-role with role AWSReservedSSO_AdministratorAccess_0123456789abcdef in account 123456789012"},
		{About: "clock", Text: "agrees with AWS's clock to within a minute"},
	},
	Findings: []doctor.Finding{
		{Severity: doctor.Broken, About: `key "main"`, Text: "it is not in the encrypted file /home/alice/.config/aws-connector/keys.age, and used by deploy, images", Fix: "aws-connector key add main"},
		{Severity: doctor.Warning, About: "/home/alice/.aws/credentials", Text: "it has a long-term key in plain text, in default", Fix: "aws-connector key add default, add a connector for it, and remove the key from this file"},
		{Severity: doctor.Note, About: "docker", Text: `docker 28.2.2 continues without credentials if a helper fails, and says "no basic auth credentials"`, Fix: "look for aws-connector's message above that one; docker 29 stops instead"},
	},
	Checked: 31,
}

var checks = []resource.Report{
	{Connector: "audit", Took: 4 * time.Millisecond, Steps: []resource.Step{
		{Name: resource.StepCredentials, Outcome: resource.Passed, Detail: "audit <- deploy, until 2026-11-25T17:47:00Z", Took: time.Millisecond},
		{Name: resource.StepIdentity, Outcome: resource.Passed, Detail: "arn:aws:sts::555555555555:assumed-role/ReadOnlyAudit/aws-connector-audit", Took: 3 * time.Millisecond},
	}},
	{Connector: "deploy", Took: 310 * time.Millisecond, Steps: []resource.Step{
		{Name: resource.StepCredentials, Outcome: resource.Failed, Took: 310 * time.Millisecond,
			Err: &helper.Error{Text: "AssumeRole: AccessDenied: User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Deploy", Advice: "the role's trust policy must allow user alice of account 123456789012 to assume it"}},
		{Name: resource.StepIdentity, Outcome: resource.Skipped, Detail: "no credentials"},
	}},
	{Connector: "reports", Took: 720 * time.Millisecond, Steps: []resource.Step{
		{Name: resource.StepCredentials, Outcome: resource.Passed, Detail: "until 2026-11-25T18:19:00Z", Took: 310 * time.Millisecond},
		{Name: resource.StepBucket, Resource: "s3://reports", Outcome: resource.Failed, Took: 410 * time.Millisecond, Err: errors.New(`HeadBucket: there is no bucket "reports" (HTTP status 404)`)},
	}},
}

const someDiff = `--- /home/alice/.docker/config.json
+++ /home/alice/.docker/config.json
@@ -1,5 +1,6 @@
 {
   "credHelpers": {
-    "123456789012.dkr.ecr.us-east-1.amazonaws.com": "[redacted]"
+    "123456789012.dkr.ecr.us-east-1.amazonaws.com": "[redacted]",
+    "123456789012.dkr.ecr.eu-central-1.amazonaws.com": "ecr"
   }
 }
`
