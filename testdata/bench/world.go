package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"aws-connector/cache"
)

// world is a home for one program, with a cache of its own: rows never share one.
type world struct {
	name, program, home, key string
	env                      []string
	// middle is the name of a connector; half of the others come before it.
	middle string
}

// shape says how a world differs from another.
type shape struct {
	seal       string // auto or off
	keystore   string // file, system, or ambient: the key is in the environment
	connectors int
	endpoint   string
}

const passphrase = "correct horse\n"

func (b *bench) world(program string, s shape) (*world, error) {
	b.worlds++
	w := &world{name: fmt.Sprintf("w%d", b.worlds), program: program}
	w.home = filepath.Join(b.dir, w.name)
	w.middle = fmt.Sprintf("c%04d", s.connectors/2)
	config := filepath.Join(w.home, ".config", "aws-connector")
	if err := os.MkdirAll(config, 0o700); err != nil {
		return nil, err
	}
	secret := filepath.Join(w.home, "passphrase")
	w.env = []string{"HOME=" + w.home, "PATH=/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONNECTOR_PASSPHRASE_FILE=" + secret}
	w.key = "main"
	switch s.keystore {
	case "system":
		w.key = fmt.Sprintf("bench-%d-%s", os.Getpid(), w.name) // the keyring is shared
		w.env = append(w.env, "DBUS_SESSION_BUS_ADDRESS="+os.Getenv("DBUS_SESSION_BUS_ADDRESS"), "XDG_RUNTIME_DIR="+os.Getenv("XDG_RUNTIME_DIR"))
	case "ambient":
		w.env = append(w.env, keyInEnvironment()...)
	}
	if err := os.WriteFile(secret, []byte(passphrase), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(config, "connectors.toml"), s.text(w.key, w.middle), 0o600); err != nil {
		return nil, err
	}
	if s.keystore != "ambient" {
		cmd := w.command("aws-connector", "key", "add", w.key, "--stdin")
		cmd.Stdin = strings.NewReader(fmt.Sprintf(`{"AccessKeyId":%q,"SecretAccessKey":%q}`, accessKeyID, secretKey))
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("key add: %w: %s", err, out)
		}
	}
	return w, nil
}

func keyInEnvironment() []string {
	return []string{"AWS_ACCESS_KEY_ID=" + accessKeyID, "AWS_SECRET_ACCESS_KEY=" + secretKey}
}

// text is connectors.toml. Only the one in the middle claims a registry.
func (s shape) text(key, middle string) []byte {
	var b bytes.Buffer
	keystore := s.keystore
	if keystore == "ambient" {
		keystore = "file"
	}
	fmt.Fprintf(&b, "keystore = %q\n[cache]\nseal = %q\n[defaults]\nregion = %q\nendpoint_url = %q\n", keystore, s.seal, region, s.endpoint)
	for i := range max(s.connectors, 1) {
		name := fmt.Sprintf("c%04d", i)
		fmt.Fprintf(&b, "\n[connectors.%s]\nrole_arn = %q\n", name, role)
		if s.keystore == "ambient" {
			fmt.Fprintf(&b, "auth_method = \"implicit\"\nallow_implicit_auth_methods = true\n")
		} else {
			fmt.Fprintf(&b, "auth_method = \"iam-role\"\nkey = %q\n", key)
		}
		if name == middle {
			fmt.Fprintf(&b, "registries = [%q]\n", registry)
		}
	}
	return b.Bytes()
}

func (w *world) command(name string, args ...string) *exec.Cmd {
	return &exec.Cmd{Path: w.program, Args: append([]string{name}, args...), Env: w.env}
}

// get is a row of `get` for the connector in the middle.
func (w *world) get(label string) *row {
	return &row{label: label, program: w.program, args: []string{"aws-connector", "get", w.middle}, env: w.env}
}

// docker is a row of Docker's get for the registry of the connector in the middle.
func (w *world) docker(label, stdin string) *row {
	return &row{label: label, program: w.program, args: []string{"docker-credential-ecr", "get"}, env: w.env, stdin: stdin}
}

func (w *world) cache() string { return filepath.Join(w.home, ".cache", "aws-connector") }

// fill puts n entries beside the one that is there: copies of it under other names.
func (w *world) fill(seal string, n int) error {
	dir := cache.Open(w.cache(), cache.Seal(seal))
	slots, err := dir.Slots()
	if err != nil {
		return err
	}
	for _, slot := range slots {
		e, ok := slot.Peek()
		if !ok || !strings.HasPrefix(slot.Name(), w.middle) {
			continue
		}
		for i := range n {
			if err := dir.Slot(fmt.Sprintf("%s%s-%d", filler, w.middle, i)).Put(time.Now(), e); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s: no entry to copy", w.cache())
}
