package helper

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
)

// What is read of an answer, decompressed, in bytes. A list of several pages is
// held to [ListLimit] by who asks for them.
const (
	AnswerLimit = 1 << 20
	PageLimit   = 4 << 20 // of one page; the most that AWS has in one is 3 MB
	ListLimit   = 16 << 20

	headerLimit = 64 << 10
)

// What is parsed of an answer: parsers take some fifty times the size of one that
// is nothing but brackets. AWS nests 8 deep and has 60,000 parts in a page.
const (
	deepest     = 64
	partsLimit  = 10_000
	partsOfPage = 250_000
)

// boundError is an answer that is too large in one way or another. Asking again
// does not help.
type boundError struct{ problem string }

func (e *boundError) Error() string { return e.problem }

// RetryableError tells the SDK to leave it at that.
func (*boundError) RetryableError() bool { return false }

// cutError is an answer that began well and broke off.
type cutError struct{ cause error }

func (e *cutError) Error() string { return "the answer broke off" }
func (e *cutError) Unwrap() error { return e.cause }

// errUnreadable is an answer over which the SDK panics.
var errUnreadable = errors.New("the answer cannot be read")

// bounds reads answers whole, so that whatever is wrong with their end is an
// error of the call itself: no reader sees a part of one.
type bounds struct {
	next http.RoundTripper
	// most is the longest body, in bytes; none is read if it is 0.
	most int64
	way  way
}

// bounded returns a client that keeps answers within bounds. It follows no redirect.
func bounded(c *awshttp.BuildableClient, most int64, proxies Proxies) *http.Client {
	t := c.GetTransport()
	t.MaxResponseHeaderBytes = headerLimit
	w := way{t.Proxy, proxies}
	t.OnProxyConnectResponse = w.connected
	return &http.Client{Transport: bounds{t, most, w}, Timeout: c.GetTimeout()}
}

// RoundTrip implements [http.RoundTripper].
func (b bounds) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, b.way.reached(r, headerError(err))
	}
	body, err := b.read(resp)
	resp.Body.Close()
	var bound *boundError
	switch {
	case err == nil:
	case errors.As(err, &bound) && resp.StatusCode >= http.StatusMultipleChoices:
		body = nil // what the status says counts
	default:
		return nil, err
	}
	if err := b.way.answered(r, resp, body); err != nil {
		return nil, err
	}
	kept := newKept(resp, body)
	resp.Header.Del("Location")          // the client would send keys and tokens to wherever it points
	resp.Header.Del("X-Amz-Retry-After") // the SDK would wait for up to 5 s each time
	resp.Body, resp.ContentLength = kept, int64(len(body))
	return resp, nil
}

func (b bounds) read(resp *http.Response) ([]byte, error) {
	if b.most == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, b.most+1))
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &corrupt), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return nil, &boundError{"the answer is not compressed as it says"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), timedOut(err):
		return nil, err
	case err != nil:
		return nil, &cutError{err}
	case int64(len(body)) > b.most:
		return nil, &boundError{fmt.Sprintf("the answer is larger than %d MiB", b.most>>20)}
	}
	parts := partsLimit
	if b.most > AnswerLimit {
		parts = partsOfPage
	}
	s := shapeOf(body)
	switch {
	case s.depth > deepest:
		return nil, &boundError{"the answer is nested too deeply"}
	case s.parts > parts:
		return nil, &boundError{fmt.Sprintf("the answer has more than %d parts", parts)}
	case s.open && endsWithConnection(resp):
		return nil, &cutError{io.ErrUnexpectedEOF}
	}
	return body, nil
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// endsWithConnection reports whether nothing but the end of the connection said
// where the body ends: whether it is whole, its text alone tells.
func endsWithConnection(r *http.Response) bool {
	return r.ProtoMajor == 1 && r.ContentLength < 0 && len(r.TransferEncoding) == 0 && !r.Uncompressed
}

// headerError tells net/http's errors about headers, which have no type.
func headerError(err error) error {
	for _, text := range []string{"headers exceeded", "bytes exhausted", "header list larger", "too many 1xx"} {
		if strings.Contains(err.Error(), text) {
			return &boundError{fmt.Sprintf("the answer has more than %d KiB of headers", headerLimit>>10)}
		}
	}
	return err
}

// unpanicked turns a panic of the SDK over an answer into [errUnreadable].
func unpanicked(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Unpanicked", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, m middleware.Metadata, err error) {
		defer func() {
			if recover() != nil {
				out, err = middleware.InitializeOutput{}, errUnreadable
			}
		}()
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}
