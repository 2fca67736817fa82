package resource

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"aws-connector/helper"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// mostPages and mostItems are more than any account has.
const (
	mostPages = 1000
	mostItems = 100_000
	// longestToken is more than the token of any page has, in bytes.
	longestToken = 64 << 10
)

// maxSkew is how far AWS's clock may be from ours before a signature is made
// again by AWS's, as the AWS SDK for Go does.
const maxSkew = 4 * time.Minute

// answer is what AWS answered, of any status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// sender signs and sends requests to one service. The SDK's clients of S3 and
// EKS would do the same for half as much binary again.
type sender struct {
	client helper.Client
	base   string // the service's endpoint, without a slash at its end
	http   *http.Client
	signer *v4.Signer
}

// sender returns what calls service in region.
func (s session) sender(ctx context.Context, service, region string) (*sender, error) {
	o, err := s.client(service, region)
	if err != nil {
		return nil, err
	}
	return newSender(ctx, o)
}

func newSender(ctx context.Context, o helper.Client) (*sender, error) {
	base, err := o.URL(ctx)
	if err != nil {
		return nil, err
	}
	client, err := o.HTTPClient(helper.PageLimit)
	if err != nil {
		return nil, err
	}
	// S3 alone signs paths as they are sent; others escape them twice.
	signer := v4.NewSigner(func(s *v4.SignerOptions) { s.DisableURIPathEscaping = o.Service == serviceS3 })
	return &sender{o, base, client, signer}, nil
}

// request is a request that is not signed yet.
type request struct {
	method, url string
	target      string // of a service that speaks AWS's JSON protocol
	body        []byte
}

// send sends the request until it is answered or it is no use. The answer is
// there with an error too, if there was one.
func (s *sender) send(ctx context.Context, q request) (answer, error) {
	retryer := s.client.Retryer()
	var skew time.Duration
	for attempt := 1; ; attempt++ {
		a, err := s.once(ctx, q, skew)
		if err == nil || attempt >= retryer.MaxAttempts() {
			return a, err
		}
		if off := a.skew(time.Now()); skew == 0 && a.status < http.StatusInternalServerError && off.Abs() > maxSkew {
			skew = off
			continue
		}
		if !retryer.IsErrorRetryable(err) {
			return a, err
		}
		delay, delayErr := retryer.RetryDelay(attempt, err)
		if delayErr != nil {
			return a, err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return a, ctx.Err()
		}
	}
}

func (s *sender) once(ctx context.Context, q request, skew time.Duration) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, bytes.NewReader(q.body))
	if err != nil {
		return answer{}, err
	}
	credentials, err := s.client.Credentials().Retrieve(ctx)
	if err != nil {
		return answer{}, err
	}
	if q.target != "" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", q.target)
	}
	sum := sha256.Sum256(q.body)
	digest := hex.EncodeToString(sum[:])
	if s.client.Service == serviceS3 {
		r.Header.Set("X-Amz-Content-Sha256", digest)
	}
	if err := s.signer.SignHTTP(ctx, credentials, r, digest, s.client.Service, s.client.Region, time.Now().Add(skew)); err != nil {
		return answer{}, err
	}
	response, err := s.http.Do(r)
	if err != nil {
		return answer{}, &smithyhttp.RequestSendError{Err: err}
	}
	return read(response)
}

// read reads an answer; its error is one of AWS if the status is none of success.
func read(r *http.Response) (answer, error) {
	defer r.Body.Close()
	a := answer{status: r.StatusCode, header: r.Header}
	body := make([]byte, r.ContentLength) // the client has read it already
	_, err := io.ReadFull(r.Body, body)
	switch {
	case err != nil:
		return a, &smithyhttp.RequestSendError{Err: err}
	case a.status >= http.StatusOK && a.status < http.StatusMultipleChoices:
		a.body = body
		return a, nil
	}
	return a, &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: r}, Err: refusal(a, body)}
}

var (
	errTooLong = fmt.Errorf("the list is larger than %d MiB", helper.ListLimit>>20)
	errForm    = errors.New("the answer is not of the form that AWS documents")
	errPages   = errors.New("the answer leads from one page to the same again")
	errEndless = fmt.Errorf("the list has more than %d pages", mostPages)
	errItems   = fmt.Errorf("the list has more than %d entries", mostItems)
)

// refusal returns the error in the body of an answer; without a code if there is none.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
func refusal(a answer, body []byte) error {
	e := &smithy.GenericAPIError{}
	var inXML struct{ Code, Message string }
	var inJSON struct {
		Code    string `json:"code"`
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	switch {
	case json.Unmarshal(body, &inJSON) == nil:
		e.Code, e.Message = first(a.header.Get("X-Amzn-Errortype"), inJSON.Code, inJSON.Type), inJSON.Message
	case xml.Unmarshal(body, &inXML) == nil:
		e.Code, e.Message = inXML.Code, inXML.Message
	}
	e.Code, _, _ = strings.Cut(e.Code, ":")
	e.Code = e.Code[strings.LastIndexByte(e.Code, '#')+1:]
	return e
}

// skew returns how far the clock of an answer is ahead of now; zero if it tells no time.
func (a answer) skew(now time.Time) time.Duration {
	at, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return 0
	}
	return at.Sub(now)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// clipped returns s, or as much of it as shows that it is no name.
func clipped(s string) string {
	const longest = 256
	if len(s) <= longest {
		return s
	}
	return strings.Clone(s[:longest])
}

// page is what a page of a list has, but for its items themselves.
type page struct {
	next        string // the token of the page after it; empty for none
	size, items int
}

// pages calls ask with the token of each page, the first one's being empty,
// until there is no next token.
func pages(ask func(token string) (page, error)) error {
	seen := map[string]bool{}
	var all page
	for {
		got, err := ask(all.next)
		seen[all.next] = true
		all = page{got.next, all.size + got.size, all.items + got.items}
		switch {
		case err != nil:
			return err
		case all.size > helper.ListLimit:
			return errTooLong
		case all.items > mostItems:
			return errItems
		case len(got.next) > longestToken:
			return errForm
		case got.next == "":
			return nil
		case seen[got.next]:
			return errPages
		case len(seen) >= mostPages:
			return errEndless
		}
	}
}
