// Package kube speaks the protocol by which kubectl and every other client-go
// program gets credentials from a program:
// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"aws-connector/internal/secret"
)

// The versions of the protocol. A client takes an answer in its own alone.
const (
	V1      = "client.authentication.k8s.io/v1"
	V1Beta1 = "client.authentication.k8s.io/v1beta1"
)

const kind = "ExecCredential"

var errInfo = errors.New("not the JSON of an " + kind)

// VersionError is a version of the protocol that this package does not speak.
type VersionError struct{ Version string }

// Error implements error.
func (e *VersionError) Error() string {
	return fmt.Sprintf("apiVersion %q is not known: there are %s and %s", e.Version, V1, V1Beta1)
}

// Version returns the apiVersion that a client asks for, which says info in
// KUBERNETES_EXEC_INFO; where it is empty, as where a person asks, it is [V1].
func Version(info string) (string, error) {
	if info == "" {
		return V1, nil
	}
	var asked struct {
		Kind       string `json:"kind"`
		APIVersion string `json:"apiVersion"`
	}
	if json.Unmarshal([]byte(info), &asked) != nil || asked.Kind != kind || asked.APIVersion == "" {
		return "", errInfo
	}
	if asked.APIVersion != V1 && asked.APIVersion != V1Beta1 {
		return "", &VersionError{asked.APIVersion}
	}
	return asked.APIVersion, nil
}

// Credential returns the answer in this version: one line of JSON with a bearer
// token that the client replaces after expires.
func Credential(version string, bearer secret.Text, expires time.Time) ([]byte, error) {
	type status struct {
		Expires string `json:"expirationTimestamp"`
		Token   string `json:"token"`
	}
	line, err := json.Marshal(struct {
		Kind       string   `json:"kind"`
		APIVersion string   `json:"apiVersion"`
		Spec       struct{} `json:"spec"`
		Status     status   `json:"status"`
	}{Kind: kind, APIVersion: version, Status: status{expires.UTC().Format(time.RFC3339), bearer.Reveal()}})
	return append(line, '\n'), err
}
