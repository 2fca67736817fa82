package keystore

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"aws-connector/internal/secret"
)

const maxInput = 64 << 10

// record is a key as JSON, with the names that AWS uses.
type record struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string     `json:",omitempty"`
	Expiration      *time.Time `json:",omitempty"`
	TOTP            string     `json:",omitempty"`
	// CreateDate is a member that all versions of this program read.
	CreateDate *time.Time `json:",omitempty"`
	Rotation   *rotation  `json:",omitempty"`
}

var known = map[string]bool{"AccessKeyId": true, "SecretAccessKey": true, "SessionToken": true, "Expiration": true, "TOTP": true,
	"Rotation": true, "Version": true, "AccountId": true, "UserName": true, "Status": true, "CreateDate": true}

// ParseKey reads one JSON object,
//
//	{"AccessKeyId":"…","SecretAccessKey":"…","SessionToken":"…","Expiration":"2006-01-02T15:04:05Z"}
//
// of which the last two are optional; so are "TOTP", the seed of an MFA device, and
// "CreateDate". It takes the output of a
// credential_process and of `aws sts` and `aws iam create-access-key` too, where
// the object stands under "Credentials" or "AccessKey", and a byte order mark
// before it. Its error shows nothing of the input.
func ParseKey(data []byte) (Key, error) {
	k, err := parse(data)
	if err == nil && k.rotation != nil {
		return Key{}, &MemberError{"Rotation"}
	}
	return k, err
}

// MemberError is a member of an object that no key has. Its text does not show the
// name, which may be a secret in the wrong place.
type MemberError struct{ Name string }

func (e *MemberError) Error() string { return "a member that no key has" }

// Members returns the names of the members that [ParseKey] knows, sorted.
func Members() []string { return slices.Sorted(maps.Keys(known)) }

// parse reads what a keystore has: a key, or a key in a rotation.
func parse(data []byte) (Key, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return Key{}, errors.New("empty")
	case len(data) > maxInput:
		return Key{}, errors.New("too long")
	case !utf8.Valid(data):
		return Key{}, errors.New("not UTF-8")
	}
	members, err := object(data)
	if err != nil {
		return Key{}, err
	}
	for _, wrapper := range []string{"Credentials", "AccessKey"} {
		if inner, ok := members[wrapper]; ok {
			if members, err = object(inner); err != nil {
				return Key{}, err
			}
			break
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !known[name] {
			return Key{}, &MemberError{name}
		}
	}
	return decode(members)
}

func decode(members map[string]json.RawMessage) (Key, error) {
	var id, secretKey, token, until, seed string
	for name, to := range map[string]*string{"AccessKeyId": &id, "SecretAccessKey": &secretKey, "SessionToken": &token, "Expiration": &until, "TOTP": &seed} {
		raw, ok := members[name]
		if !ok || string(raw) == "null" {
			continue
		}
		if json.Unmarshal(raw, to) != nil {
			return Key{}, errors.New(name + " is not a string")
		}
	}
	switch {
	case id == "":
		return Key{}, errors.New("AccessKeyId is missing")
	case secretKey == "":
		return Key{}, errors.New("SecretAccessKey is missing")
	}
	k := Key{ID: id, Secret: secret.New(secretKey), SessionToken: secret.New(token), TOTP: secret.New(seed), Created: created(members["CreateDate"])}
	if until != "" {
		at, err := time.Parse(time.RFC3339, until)
		if err != nil {
			return Key{}, errors.New("the Expiration is not a time such as 2006-01-02T15:04:05Z")
		}
		k.Expires = at.UTC()
	}
	if raw, ok := members["Rotation"]; ok && json.Unmarshal(raw, &k.rotation) != nil {
		return Key{}, errors.New("Rotation is damaged")
	}
	return k, nil
}

// created reads a CreateDate. What is no time is no reason to refuse a key.
func created(raw json.RawMessage) time.Time {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Unix() <= 0 || at.Year() > 9999 {
		return time.Time{}
	}
	return at.UTC()
}

// object reads one JSON object, each member once, and nothing after it.
func object(data []byte) (map[string]json.RawMessage, error) {
	errNot := errors.New("not one JSON object")
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errNot
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		var raw json.RawMessage
		if err != nil || !ok || d.Decode(&raw) != nil {
			return nil, errNot
		}
		if _, twice := members[name]; twice {
			return nil, errors.New("a member stands twice")
		}
		members[name] = raw
	}
	if _, err := d.Token(); err != nil {
		return nil, errNot
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNot
	}
	return members, nil
}

// encode is the inverse of ParseKey.
func encode(k Key) ([]byte, error) {
	r := record{AccessKeyID: k.ID, SecretAccessKey: k.Secret.Reveal(), SessionToken: k.SessionToken.Reveal(), TOTP: k.TOTP.Reveal(), Rotation: k.rotation}
	if !k.Expires.IsZero() {
		at := k.Expires.UTC()
		r.Expiration = &at
	}
	if !k.Created.IsZero() {
		at := k.Created.UTC()
		r.CreateDate = &at
	}
	return json.Marshal(r)
}
