package ambient

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"aws-connector/internal/secret"
)

// parseOutput reads what a credential_process printed, as strictly as botocore
// (ProcessProvider._retrieve_credentials_using). problem is "" if it could be
// used, and holds nothing of what was printed: all of that may be secret.
func parseOutput(out []byte) (c Credentials, problem string) {
	var got map[string]json.RawMessage // names count in their letters' case too
	switch {
	case len(strings.TrimSpace(string(out))) == 0:
		return c, "it printed nothing"
	case !utf8.Valid(out):
		return c, "what it printed is not UTF-8"
	case json.Unmarshal(out, &got) != nil || got == nil:
		return c, "what it printed is not one object of JSON"
	}
	if v, ok := got["Version"]; !ok || !isOne(v) {
		return c, "its answer has no Version 1"
	}
	id, ok := text(got["AccessKeyId"])
	if !ok || id == "" {
		return c, "its answer has no AccessKeyId"
	}
	key, ok := text(got["SecretAccessKey"])
	if !ok || key == "" {
		return c, "its answer has no SecretAccessKey"
	}
	token, ok := text(got["SessionToken"])
	if !ok && !absent(got["SessionToken"]) {
		return c, "the SessionToken of its answer is not a text"
	}
	for name, v := range map[string]string{"AccessKeyId": id, "SecretAccessKey": key, "SessionToken": token} {
		if !ascii(v) {
			return c, "the " + name + " of its answer has a blank or another character that does not belong there"
		}
	}
	c = Credentials{AccessKeyID: id, Secret: secret.New(key), Token: secret.New(token), AccountID: accountIn(got["AccountId"])}
	if absent(got["Expiration"]) {
		return c, ""
	}
	at, ok := text(got["Expiration"])
	if ok {
		c.Expires, ok = parseTime(at)
	}
	if !ok {
		return Credentials{}, "the Expiration of its answer is not a time with a zone"
	}
	return c, ""
}

// isOne reports whether v is the number 1, in any of its forms.
func isOne(v json.RawMessage) bool {
	n, err := strconv.ParseFloat(string(v), 64)
	return err == nil && n == 1
}

// text returns a JSON string.
func text(v json.RawMessage) (string, bool) {
	var s *string
	if json.Unmarshal(v, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

func absent(v json.RawMessage) bool { return len(v) == 0 || string(v) == "null" }

// accountIn returns the account id in v. Some programs print it as a number,
// which botocore lets pass.
func accountIn(v json.RawMessage) string {
	if s, ok := text(v); ok {
		return account(s)
	}
	return account(string(v))
}
