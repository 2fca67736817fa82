package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"sync"

	"aws-connector/helper"
	"aws-connector/internal/awsconfig"
	"aws-connector/internal/program"
	"aws-connector/internal/serve"
)

// runServed runs the command at path with what it inherits but other credentials.
func (a *App) runServed(path string, command, set []string) error {
	cmd := &exec.Cmd{Path: path, Args: command, Env: append(environOf(os.Environ(), nil), set...), Stdin: a.Stdin, Stdout: beneath(a.Stdout), Stderr: beneath(a.Stderr)}
	status, err := serve.Run(cmd)
	if err != nil {
		why := err
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			why = at.Err
		}
		return commandError(command[0], fmt.Errorf("%w: %v", program.ErrNotExecutable, why))
	}
	if status != 0 {
		return exited(status)
	}
	return nil
}

// winning are options of a profile by which SDKs find credentials there, and ask no endpoint.
var winning = []string{"aws_access_key_id", "role_arn", "credential_process", "sso_session", "sso_start_url", "web_identity_token_file", "login_session"}

// warnOfDefault tells of a profile "default" with credentials, before which no SDK
// asks the endpoint. What cannot be read is for the SDKs to tell.
func (a *App) warnOfDefault() {
	var m helper.Ambient
	sharedFiles(&m)
	var texts [2][]byte
	for i, path := range []string{m.ConfigFile, m.CredentialsFile} {
		texts[i], _ = awsconfig.ReadFile(path)
	}
	shared, err := awsconfig.Read(m.ConfigFile, texts[0], m.CredentialsFile, texts[1])
	if err != nil {
		return
	}
	for _, option := range winning {
		if _, ok := shared.Profiles["default"].Text(option); ok {
			a.say("aws-connector: profile \"default\" has %s: AWS SDKs will use that instead of this server", option)
			a.say("hint: rename that profile, or set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE to files without it")
			return
		}
	}
}

// lastSaid remembers what was said of whom, so that it is not said again.
type lastSaid struct {
	mu   sync.Mutex
	said map[string]string
}

func (l *lastSaid) changed(name, text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said == nil {
		l.said = map[string]string{}
	}
	before := l.said[name]
	l.said[name] = text
	return before != text
}
