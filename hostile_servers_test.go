package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// hostileServer answers every request of every service in its way.
type hostileServer struct {
	name    string
	handler func(http.ResponseWriter, *http.Request)
	status  int    // of get
	lists   bool   // what it says is a list, if an odd one
	only    string // the one command to try, where it ends when we give up
}

const httpOK = "HTTP/1.1 200 OK\r\n"

var hostileServers = []hostileServer{
	{name: "a body of 1 GB", status: 1, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1073741824")
		forever(w, strings.Repeat("x", 1<<16))
	}},
	{name: "an endless body", status: 1, handler: func(w http.ResponseWriter, _ *http.Request) { forever(w, strings.Repeat("<a/>", 1<<14)) }},
	{name: "an endless body with 500", status: 4, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		forever(w, strings.Repeat("x", 1<<16))
	}},
	{name: "a gzip bomb", status: 1, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		forever(w, bomb())
	}},
	{name: "endless headers", status: 1, handler: byHand(func(c net.Conn) { io.WriteString(c, httpOK); forever(c, strings.Repeat("A: b\r\n", 1000)) })},
	{name: "an endless header", status: 1, handler: byHand(func(c net.Conn) { io.WriteString(c, httpOK+"A: "); forever(c, strings.Repeat("x", 4096)) })},
	{name: "a flood of 100 Continue", status: 1, handler: byHand(func(c net.Conn) { forever(c, "HTTP/1.1 100 Continue\r\n\r\n") })},
	{name: "a flood of 103 Early Hints", status: 1, handler: byHand(func(c net.Conn) { forever(c, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n") })},
	{name: "endless trailers", status: 4, handler: byHand(func(c net.Conn) {
		io.WriteString(c, httpOK+"Transfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n0\r\n")
		forever(c, strings.Repeat("A: b\r\n", 1000))
	})},
	{name: "endless chunk sizes", status: 4, handler: byHand(func(c net.Conn) {
		io.WriteString(c, httpOK+"Transfer-Encoding: chunked\r\n\r\n")
		forever(c, strings.Repeat("0", 4096))
	})},
	{name: "redirects in a circle", status: 1, handler: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/"+time.Now().String(), http.StatusTemporaryRedirect)
	}},
	{name: "a redirect to nowhere", status: 1, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[::1%zz")
		w.WriteHeader(http.StatusFound)
	}},
	{name: "a slow drip", status: 4, only: "get", handler: func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, "<")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(500 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	}},
	{name: "silence", only: "doctor", handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	{name: "a length that is not reached", status: 4, handler: byHand(func(c net.Conn) { io.WriteString(c, httpOK+"Content-Length: 9999\r\n\r\n<AssumeRoleResponse>") })},
	{name: "no last chunk", status: 4, handler: byHand(func(c net.Conn) { io.WriteString(c, httpOK+"Transfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n") })},
	{name: "a reset", status: 4, handler: byHand(func(c net.Conn) {
		io.WriteString(c, httpOK+"Content-Length: 9999\r\n\r\n<a>")
		c.(*net.TCPConn).SetLinger(0)
	})},
	{name: "more than its length", status: 1, handler: byHand(func(c net.Conn) {
		io.WriteString(c, httpOK+"Content-Length: 2\r\n\r\n{}\x1b[31mHTTP/1.1 200 OK\r\n\r\nmore")
	})},
	{name: "HTTP/1.0 without an end", status: 4, handler: byHand(func(c net.Conn) { io.WriteString(c, "HTTP/1.0 200 OK\n\n<AssumeRoleResponse><a>") })},
	{name: "no HTTP", status: 4, handler: byHand(func(c net.Conn) { io.WriteString(c, "SSH-2.0-Open\x1b[31m\u202eSSH\r\n") })},
	{name: "a time that is none", status: 1, handler: body(`{"authorizationData":[{"authorizationToken":"QVdTOng=","expiresAt":"NaN"}]}`)},
	{name: "deep XML", status: 1, handler: body(strings.Repeat("<a>", 300_000))},
	{name: "deep JSON", status: 1, handler: body(strings.Repeat("[", 1_000_000))},
	{name: "deep JSON in a list", status: 1, handler: body(`{"clusters":` + strings.Repeat(`{"a":`, 150_000))},
	{name: "a huge list of XML", status: 1, handler: body("<ListAllMyBucketsResult><Buckets>" + strings.Repeat("<Bucket/>", 110_000) + "</Buckets></ListAllMyBucketsResult>")},
	{name: "a huge list of JSON", status: 1, handler: body(`{"authorizationData":[` + strings.Repeat(`{},`, 300_000) + `{}]}`)},
	{name: "a huge map", status: 1, handler: manyKeys},
	{name: "alternating page tokens", status: 1, handler: paged(func(n int64) string { return fmt.Sprint(n % 2) }, "a-bucket")},
	{name: "the same page token", status: 1, handler: paged(func(int64) string { return "again" }, "a-bucket")},
	{name: "empty pages for ever", status: 1, handler: paged(func(n int64) string { return fmt.Sprint(n) }, "")},
	{name: "large pages for ever", status: 1, handler: paged(func(n int64) string { return fmt.Sprint(n) }, strings.Repeat("x", 3<<20))},
	{name: "a huge page token", status: 1, handler: paged(func(n int64) string { return fmt.Sprint(n) + strings.Repeat("t", 3<<20) }, "")},
	{name: "a web page", status: 1, handler: body("<!DOCTYPE html><html><body>Sign in" + strings.Repeat("<br>", 1000))},
	{name: "nothing", status: 1, lists: true, handler: body("")},
	{name: "null", status: 1, lists: true, handler: body("null")},
	{name: "an error with control characters", status: 1, handler: failing(http.StatusBadRequest, "a\x1b[31m\x9b\u202e\u2066b\xff\xfe&#10;&#x202e;\u0085\n\r\x00")},
	{name: "a huge error", status: 1, handler: failing(http.StatusForbidden, strings.Repeat("no ", 300_000))},
	{name: "come back in a year", status: 4, handler: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "31536000")
		w.Header().Set("X-Amz-Retry-After", "31536000000")
		w.WriteHeader(http.StatusServiceUnavailable)
	}},
	{name: "a header that is none", status: 4, handler: byHand(func(c net.Conn) { io.WriteString(c, httpOK+"\x1b[31m: \u202e\x9b\r\n\r\n{}") })},
	{name: "a date that is none", status: 1, lists: true, handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Fri, 99 Xxx 99999 99:99:99")
		io.WriteString(w, "{}")
	}},
}

