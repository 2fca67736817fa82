package helper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"aws-connector/internal/program"
	"aws-connector/internal/secret"
)

// errSlowProgram means that a program gave no answer while there was time.
var errSlowProgram = errors.New("the program gave no answer in time")

// fromProgram runs a profile's credential_process as the SDKs do that give it to
// a shell. What it prints on standard output is in no error: it may be secret.
func (h *Helper) fromProgram(ctx context.Context, profile, line string, chain Chain) (session, error) {
	var env []string
	if h.Env.Ambient.Environ != nil {
		env = h.Env.Ambient.Environ(chain)
	}
	argv := []string{"sh", "-c", line}
	if runtime.GOOS == "windows" {
		argv = []string{"cmd.exe", "/C", line}
	}
	started := h.now()
	out, err := program.Run(ctx, argv, env)
	h.log().Debug("credential_process ran", "profile", profile, "took", h.now().Sub(started), "err", err)
	if err != nil {
		return session{}, programError(ctx, profile, out, err)
	}
	s, wrong := readProgram(out.Stdout, h.now())
	if wrong != "" {
		return session{}, unreadable(profile, wrong)
	}
	s.Issued = h.now()
	return s, nil
}

// readProgram returns the credentials that a credential_process printed, or what
// is wrong with them in words that quote nothing.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
func readProgram(out []byte, now time.Time) (s session, wrong string) {
	var got struct {
		Version         int
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      *time.Time
		AccountID       string `json:"AccountId"`
	}
	if json.Unmarshal(out, &got) != nil {
		return session{}, "it is not one JSON object with fields of the right kind"
	}
	for _, text := range []string{got.AccessKeyID, got.SecretAccessKey, got.SessionToken, got.AccountID} {
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return session{}, "a field holds other characters than printable ASCII"
		}
	}
	switch {
	case got.Version != 1:
		return session{}, "Version is not 1"
	case got.AccessKeyID == "":
		return session{}, "AccessKeyId is missing"
	case got.SecretAccessKey == "":
		return session{}, "SecretAccessKey is missing"
	}
	s = session{ID: got.AccessKeyID, Secret: secret.New(got.SecretAccessKey), Token: secret.New(got.SessionToken), AccountID: got.AccountID}
	if got.Expiration != nil {
		s.Expires = got.Expiration.UTC().Truncate(time.Second)
		if !s.Expires.After(now) {
			return session{}, "they have expired already"
		}
	}
	return s, ""
}

func unreadable(profile, wrong string) error {
	return &Error{Reason: NeedsPerson, Text: fmt.Sprintf("profile %q: its credential_process gave no credentials that can be read: %s", profile, wrong),
		Advice: "run that command: it must print one JSON object with Version 1, AccessKeyId, SecretAccessKey and, for temporary ones, SessionToken and Expiration, and nothing else", costly: true}
}

func programError(ctx context.Context, profile string, out program.Output, err error) error {
	var exit *exec.ExitError
	text := fmt.Sprintf("profile %q: its credential_process ", profile)
	switch {
	case errors.Is(err, program.ErrOutput):
		return unreadable(profile, "it "+program.ErrOutput.Error())
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case ctx.Err() != nil:
		return &Error{Reason: Temporary, Text: text + "gave no answer in time", Advice: "run that command and see what it waits for", Err: errSlowProgram}
	case errors.As(err, &exit):
		text += "ended with " + exit.Error()
		if said := tellable(out); said != "" {
			text += ": " + said
		}
	default:
		text += "cannot be run: " + Clean(err.Error())
	}
	return &Error{Reason: NeedsPerson, Text: text, Advice: "run that command, and see that it prints credentials", costly: true}
}

// tellable returns what a program said on standard error, unless it said there
// what it also printed, or credentials.
func tellable(out program.Output) string {
	const shortest = 16 // of what may be a secret
	for _, word := range strings.FieldsFunc(string(out.Stdout), func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"',:={}[]`, r) }) {
		if len(word) >= shortest && strings.Contains(out.Said, word) {
			return ""
		}
	}
	bare := strings.ToLower(strings.ReplaceAll(out.Said, "_", ""))
	if strings.Contains(bare, "secretaccesskey") || strings.Contains(bare, "sessiontoken") {
		return ""
	}
	return Clean(out.Said)
}
