// Package docker speaks Docker's credential-helper protocol for registries of ECR.
//
// A client runs docker-credential-ecr with one action and writes the action's
// input to standard input; the answer and the reason of a failure are read from
// standard output.
// https://github.com/docker/docker-credential-helpers
package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
)

// Refusal is an answer that clients know by its text: it is for standard output alone.
type Refusal string

// The refusals. Clients compare these texts letter by letter.
// https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go
const (
	ErrNotFound   Refusal = "credentials not found in native keychain"
	ErrNoServer   Refusal = "no credentials server URL"
	ErrNoUsername Refusal = "no credentials username"
)

// Error returns the text.
func (r Refusal) Error() string { return string(r) }

// Logins gives passwords for registries of ECR; its user name is always AWS.
type Logins interface {
	// Login returns the password for r. Its error is [ErrNotFound] where nobody answers for r.
	Login(ctx context.Context, r connector.Registry) (secret.Text, error)
	// Forget drops the password that is kept for r.
	Forget(ctx context.Context, r connector.Registry) error
	// Hosts returns the registries that are known without asking anybody.
	Hosts() ([]string, error)
}

// Server answers the clients of one program.
type Server struct {
	Logins Logins
	// Version is what the action version tells.
	Version string
}

// program is the name by which clients run this helper.
const program = "docker-credential-ecr"

// Usage is what upstream's helpers print when they are called without an action.
const Usage Refusal = "usage: " + program + " get|store|erase|list|version"

// maxLogin is more than any login that a client stores.
const maxLogin = 1 << 20

// Serve does action with what is on in and writes its answer to out. Its error
// is a [Refusal], an error of Logins, or says what is wrong with the input.
func (s Server) Serve(ctx context.Context, action string, in io.Reader, out io.Writer) error {
	switch action {
	case "get":
		return s.get(ctx, in, out)
	case "store":
		return store(ctx, in)
	case "erase":
		return s.erase(ctx, in)
	case "list":
		return s.list(out)
	case "version":
		_, err := fmt.Fprintf(out, "%s (aws-connector) %s\n", program, s.Version)
		return err
	}
	return Refusal(program + ": unknown action: " + printable(action))
}

// login is what goes over the wire for one registry.
type login struct {
	ServerURL string
	Username  string
	Secret    string
}

func (s Server) get(ctx context.Context, in io.Reader, out io.Writer) error {
	line, err := readLine(ctx, in)
	if err != nil {
		return err
	}
	r, ok := ParseServerURL(line)
	if !ok {
		return ErrNotFound
	}
	password, err := s.Logins.Login(ctx, r)
	if err != nil {
		return err
	}
	return encode(out, login{line, helper.RegistryUser, password.Reveal()})
}

// store keeps nothing: the next get asks ECR. For ECR it succeeds, since a
// docker login that cannot store what it logged in with fails.
func store(ctx context.Context, in io.Reader) error {
	data, err := read(ctx, in, maxLogin, json.Valid)
	if err != nil {
		return err
	}
	var given login
	if json.Unmarshal(data, &given) != nil {
		return errors.New("store: standard input is not one JSON object with ServerURL, Username and Secret")
	}
	switch {
	case given.ServerURL == "":
		return ErrNoServer
	case given.Username == "":
		return ErrNoUsername
	}
	if _, _, ok := parse(given.ServerURL); !ok {
		return fmt.Errorf("%s stores nothing, and %s is not a registry of ECR; in Docker's config.json name it under credHelpers, for ECR's registries alone, instead of credsStore", program, shown(given.ServerURL))
	}
	return nil
}

// erase succeeds for registries that are not ours: docker logout asks every helper.
func (s Server) erase(ctx context.Context, in io.Reader) error {
	line, err := readLine(ctx, in)
	if err != nil {
		return err
	}
	if r, _, ok := parse(line); ok {
		return s.Logins.Forget(ctx, r)
	}
	return nil
}

func (s Server) list(out io.Writer) error {
	hosts, err := s.Logins.Hosts()
	if err != nil {
		return err
	}
	users := map[string]string{}
	for _, h := range hosts {
		users["https://"+h] = helper.RegistryUser
	}
	return encode(out, users)
}

// encode writes v as one line of JSON in one write.
func encode(out io.Writer, v any) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := out.Write(plain.JSON(line.Bytes()))
	return err
}
