package keystore

import (
	"errors"
	"fmt"
	"strings"

	"aws-connector/internal/sshage"

	"filippo.io/age"
)

// recipients returns who may open what is written: the identity's own, and more.
func (f *file) recipients() ([]age.Recipient, error) {
	var all []age.Recipient
	for _, id := range f.opened {
		all = append(all, id.to)
	}
	for i, text := range f.Recipients {
		to, err := parseRecipient(text)
		if err != nil { // what it is may be a secret in the wrong place
			return nil, &fault{fmt.Sprintf("keystore_recipients: number %d is %v", i+1, err),
				"a recipient is age1… as age-keygen -y shows it, or a line ssh-ed25519 … of a .pub file", ErrIdentity}
		}
		all = append(all, to)
	}
	return all, nil
}

func parseRecipient(text string) (age.Recipient, error) {
	text = strings.TrimSpace(text)
	kind, _, _ := strings.Cut(text, " ")
	switch {
	case strings.HasPrefix(text, "AGE-"):
		return nil, errors.New("an identity, which is secret: remove it from connectors.toml and make a new one")
	case strings.HasPrefix(text, "age1pq1"):
		return nil, errors.New("a hybrid (post-quantum) recipient, which is not supported")
	case kind == sshage.Type:
		return sshage.ParseRecipient(text)
	case strings.HasPrefix(kind, "ssh-") || strings.HasPrefix(kind, "ecdsa-") || strings.HasPrefix(kind, "sk-"):
		return nil, errors.New("an SSH key of another type than ssh-ed25519")
	case strings.LastIndex(text, "1") > len("age"):
		return nil, errors.New("the recipient of an age plugin, and no plugin is run")
	}
	to, err := age.ParseX25519Recipient(text)
	if err != nil {
		return nil, errors.New("not a recipient, or one that is incomplete or mistyped")
	}
	return to, nil
}
