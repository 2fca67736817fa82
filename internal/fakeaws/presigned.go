package fakeaws

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// presignedLife is how long STS takes a presigned URL, whatever that says itself:
// https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/v0.6.13/pkg/token/token.go
const presignedLife = 15 * time.Minute

const signatureParameter = "X-Amz-Signature"

// presigned reads the signature in a query; false if there is none.
func presigned(q url.Values) (signature, bool) {
	g := signature{value: q.Get(signatureParameter), time: q.Get("X-Amz-Date"), token: q.Get("X-Amz-Security-Token"), presigned: true}
	scope := strings.Split(q.Get("X-Amz-Credential"), "/")
	if g.value == "" || len(scope) != 5 || q.Get("X-Amz-Algorithm") != algorithm {
		return signature{}, false
	}
	g.accessKeyID, g.date, g.region, g.service, g.terminator = scope[0], scope[1], scope[2], scope[3], scope[4]
	g.signed = strings.Split(q.Get("X-Amz-SignedHeaders"), ";")
	return g, true
}

// unsigned returns q without what cannot sign itself.
func unsigned(q url.Values) url.Values {
	q.Del(signatureParameter)
	return q
}

// wantsJSON reports whether the caller of the Query protocol asks for JSON, as
// Kubernetes' authenticator does.
func (c *call) wantsJSON() bool { return c.r.Header.Get("Accept") == "application/json" }

// writeIdentity writes who the caller is in JSON.
func writeIdentity(w http.ResponseWriter, c *call, who callerIdentityResult) {
	type result struct{ Account, Arn, UserId string }
	writeAWSJSON(w, c, http.StatusOK, map[string]any{"GetCallerIdentityResponse": map[string]any{
		"GetCallerIdentityResult": result{who.Account, who.ARN, who.UserID}, "ResponseMetadata": map[string]string{"RequestId": c.id},
	}})
}
