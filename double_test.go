package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"go.yaml.in/yaml/v3"
)

// double is what the README's commands run in place of the clients: each gets its
// credentials as the client does, by the configuration that was written.
func double() {
	if err := (client{os.Args[1], os.Args[2:]}).run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type client struct {
	name string
	args []string
}

func (c client) run(ctx context.Context) error {
	line := strings.Join(c.args, " ")
	switch {
	case c.name == "git":
		return nil
	case c.name == "op":
		_, err := fmt.Println(os.Getenv("KEY"))
		return err
	case c.name == "aws" && line == "iam create-access-key":
		_, err := fmt.Printf(`{"AccessKey": %s}`+"\n", os.Getenv("KEY"))
		return err
	case c.name == "aws":
		return c.aws(ctx, line)
	case c.name == "docker":
		return c.docker(ctx, line)
	case c.name == "kubectl":
		return c.kubectl(ctx)
	case os.Getenv("AWS_ACCESS_KEY_ID") == "" && os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") == "":
		return errors.New("there are no credentials")
	}
	return nil
}

// aws tells who the profile's credentials are of.
func (c client) aws(ctx context.Context, line string) error {
	profile := os.Getenv("AWS_PROFILE")
	if _, after, ok := strings.Cut(line, "--profile "); ok {
		profile, _, _ = strings.Cut(after, " ")
	}
	config, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), ".aws", "config"))
	if err != nil {
		return err
	}
	_, section, ok := strings.Cut(string(config), "[profile "+profile+"]\n")
	_, process, has := strings.Cut(section, "credential_process = ")
	if !ok || !has {
		return fmt.Errorf("profile %q has no credential_process", profile)
	}
	process, _, _ = strings.Cut(process, "\n")
	out, err := exec.CommandContext(ctx, "sh", "-c", process).Output()
	if err != nil {
		return err
	}
	var got struct{ AccessKeyId, SecretAccessKey, SessionToken string } //nolint:revive // as AWS has it
	if err := json.Unmarshal(out, &got); err != nil {
		return err
	}
	endpoint := os.Getenv("AWS")
	who, err := sts.New(sts.Options{Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider(got.AccessKeyId, got.SecretAccessKey, got.SessionToken)}).
		GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	_, err = fmt.Printf("{\"Account\": %q, \"Arn\": %q}\n", aws.ToString(who.Account), aws.ToString(who.Arn))
	return err
}

// docker asks the helper of the registry that it pulls from or pushes to.
func (c client) docker(ctx context.Context, line string) error {
	text, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), ".docker", "config.json"))
	if err != nil {
		return err
	}
	var config struct{ CredHelpers map[string]string }
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	host, _, _ := strings.Cut(c.args[len(c.args)-1], "/")
	helper, ok := config.CredHelpers[host]
	if !ok {
		return errors.New("no basic auth credentials")
	}
	action := "get"
	if strings.HasPrefix(line, "logout") {
		action = "erase"
	}
	want := `"Username":"AWS"`
	if action == "erase" {
		want = ""
	}
	return expect(exec.CommandContext(ctx, "docker-credential-"+helper, action), host, want)
}

// kubectl asks for the token of the context's user.
func (c client) kubectl(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), ".kube", "config"))
	if err != nil {
		return err
	}
	var config struct {
		Users []struct {
			User struct {
				Exec struct {
					Command string
					Args    []string
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil || len(config.Users) != 1 {
		return fmt.Errorf("%d users, %v", len(config.Users), err)
	}
	plugin := config.Users[0].User.Exec
	return expect(exec.CommandContext(ctx, plugin.Command, plugin.Args...), "", `"kind":"ExecCredential"`)
}

// expect runs a command, which must print want.
func expect(cmd *exec.Cmd, in, want string) error {
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.Output()
	if err == nil && !strings.Contains(string(out), want) {
		err = fmt.Errorf("%s printed no %s", cmd, want)
	}
	return err
}
