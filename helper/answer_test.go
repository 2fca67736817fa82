package helper

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// answers is a transport that always has the same answer.
type answers http.Response

func (a *answers) RoundTrip(*http.Request) (*http.Response, error) { return (*http.Response)(a), nil }

func TestWhatBreaksAnAnswerOff(t *testing.T) {
	for _, test := range []struct {
		cause error
		as    string // of which kind it is then; "" for its own
	}{
		{flate.CorruptInputError(1), "bound"}, {gzip.ErrHeader, "bound"}, {gzip.ErrChecksum, "bound"},
		{context.Canceled, ""}, {context.DeadlineExceeded, ""}, {os.ErrDeadlineExceeded, ""},
		{io.ErrUnexpectedEOF, "cut"}, {net.ErrClosed, "cut"},
	} {
		a := answers{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader("<a>"), iotest.ErrReader(test.cause)))}
		_, err := bounds{&a, AnswerLimit, way{}}.RoundTrip(nil)
		var bound *boundError
		var cut *cutError
		if errors.As(err, &bound) != (test.as == "bound") || errors.As(err, &cut) != (test.as == "cut") || test.as != "bound" && !errors.Is(err, test.cause) {
			t.Errorf("%v while reading = %#v, want it as %q", test.cause, err, test.as)
		}
	}
}

// Where the length is known, or the protocol tells the end, a text that seems to
// be open is whole: the parser judges it.
func TestWhichAnswersEndWithTheConnection(t *testing.T) {
	http1 := func(change func(*answers)) *answers {
		a := &answers{StatusCode: 200, ProtoMajor: 1, ContentLength: -1, Header: http.Header{}}
		change(a)
		a.Body = io.NopCloser(strings.NewReader("<a>"))
		return a
	}
	for name, test := range map[string]struct {
		answer *answers
		cut    bool
	}{
		"nothing tells the end": {http1(func(*answers) {}), true},
		"a length":              {http1(func(a *answers) { a.ContentLength = 3 }), false},
		"chunks":                {http1(func(a *answers) { a.TransferEncoding = []string{"chunked"} }), false},
		"gzip":                  {http1(func(a *answers) { a.Uncompressed = true }), false},
		"HTTP/2":                {http1(func(a *answers) { a.ProtoMajor = 2 }), false},
	} {
		_, err := bounds{test.answer, AnswerLimit, way{}}.RoundTrip(nil)
		if cut := (*cutError)(nil); errors.As(err, &cut) != test.cut || !test.cut && err != nil {
			t.Errorf("%s: %v, want it cut: %t", name, err, test.cut)
		}
	}
}

// The bounds themselves are within them.
func TestHowLargeAnAnswerMayBe(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	wide := func(n int) string { return "[" + strings.Repeat(",", n-1) + "]" }
	for name, test := range map[string]struct {
		most   int64
		status int
		body   string
		ok     bool
	}{
		"depth":                    {AnswerLimit, 200, nested(deepest), true},
		"too deep":                 {AnswerLimit, 200, nested(deepest + 1), false},
		"parts":                    {AnswerLimit, 200, wide(partsLimit), true},
		"too many parts":           {AnswerLimit, 200, wide(partsLimit + 1), false},
		"parts of a page":          {PageLimit, 200, wide(partsOfPage), true},
		"too many parts of a page": {PageLimit, 200, wide(partsOfPage + 1), false},
		"too deep with 299":        {AnswerLimit, 299, nested(deepest + 1), false},
		"too deep with 300":        {AnswerLimit, 300, nested(deepest + 1), true},
	} {
		header := http.Header{"Location": {"/again"}, "X-Amz-Retry-After": {"5000"}, "Content-Type": {"text/xml"}}
		a := answers{StatusCode: test.status, Header: header, Body: io.NopCloser(strings.NewReader(test.body))}
		resp, err := bounds{&a, test.most, way{}}.RoundTrip(nil)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v, want an answer: %t", name, err, test.ok)
			continue
		}
		if err != nil {
			continue
		}
		want := test.body
		if test.status == 300 {
			want = ""
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want || resp.ContentLength != int64(len(want)) {
			t.Errorf("%s: %d bytes, %v, and %d announced, want %d", name, len(body), err, resp.ContentLength, len(want))
		}
		if len(resp.Header) != 1 {
			t.Errorf("%s: the headers %v are left, want the type alone", name, resp.Header)
		}
	}
}
