package helper

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"aws-connector/internal/plain"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	notAnAnswerHint = "look for a proxy, a captive portal or a wrong endpoint_url (AWS_ENDPOINT_URL)"
	portalHint      = "if this network has a page to sign in on, sign in there with a browser; else look for a proxy, or a wrong endpoint_url (AWS_ENDPOINT_URL)"
)

// kept is the body of an answer, which can be looked at again by who was told that
// it is not what was to come.
type kept struct {
	*bytes.Reader
	text []byte
	// ofAWS says that the answer has a header of AWS's.
	ofAWS bool
	// leads is the host that it redirects to.
	leads string
}

func newKept(r *http.Response, body []byte) *kept {
	k := &kept{Reader: bytes.NewReader(body), text: body, ofAWS: ofAWS(r.Header)}
	if to, err := url.Parse(r.Header.Get("Location")); err == nil && r.StatusCode < http.StatusBadRequest {
		k.leads = to.Hostname()
	}
	return k
}

// Close implements [io.Closer].
func (*kept) Close() error { return nil }

// keptIn returns the body of the answer that err is about, never nil.
func keptIn(err error) *kept {
	var r *http.Response
	var a *awshttp.ResponseError
	var s *smithyhttp.ResponseError
	switch {
	case errors.As(err, &a) && a.ResponseError != nil && a.Response != nil:
		r = a.Response.Response
	case errors.As(err, &s) && s.Response != nil:
		r = s.Response.Response
	}
	if r == nil {
		return &kept{}
	}
	var body io.ReadCloser = r.Body
	if t, ok := body.(*timedBody); ok {
		body = t.ReadCloser
	}
	if k, ok := body.(*kept); ok {
		return k
	}
	return &kept{}
}

// foreign fills in e for an answer that is not as AWS's are, by what it is instead.
func (e *Error) foreign(o operation, status int, k *kept) {
	service := "AWS " + strings.ToUpper(o.service)
	at := fmt.Sprintf("%s: HTTP status %d", o.name, status)
	_, message := errorDocument(k.text)
	switch {
	case status == http.StatusNetworkAuthenticationRequired:
		e.Reason, e.Text, e.Advice = Temporary, at+": this network wants a login before it lets anything through", "open any page in a browser and sign in, then try again"
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		e.Reason, e.Text = Temporary, at+" without an AWS error"
		e.Advice = "the endpoint, or a proxy in front of it, has a problem: try again later"
	case status == http.StatusProxyAuthRequired:
		e.Text, e.Advice = at+": a proxy on the way wants a user name and a password", "set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT, with what is not a letter or a digit in USER and PASSWORD percent-encoded"
	case k.leads != "":
		e.Text, e.Advice = fmt.Sprintf("%s, a redirect to host %q, not an answer of %s", at, k.leads, service), portalHint
	case plain.IsPage(k.text):
		e.Text, e.Advice = fmt.Sprintf("%s with a web page%s, not an answer of %s", at, plain.Title(k.text), service), portalHint
	case message != "":
		const most = 200
		e.Text = fmt.Sprintf("%s: %q, which is not in the format of %s errors", at, oneLine(message[:min(len(message), most)]), service)
		e.Advice = fmt.Sprintf("check what answers there: is it really %s, or an emulator? endpoint_url (AWS_ENDPOINT_URL) says where it is", service)
	case len(bytes.TrimSpace(k.text)) == 0 && status >= http.StatusMultipleChoices && k.ofAWS:
		e.Text, e.Advice = at+" without an AWS error", "AWS gave no reason: check that the connector's user or role may do this, and that the region is right"
	case len(bytes.TrimSpace(k.text)) == 0 && status >= http.StatusMultipleChoices:
		e.Text, e.Advice = fmt.Sprintf("%s with an empty body, not an answer of %s", at, service), "something in front of AWS answered: look for a proxy or a firewall, or a wrong endpoint_url (AWS_ENDPOINT_URL)"
	default:
		e.Text, e.Advice = fmt.Sprintf("%s, but not an answer of %s", at, service), notAnAnswerHint
	}
}

// errorDocument returns the code and the message of an error in one of the forms that
// AWS's services and the programs that stand in for them use: those in JSON, flat or
// within an error, and those in XML, within ErrorResponse, Response or nothing.
func errorDocument(body []byte) (code, message string) {
	if text := bytes.TrimSpace(body); len(text) > 0 && text[0] == '{' {
		return errorInJSON(text)
	}
	var x struct {
		Code     string `xml:"Code"`
		Message  string `xml:"Message"`
		Code1    string `xml:"Error>Code"`
		Message1 string `xml:"Error>Message"`
		Code2    string `xml:"Errors>Error>Code"`
		Message2 string `xml:"Errors>Error>Message"`
	}
	if plain.IsPage(body) || xml.Unmarshal(body, &x) != nil {
		return "", ""
	}
	return bareCode(cmp.Or(x.Code, x.Code1, x.Code2)), cmp.Or(x.Message, x.Message1, x.Message2)
}

func errorInJSON(text []byte) (code, message string) {
	// Names are matched without regard to case.
	type flat struct {
		Type    any `json:"__type"`
		Code    any `json:"code"`
		Message any `json:"message"`
	}
	var all struct {
		flat
		Error  json.RawMessage   `json:"error"`
		Errors []json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(text, &all) != nil {
		return "", ""
	}
	within := all.Error
	if len(all.Errors) > 0 {
		within = all.Errors[0]
	}
	var inner flat
	var said string
	if json.Unmarshal(within, &inner) != nil {
		_ = json.Unmarshal(within, &said) // what is neither says nothing
	}
	code = cmp.Or(asText(all.Code), asText(all.Type), asText(inner.Code), asText(inner.Type))
	return bareCode(code), cmp.Or(asText(all.Message), asText(inner.Message), said)
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// bareCode is a code without what some services put around it; empty for what is none.
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
func bareCode(code string) string {
	code, _, _ = strings.Cut(strings.TrimSpace(code), ":")
	code = code[strings.LastIndexByte(code, '#')+1:]
	for _, c := range code {
		if c != '.' && c != '_' && c != '-' && (c > 'z' || c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a') {
			return ""
		}
	}
	return code
}
