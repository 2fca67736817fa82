// Command demo shows aws-connector's main job without an AWS account and
// without a keyring: the real program, in a temporary home, against the fake
// AWS of package fakeaws. It prints each step as a person would type it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"aws-connector/internal/fakeaws"

	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	accessKeyID = "AKIAIOSFODNN7EXAMPLE"
	secretKey   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

const connectors = `keystore = "file"

[defaults]
region = "eu-central-1"
key    = "main"

[connectors.deploy]
auth_method = "iam-role"
role_arn    = "arn:aws:iam::123456789012:role/Deploy"

[connectors.reports]
auth_method   = "federation-token"
resource_type = "s3-bucket"
resource_id   = "quarterly-reports"
scope         = "resource-read-only"
`

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo is a temporary home with the program in it.
type demo struct {
	out           io.Writer
	home, program string
	env           []string
}

func run(ctx context.Context, out io.Writer) error {
	home, err := os.MkdirTemp("", "aws-connector-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	aws := fakeaws.Start()
	defer aws.Close()
	aws.AddUser("arn:aws:iam::123456789012:user/alice", accessKeyID, secretKey)
	aws.AddRole(fakeaws.Role{ARN: "arn:aws:iam::123456789012:role/Deploy"})

	d := demo{out: out, home: home, program: filepath.Join(home, "aws-connector")}
	if runtime.GOOS == "windows" {
		d.program += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", d.program, "aws-connector")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, text)
	}
	if err := d.setUp(aws.URL); err != nil {
		return err
	}
	return d.show(ctx, aws)
}

func (d *demo) setUp(url string) error {
	for name, text := range map[string]string{"connectors.toml": connectors, "passphrase": "a demo's passphrase\n"} {
		if err := os.WriteFile(filepath.Join(d.home, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			d.env = append(d.env, v)
		}
	}
	d.env = append(d.env, "HOME="+d.home, "AWS_ENDPOINT_URL="+url, "AWS_CONNECTOR_CONFIG="+filepath.Join(d.home, "connectors.toml"),
		"AWS_CONNECTOR_CACHE_DIR="+filepath.Join(d.home, "cache"), "AWS_CONNECTOR_PASSPHRASE_FILE="+filepath.Join(d.home, "passphrase"))
	return nil
}

func (d *demo) show(ctx context.Context, aws *fakeaws.Server) error {
	fmt.Fprintf(d.out, "# A fake AWS listens on %s, and all files are in %s.\n\n$ cat connectors.toml\n%s\n", aws.URL, d.home, connectors)
	key := fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, accessKeyID, secretKey)
	for _, step := range []struct {
		input string
		args  []string
	}{
		{key, []string{"key", "add", "main", "--stdin"}},
		{"", []string{"key", "list"}},
		{"", []string{"show", "reports"}},
		{"", []string{"get", "deploy"}},
	} {
		if err := d.step(ctx, step.input, step.args...); err != nil {
			return err
		}
	}

	fmt.Fprint(d.out, "# An AWS SDK with  credential_process = aws-connector get NAME  asks AWS who it is:\n")
	for _, name := range []string{"deploy", "reports"} {
		arn, err := d.whoAmI(ctx, aws.URL, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, "%-8s %s\n", name, arn)
	}
	fmt.Fprintln(d.out)
	if err := d.step(ctx, "", "list"); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "# deploy was asked for twice; AWS was asked for its session %s.\n", times(aws.Calls("AssumeRole")))
	return nil
}

// step runs the program as a person would type it.
func (d *demo) step(ctx context.Context, input string, args ...string) error {
	fmt.Fprintf(d.out, "$ aws-connector %s", strings.Join(args, " "))
	if input != "" {
		fmt.Fprint(d.out, " < key.json")
	}
	fmt.Fprintln(d.out)
	cmd := exec.CommandContext(ctx, d.program, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = d.env, strings.NewReader(input), d.out, d.out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("aws-connector %s: %w", strings.Join(args, " "), err)
	}
	fmt.Fprintln(d.out)
	return nil
}

// whoAmI lets the AWS SDK run the program as its credential_process.
func (d *demo) whoAmI(ctx context.Context, url, name string) (string, error) {
	provider := processcreds.NewProviderCommand(processcreds.NewCommandBuilderFunc(func(ctx context.Context) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, d.program, "get", name)
		cmd.Env, cmd.Stderr = d.env, d.out
		return cmd, nil
	}))
	who, err := sts.New(sts.Options{Region: "eu-central-1", BaseEndpoint: &url, Credentials: provider}).GetCallerIdentity(ctx, nil)
	if err != nil {
		return "", err
	}
	return *who.Arn, nil
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
