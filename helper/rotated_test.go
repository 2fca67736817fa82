package helper

import (
	"context"
	"testing"

	"aws-connector/internal/secret"
	"aws-connector/keystore"
)

// rotating is a keystore whose key is another one, in AWS too, once it was read.
type rotating struct {
	keys
	rotate func()
}

func (r *rotating) Get(ctx context.Context, name string) (keystore.Key, error) {
	key, err := r.keys.Get(ctx, name)
	if r.rotate != nil {
		r.rotate()
		r.rotate = nil
	}
	return key, err
}

// A key that was rotated between being read and being used fails no caller.
func TestAKeyRotatedDuringAMint(t *testing.T) {
	for name, connectors := range map[string]string{
		"session": userConnector,
		"chain":   "[connectors.r]\nauth_method = \"iam-role\"\nrole_arn = \"arn:aws:iam::123456789012:role/Deploy\"\nsource = \"s\"\n[connectors.s]\nauth_method = \"session-token\"\nkey = \"main\"\n",
	} {
		w := newWorld(t, connectors)
		r := &rotating{keys: w.Keys.(keys)}
		old := r.keys["main"].ID
		r.rotate = func() {
			w.aws.AddUser(bobARN, bobID, bobCanary)
			r.keys["main"] = keystore.Key{ID: bobID, Secret: secret.New(bobCanary)}
			w.aws.DeleteKey(old)
		}
		w.Keys = r
		if _, err := w.Credentials(t.Context(), "r"); err != nil {
			t.Errorf("%s: Credentials: %v", name, err)
		}
		// One that AWS does not know, and that nobody replaced, is an error after one call.
		w = newWorld(t, connectors)
		w.aws.DeleteKey(w.Keys.(keys)["main"].ID)
		if _, err := w.Credentials(t.Context(), "r"); err == nil {
			t.Errorf("%s: Credentials = nil, want an error", name)
		}
		if n := w.aws.Calls(""); n != 1 {
			t.Errorf("%s: AWS was called %d times, want once", name, n)
		}
	}
}
