package ambient

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/secret"
)

// process is a credential_process, of a profile or a connector.
type process struct {
	profile string // "" for a connector's
	option  string // what names the program; "" is credential_process
	argv    []string
	account string        // the profile's aws_account_id
	own     awsconfig.Get // what it asks this program for, zero for another program
}

func (p process) words() string {
	where := ""
	if p.profile != "" {
		where = of(p.profile) + ": "
	}
	if p.own.Connector != "" {
		return fmt.Sprintf("%sconnector %q", where, p.own.Connector) + p.narrowed()
	}
	return where + first(p.option, "credential_process") + " " + clean(p.argv[0])
}

// narrowed says what the connector's session is narrowed to, "" for nothing.
func (p process) narrowed() string {
	if !p.own.Narrow() {
		return ""
	}
	return " with " + clean(strings.Join(p.own.Arguments()[2:], " "))
}

func (p process) origin() source { return p }

func (p process) identity(d *digest) {
	if p.own.Connector != "" {
		d.add("connector", p.own.Connector, p.own.ResourceType, p.own.ResourceID, p.own.Scope)
		return
	}
	d.add("process", p.account)
	d.process(p.argv)
}

// process is botocore's ProcessProvider.
func (f *finder) process(profile string) (source, error) {
	o, err := f.options(profile, "credential_process", "aws_account_id")
	line, ok := o["credential_process"]
	if err != nil || !ok {
		return nil, err
	}
	argv, err := awsconfig.Split(runtime.GOOS, line)
	switch {
	case err != nil:
		return nil, misconfigured(of(profile)+": credential_process: "+err.Error(), "correct the line: no shell reads it")
	case len(argv) == 0 || argv[0] == "":
		return nil, misconfigured(of(profile)+": credential_process is empty", "write the program's absolute path and its arguments")
	}
	p := process{profile: profile, argv: argv, account: account(o["aws_account_id"])}
	if f.Own != nil {
		if asked, ok := f.Own(argv); ok {
			p.own = asked
		}
	}
	return p, nil
}

func (p process) credentials(ctx context.Context, f *finder) (Credentials, error) {
	if p.own.Connector != "" {
		return f.Connector(ctx, p.own)
	}
	words := p.words()
	out, stderr, err := f.Run(ctx, p.argv)
	if err != nil {
		return Credentials{}, p.failed(ctx, withoutKeys(stderr, string(out)), err)
	}
	c, problem := parseOutput(out)
	if problem != "" {
		return Credentials{}, &Error{Text: words + ": " + problem, Advice: "see what the program prints when it runs by itself: one object of JSON, as the AWS CLI's documentation of credential_process has it"}
	}
	if c.AccountID == "" {
		c.AccountID = p.account
	}
	return c, nil
}

func (p process) failed(ctx context.Context, stderr string, err error) error {
	if ctx.Err() != nil {
		return &Error{Reason: Temporary, Text: p.words() + ": it did not end in time", Advice: "run it by itself and see what it waits for", Err: ctx.Err()}
	}
	e := &Error{Text: p.words() + ": " + clean(err.Error()), Advice: "run it by itself and see what it says", Err: err}
	if s := clean(stderr); s != "" {
		e.Text += ": " + s
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, exec.ErrDot) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		e.Reason, e.Advice = Misconfigured, "write the program's absolute path: no shell reads the line, so that ~, $NAME and quotes inside a word are not expanded"
	}
	return e
}

// withoutKeys takes from what a program said on stderr what may be a secret: some
// print there, for a person, what they print on stdout.
func withoutKeys(stderr, stdout string) string {
	for _, name := range []string{"secretaccesskey", "secret_access_key", "sessiontoken", "session_token"} {
		if strings.Contains(strings.ToLower(stderr), name) {
			return "(what it says on stderr has keys in it, and is not shown)"
		}
	}
	const shortest = 16 // of an access key id
	words := strings.Fields(stderr)
	for i, w := range words {
		bare := strings.Trim(w, `"',;:{}`)
		if len(w) >= shortest && (strings.Contains(stdout, bare) || claimsOf(bare) != nil) {
			words[i] = secret.Redacted
		}
	}
	return strings.Join(words, " ")
}
