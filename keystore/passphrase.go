package keystore

import (
	"fmt"
	"strings"

	"aws-connector/internal/secret"
)

// PassphraseFile reads a passphrase from the first line of the file at path,
// which only its owner may be able to read.
func PassphraseFile(path string) (secret.Text, error) {
	const longest = 4096
	data, err := readPrivate(path, longest)
	if err != nil {
		return secret.Text{}, fmt.Errorf("%w: %w", ErrPassphraseFile, err)
	}
	pass := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if pass == "" || strings.Contains(pass, "\n") {
		return secret.Text{}, fmt.Errorf("%w: %s does not hold exactly one line", ErrPassphraseFile, path)
	}
	return secret.New(pass), nil
}
