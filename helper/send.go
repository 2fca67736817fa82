package helper

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxSkew is how far AWS's clock may be from ours before a signature is made
// again by AWS's, as the AWS SDK for Go does.
const maxSkew = 4 * time.Minute

// Response is what AWS answered, of any status.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Request is a request that is not signed yet.
type Request struct {
	Method, URL string
	Target      string // of a service that speaks AWS's JSON protocol
	Form        bool   // Body is a form, as AWS's Query protocol has it
	Body        []byte
	// Once: it is not sent again where it may have been carried out.
	Once bool
}

// wire sends what is signed: an HTTP client, or one that is [timed].
type wire interface {
	Do(*http.Request) (*http.Response, error)
}

// Sender signs and sends requests to one service. The SDK's clients of ECR, ECR
// Public, S3 and EKS would do the same for a fifth more binary, and those of ECR
// for half of the time that a program takes to start.
type Sender struct {
	Client Client
	Base   string // the service's endpoint, without a slash at its end
	http   wire
	signer *v4.Signer
}

// Sender returns what calls o's service. Its answers have at most most bytes.
func (o Client) Sender(ctx context.Context, most int64) (*Sender, error) {
	client, err := o.HTTPClient(most)
	if err != nil {
		return nil, err
	}
	return o.sender(ctx, client)
}

func (o Client) sender(ctx context.Context, client wire) (*Sender, error) {
	base, err := o.URL(ctx)
	if err != nil {
		return nil, err
	}
	// S3 alone signs paths as they are sent; others escape them twice.
	signer := v4.NewSigner(func(s *v4.SignerOptions) { s.DisableURIPathEscaping = o.Service == serviceS3 })
	return &Sender{o, base, client, signer}, nil
}

// Send sends the request until it is answered or it is no use. The answer is
// there with an error too, if there was one.
func (s *Sender) Send(ctx context.Context, q Request) (Response, error) {
	retryer := s.Client.Retryer()
	var skew time.Duration
	for attempt := 1; ; attempt++ {
		a, err := s.once(ctx, q, skew)
		if err == nil || attempt >= retryer.MaxAttempts() {
			return a, err
		}
		if off := a.skew(time.Now()); skew == 0 && a.Status < http.StatusInternalServerError && off.Abs() > maxSkew {
			skew = off
			continue
		}
		if !retryer.IsErrorRetryable(err) || q.Once && !Refused(err) {
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

func (s *Sender) once(ctx context.Context, q Request, skew time.Duration) (Response, error) {
	r, err := http.NewRequestWithContext(ctx, q.Method, q.URL, bytes.NewReader(q.Body))
	if err != nil {
		return Response{}, err
	}
	credentials, err := s.Client.Credentials().Retrieve(ctx)
	if err != nil {
		return Response{}, err
	}
	if q.Target != "" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", q.Target)
	}
	if q.Form {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	sum := sha256.Sum256(q.Body)
	digest := hex.EncodeToString(sum[:])
	if s.Client.Service == serviceS3 {
		r.Header.Set("X-Amz-Content-Sha256", digest)
	}
	if err := s.signer.SignHTTP(ctx, credentials, r, digest, s.Client.Service, s.Client.Region, time.Now().Add(skew)); err != nil {
		return Response{}, err
	}
	response, err := s.http.Do(r)
	if err != nil {
		return Response{}, &smithyhttp.RequestSendError{Err: err}
	}
	return readAnswer(response)
}

// readAnswer reads an answer; its error is one of AWS if the status is none of success.
func readAnswer(r *http.Response) (Response, error) {
	defer r.Body.Close()
	a := Response{Status: r.StatusCode, Header: r.Header}
	body := make([]byte, r.ContentLength) // the client has read it already
	_, err := io.ReadFull(r.Body, body)
	switch {
	case err != nil:
		return a, &smithyhttp.RequestSendError{Err: err}
	case a.Status >= http.StatusOK && a.Status < http.StatusMultipleChoices:
		a.Body = body
		return a, nil
	}
	return a, &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: r}, Err: errorIn(a, body)}
}

var errNotJSON = errors.New("not JSON of the form that AWS documents")

// unreadable is the error of an answer of success that cannot be read.
func (a Response) unreadable() error {
	r := &http.Response{StatusCode: a.Status, Header: a.Header}
	r.Body = newKept(r, a.Body)
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: r}, Err: errNotJSON}
}

// errorIn returns the error in the body of an answer; without a code if there is none.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
func errorIn(a Response, body []byte) error {
	e := &smithy.GenericAPIError{}
	e.Code, e.Message = errorDocument(body)
	if named := bareCode(a.Header.Get("X-Amzn-Errortype")); named != "" {
		e.Code = named
	}
	return e
}

// skew returns how far the clock of an answer is ahead of now; zero if it tells no time.
func (a Response) skew(now time.Time) time.Duration {
	at, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return at.Sub(now)
}