// forever writes text until the client goes.
func forever(w io.Writer, text string) {
	for {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

// byHand answers without net/http's help.
func byHand(answer func(net.Conn)) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		answer(conn)
	}
}

func body(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

// bomb returns a member of a gzip stream: 1 MB of zeros in 1 kB.
func bomb() string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(make([]byte, 1<<20))
	z.Close()
	return b.String()
}

func manyKeys(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, "{")
	for i := range 60_000 {
		fmt.Fprintf(w, `"%d":{},`, i)
	}
	io.WriteString(w, `"":0}`)
}

// paged answers with pages of lists, each of one item, whose tokens next makes.
func paged(next func(n int64) string, item string) func(http.ResponseWriter, *http.Request) {
	var n atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		token := next(n.Add(1))
		switch {
		case r.Header.Get("X-Amz-Target") != "":
			fmt.Fprintf(w, `{"repositories":[{"repositoryUri":%q}],"nextToken":%q}`, item, token)
		case strings.HasPrefix(r.URL.Path, "/clusters"):
			fmt.Fprintf(w, `{"clusters":[%q],"nextToken":%q}`, item, token)
		default:
			fmt.Fprintf(w, `<ListAllMyBucketsResult><Buckets><Bucket><Name>%s</Name></Bucket></Buckets><ContinuationToken>%s</ContinuationToken></ListAllMyBucketsResult>`, item, token)
		}
	}
}

// failing answers with an error of AWS in the form of each service.
func failing(status int, message string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Amz-Target") != "" || strings.HasPrefix(r.URL.Path, "/clusters"):
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"__type":"Odd","message":"%s"}`, strings.NewReplacer("\x1b", `\u001b`, "\n", `\n`, "\r", `\r`, "\x00", `\u0000`).Replace(message))
		default:
			w.WriteHeader(status)
			fmt.Fprintf(w, `<ErrorResponse><Error><Code>Odd</Code><Message>%s</Message></Error></ErrorResponse>`, strings.NewReplacer("\x1b", "", "\x00", "").Replace(message))
		}
	}
}
