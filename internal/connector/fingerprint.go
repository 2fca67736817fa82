package connector

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strconv"
)

// Fingerprint returns the SHA-256, in hexadecimal, over everything that shapes
// the connector's session, but for what its source hands out; Registries too where
// a policy is made of them. AllowImplicit, SkewTolerance and Narrowed do not: they
// say whether, to whom and on whose demand a session is handed out, not what it is.
// Chained only says what Duration may be.
func (c Connector) Fingerprint() string {
	h := fingerprint{sha256.New()}
	h.text("1", c.Name, string(c.Method), c.Region, c.EndpointURL, c.Key, c.RoleARN, c.SessionPolicy(), string(c.Scope), c.Profile,
		string(c.ResourceType), c.ResourceID, c.RoleSessionName, c.ExternalID, c.SourceIdentity, c.MFASerial, string(c.MFA), c.Source, c.WebIdentityTokenFile)
	h.table(c.EndpointURLs)
	h.list(c.PolicyARNs)
	h.table(c.Tags)
	h.list(c.TransitiveTagKeys)
	h.list(c.WebIdentityTokenProcess)
	h.list(c.CredentialProcess)
	h.list(c.MFAProcess)
	h.text(strconv.FormatInt(int64(c.Duration), 10), strconv.FormatInt(int64(c.MFASession), 10), strconv.FormatInt(c.ExpiresAt.Unix(), 10))
	if c.KeyProcess != nil { // it is the last, so that the others' stay what they were
		h.list(c.KeyProcess)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fingerprint hashes values with their lengths, so that no two sequences look alike.
type fingerprint struct{ hash.Hash }

func (h fingerprint) text(values ...string) {
	for _, v := range values {
		h.Write([]byte(strconv.Itoa(len(v)) + ":" + v))
	}
}

func (h fingerprint) list(l []string) {
	h.text(strconv.Itoa(len(l)))
	h.text(l...)
}

func (h fingerprint) table(m map[string]string) {
	h.text(strconv.Itoa(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		h.text(k, m[k])
	}
}
