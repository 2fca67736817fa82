package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The versions that are compared with.
const (
	ecrLogin = "github.com/awslabs/amazon-ecr-credential-helper/ecr-login/cli/docker-credential-ecr-login@v0.12.0"
	awsVault = "github.com/byteness/aws-vault/v7@v7.13.5"
)

// peers are others' programs that do the same. One that cannot be had is a row
// that says so.
func (b *bench) peers(p programs) ([]*row, error) {
	w, err := b.world(p.path, shape{"auto", "file", 1, b.near.url})
	if err != nil {
		return nil, err
	}
	home := filepath.Join(b.dir, "peers")
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(home, ".aws", "config"), []byte("[profile base]\nregion = "+region+"\n"), 0o600); err != nil {
		return nil, err
	}
	env := []string{"HOME=" + home, "PATH=/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=" + region, "AWS_ENDPOINT_URL=" + b.near.url}
	rows := []*row{w.get("get"), w.docker("docker get", b.registryFile)}
	rows = append(rows, b.peer("amazon-ecr-credential-helper's get", ecrLogin, func(program string) (*row, error) {
		return &row{program: program, args: []string{"docker-credential-ecr-login", "get"}, env: append(env, keyInEnvironment()...), stdin: b.registryFile, of: "docker get"}, nil
	}))
	rows = append(rows, b.peer("aws-vault's export", awsVault, func(program string) (*row, error) {
		vault := append(env, "AWS_VAULT_BACKEND=file", "AWS_VAULT_FILE_PASSPHRASE=x")
		add := &exec.Cmd{Path: program, Args: []string{"aws-vault", "add", "--env", "base"}, Env: append(vault, keyInEnvironment()...)}
		if out, err := add.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("aws-vault add: %w: %s", err, out)
		}
		return &row{program: program, args: []string{"aws-vault", "export", "--format=json", "base"}, env: vault, of: "get"}, nil
	}))
	rows = append(rows, b.peer("aws sts get-caller-identity", "", func(program string) (*row, error) {
		return &row{program: program, args: []string{program, "sts", "get-caller-identity", "--endpoint-url", b.near.url, "--region", region}, env: append(env, keyInEnvironment()...), of: "get", every: 6}, nil
	}))
	return rows, nil
}

// peer is a row of the program that module has, or of the AWS CLI without one.
func (b *bench) peer(label, module string, prepare func(program string) (*row, error)) *row {
	if !b.pattern.MatchString(label) {
		return &row{label: label, absent: "not asked for"}
	}
	find := b.awsCLI
	if module != "" {
		find = func() (string, error) { return b.install(module) }
	}
	program, err := find()
	if err == nil {
		var r *row
		if r, err = prepare(program); err == nil {
			r.label = label
			_, err = r.run()
		}
		if err == nil {
			return r
		}
	}
	fmt.Fprintf(os.Stderr, "bench: %s: %v\n", label, err)
	why, _, _ := strings.Cut(err.Error(), "\n")
	if len(why) > 60 {
		why = why[:60] + "…"
	}
	return &row{label: label, absent: strings.ReplaceAll(why, "|", " ")}
}

// install builds a module of the Go proxy, or takes what was built already and is
// named by $AWS_VAULT or $ECR_LOGIN.
func (b *bench) install(module string) (string, error) {
	variable := "AWS_VAULT"
	if module == ecrLogin {
		variable = "ECR_LOGIN"
	}
	built := os.Getenv(variable)
	if built == "" {
		cmd := exec.Command("go", "install", "-trimpath", "-ldflags=-s -w", module)
		dir := filepath.Join(b.dir, variable)
		cmd.Env = append(os.Environ(), "GOBIN="+dir, "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			os.Stderr.Write(out)
			return "", errors.New("not to be had from the Go proxy")
		}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 1 {
			return "", fmt.Errorf("%s built %d programs", module, len(files))
		}
		built = files[0]
	}
	return b.copied(built, variable)
}

// awsCLI makes a Python of its own with the AWS CLI, in the version that the
// suites with real clients use.
func (b *bench) awsCLI() (string, error) {
	if given := os.Getenv("AWS_CLI"); given != "" {
		return given, nil
	}
	requirements, err := os.ReadFile("testdata/peers/requirements.txt")
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(requirements) {
		version, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "awscli==")
		if !ok {
			continue
		}
		dir := filepath.Join(b.dir, "python")
		for _, step := range [][]string{{"python3", "-m", "venv", dir}, {filepath.Join(dir, "bin", "pip"), "install", "-q", "awscli==" + version}} {
			if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
				os.Stderr.Write(out)
				return "", errors.New("not to be had from the Python index")
			}
		}
		return filepath.Join(dir, "bin", "aws"), nil
	}
	return "", errors.New("testdata/peers/requirements.txt names no awscli")
}
