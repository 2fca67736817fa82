package helper

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"aws-connector/internal/plain"
	"aws-connector/internal/secret"
)

// processLimit is what the AWS SDK for Go v1 reads of a credential_process.
const processLimit = 8192

// Credentials are AWS credentials as handed to a caller.
type Credentials struct {
	AccessKeyID string
	// AccountID has 12 digits, or is empty where it is not known.
	AccountID       string
	SecretAccessKey secret.Text
	// SessionToken is empty for long-term keys.
	SessionToken secret.Text
	// Expires is the true expiry in whole seconds, UTC; zero for credentials that do not expire.
	Expires time.Time
}

// WriteProcess writes c in the form that AWS SDKs read from a
// credential_process: one line of JSON in one write, absent fields left out.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
func WriteProcess(w io.Writer, c Credentials) error {
	line, err := c.process()
	if err != nil {
		return err
	}
	if len(line) > processLimit {
		return &Error{Text: fmt.Sprintf("the credentials take %d bytes, and some AWS SDKs read only %d", len(line), processLimit),
			Advice: "their session token is too long: use fewer session tags and policies, and see that endpoint_url or the profile's credential_process is what it should be"}
	}
	_, err = w.Write(line)
	return err
}

func (c Credentials) process() ([]byte, error) {
	out := struct {
		Version         int
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string `json:",omitempty"`
		Expiration      string `json:",omitempty"`
		AccountID       string `json:"AccountId,omitempty"`
	}{1, c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(), "", c.AccountID}
	if !c.Expires.IsZero() {
		out.Expiration = c.Expires.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return plain.JSON(line.Bytes()), err
}
