package fakeaws

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How signatures are made:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	maxSkew    = 5 * time.Minute
)

// signature is what a request says of how it was signed.
type signature struct {
	accessKeyID                       string
	date, region, service, terminator string
	time                              string // of signing, in timeFormat
	signed                            []string
	value                             string
	token                             string
	presigned                         bool
}

func (g signature) scope() string {
	return strings.Join([]string{g.date, g.region, g.service, g.terminator}, "/")
}

// parseSignature reads what the headers say, or the URL if it is presigned. With a
// refusal it returns what could be read, for the record.
func parseSignature(r *http.Request) (signature, *refusal) {
	var g signature
	h := r.Header
	if g, ok := presigned(r.URL.Query()); ok {
		return g, g.checkHeaders()
	}
	header := h.Get("Authorization")
	if header == "" {
		return g, refuse(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	method, rest, _ := strings.Cut(header, " ")
	if method != algorithm {
		return g, incomplete("Unsupported AWS 'algorithm': '%s'", method)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	g.time, g.token = h.Get("X-Amz-Date"), h.Get("X-Amz-Security-Token")
	g.value = parts["Signature"]
	g.signed = strings.Split(parts["SignedHeaders"], ";")
	scope := strings.Split(parts["Credential"], "/")
	g.accessKeyID = scope[0]
	if len(scope) == 5 {
		g.date, g.region, g.service, g.terminator = scope[1], scope[2], scope[3], scope[4]
	}

	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[name] == "" {
			missing = append(missing, fmt.Sprintf("Authorization header requires '%s' parameter.", name))
		}
	}
	if g.time == "" {
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if missing != nil {
		return g, incomplete("%s", strings.Join(missing, " "))
	}
	if len(scope) != 5 {
		return g, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", parts["Credential"])
	}
	return g, g.checkHeaders()
}

// checkHeaders refuses a signature that leaves out what it must cover.
func (g signature) checkHeaders() *refusal {
	if !slices.Contains(g.signed, "host") {
		return incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization header.")
	}
	if g.presigned {
		return nil
	}
	if !slices.Contains(g.signed, "x-amz-date") {
		return incomplete("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization header.")
	}
	if g.token != "" && !slices.Contains(g.signed, "x-amz-security-token") {
		return incomplete("'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization header.")
	}
	return nil
}

func incomplete(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "IncompleteSignature", format, args...)
}

func mismatch(format string, args ...any) *refusal {
	return refuse(http.StatusForbidden, "SignatureDoesNotMatch", format, args...)
}

// checkScope refuses a credential scope that is not for this service, one of
// regions (none is any) and the day of signing.
func (g signature) checkScope(service string, regions []string) *refusal {
	if g.region == "" || len(regions) > 0 && !slices.Contains(regions, g.region) {
		return mismatch("Credential should be scoped to a valid region.")
	}
	if g.service != service {
		return mismatch("Credential should be scoped to correct service: '%s'.", service)
	}
	if g.terminator != "aws4_request" {
		return mismatch("Credential should be scoped with a valid terminator: 'aws4_request', not '%s'.", g.terminator)
	}
	if day, _, _ := strings.Cut(g.time, "T"); g.date != day {
		return mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", g.date, day, g.time)
	}
	return nil
}

// checkTime refuses a signature made too long before or after now.
func (g signature) checkTime(now time.Time) *refusal {
	t, err := time.Parse(timeFormat, g.time)
	if err != nil {
		return incomplete("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", g.time)
	}
	if g.presigned {
		now = now.Add(maxSkew - presignedLife)
	}
	if oldest := now.Add(-maxSkew); t.Before(oldest) {
		return mismatch("Signature expired: %s is now earlier than %s (%s - 5 min.)", g.time, oldest.Format(timeFormat), now.Format(timeFormat))
	}
	if g.presigned {
		now = now.Add(presignedLife - maxSkew)
	}
	if newest := now.Add(maxSkew); t.After(newest) {
		return mismatch("Signature not yet current: %s is still later than %s (%s + 5 min.)", g.time, newest.Format(timeFormat), now.Format(timeFormat))
	}
	return nil
}

// sign returns the signature that secret gives the request.
func (g signature) sign(r *http.Request, body []byte, secret string) string {
	canonical := sha256.Sum256([]byte(g.canonical(r, body)))
	key := []byte("AWS4" + secret)
	for _, part := range []string{g.date, g.region, g.service, g.terminator} {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, strings.Join([]string{algorithm, g.time, g.scope(), hex.EncodeToString(canonical[:])}, "\n")))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonical returns the canonical request.
func (g signature) canonical(r *http.Request, body []byte) string {
	path := r.URL.EscapedPath()
	if g.service != "s3" {
		path = escape(path, "/") // every service but S3 signs the path escaped twice
	}
	var headers strings.Builder
	for _, name := range g.signed {
		fmt.Fprintf(&headers, "%s:%s\n", name, headerValue(r, name))
	}
	sum := sha256.Sum256(body)
	return strings.Join([]string{
		r.Method, path, canonicalQuery(unsigned(r.URL.Query())), headers.String(),
		strings.Join(g.signed, ";"), hex.EncodeToString(sum[:]),
	}, "\n")
}

// headerValue gives back the two headers that net/http takes out of the rest.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(values, ",")
}

func canonicalQuery(q url.Values) string {
	var pairs []string
	for name, values := range q {
		for _, v := range values {
			pairs = append(pairs, escape(name, "")+"="+escape(v, ""))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape percent-encodes all but RFC 3986's unreserved characters and keep.
func escape(s, keep string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9',
			strings.IndexByte("-._~"+keep, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
