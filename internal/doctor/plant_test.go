package doctor

import (
	"context"
	"os"
	"time"

	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// fault is one thing wrong, and how it is found.
type fault struct {
	name     string
	unix     bool // files have modes, owners and links
	severity Severity
	text     string
	fix      string
	plant    func(*planted)
}

// implicit is a connector beside deploy that starts from a profile.
const implicit = `
[connectors.ambient]
auth_method = "implicit"
allow_implicit_auth_methods = true
region = "eu-central-1"
`

func answer(err error) func(context.Context, string) (Answer, error) {
	return func(context.Context, string) (Answer, error) { return Answer{}, err }
}

func drifting(d time.Duration) func(*planted) {
	return func(p *planted) {
		p.Fetch = func(context.Context, string) (Answer, error) {
			return Answer{Status: 403, Dated: true, Drift: d}, nil
		}
	}
}

func dockerVersion(v string) func(*planted) {
	return func(p *planted) {
		p.Run = func(context.Context, string, ...string) (string, error) {
			return "Docker version " + v + ", build x\n", nil
		}
	}
}

func profile(line string) func(*planted) {
	return func(p *planted) { p.write(".aws/config", "[profile deploy]\n"+line+"\n", 0o600) }
}

func config(json string) func(*planted) {
	return func(p *planted) { p.write(".docker/config.json", json, 0o600) }
}

func field(line string) func(*planted) { return func(p *planted) { p.field(line) } }

func probe(err error) func(*planted) { return func(p *planted) { p.Keys = keys{err: err} } }

func variable(name, value string) func(*planted) { return func(p *planted) { p.env[name] = value } }

type hinted struct{ text, hint string }

func (h hinted) Error() string { return h.text }
func (h hinted) Hint() string  { return h.hint }

// keysFile makes the keystore an encrypted file, of no use as such.
func keysFile(p *planted, exists bool) {
	p.KeysFile = p.path("keys.age")
	p.Keys = keystore.EncryptedFile(keystore.FileOptions{Path: p.KeysFile, Passphrase: func(context.Context, keystore.Asked) (secret.Text, error) {
		return keystore.PassphraseFile(p.env["AWS_CONNECTOR_PASSPHRASE_FILE"])
	}})
	if exists {
		p.write("keys.age", "x", 0o600)
	}
}

// passphrase makes the keystore an encrypted file with text as its passphrase file.
func passphrase(text string, mode os.FileMode) func(*planted) {
	return func(p *planted) {
		keysFile(p, true)
		p.env["AWS_CONNECTOR_PASSPHRASE_FILE"] = p.path("passphrase")
		if text != "" {
			p.write("passphrase", text, mode)
		}
	}
}
