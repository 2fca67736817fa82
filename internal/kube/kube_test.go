package kube

import (
	"errors"
	"testing"
	"time"

	"aws-connector/internal/secret"
)

func TestVersion(t *testing.T) {
	for info, want := range map[string]string{
		"": V1,
		`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}` + "\n":                       V1,
		`{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"cluster":{"server":"x"},"interactive":true}}`: V1Beta1,
	} {
		if got, err := Version(info); got != want || err != nil {
			t.Errorf("Version(%q) = %q, %v, want %q", info, got, err, want)
		}
	}
	for _, info := range []string{" ", "v1", "null", "[]", "{}", `{"kind":"ExecCredential"}`, `{"kind":"Pod","apiVersion":"client.authentication.k8s.io/v1"}`, `{"kind":1}`} {
		if got, err := Version(info); !errors.Is(err, errInfo) {
			t.Errorf("Version(%q) = %q, %v", info, got, err)
		}
	}
	for _, version := range []string{"client.authentication.k8s.io/v1alpha1", "v1", "client.authentication.k8s.io/V1"} {
		var unknown *VersionError
		if got, err := Version(`{"kind":"ExecCredential","apiVersion":"` + version + `"}`); !errors.As(err, &unknown) || unknown.Version != version {
			t.Errorf("Version of %q = %q, %v", version, got, err)
		}
	}
}

func TestCredential(t *testing.T) {
	got, err := Credential(V1Beta1, secret.New("k8s-aws-v1.abc"), time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("", 3600)))
	want := `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{},"status":{"expirationTimestamp":"2026-01-02T03:04:05Z","token":"k8s-aws-v1.abc"}}` + "\n"
	if string(got) != want || err != nil {
		t.Errorf("Credential = %s, %v, want %s", got, err, want)
	}
}
