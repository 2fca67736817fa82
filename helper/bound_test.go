package helper

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/internal/fakeaws"
	"aws-connector/internal/secret"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// raw writes bytes as they are and hangs up.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, text)
		conn.Close()
	}
}

// endless writes text until the client goes.
func endless(w io.Writer, text string) {
	for {
		if _, err := io.WriteString(w, text); err != nil {
			return
		}
	}
}

func TestBounds(t *testing.T) {
	const (
		ok       = "HTTP/1.1 200 OK\r\n"
		tooLarge = "the answer is larger than 1 MiB"
		headers  = "the answer has more than 64 KiB of headers"
		cut      = "the answer broke off"
	)
	many := strings.Repeat("x", 4096)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string // the error, or else the body
		reason  Reason
	}{
		"good":                {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "fine") }, "fine", -1},
		"good without an end": {raw(ok + "\r\n<a><b/></a>"), "<a><b/></a>", -1},
		"as large as may be":  {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", AnswerLimit)) }, strings.Repeat("x", AnswerLimit), -1},
		"larger":              {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", AnswerLimit+1)) }, tooLarge, Failed},
		"endless":             {func(w http.ResponseWriter, _ *http.Request) { endless(w, many) }, tooLarge, Failed},
		"endless with 502":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); endless(w, many) }, "", -1},
		"endless with 307": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/again")
			w.WriteHeader(307)
			endless(w, many)
		}, "", -1},
		"gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			endless(gzip.NewWriter(w), many)
		}, tooLarge, Failed},
		"no gzip": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, many)
		}, "the answer is not compressed as it says", Failed},
		"endless headers": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			defer c.Close()
			io.WriteString(c, ok)
			endless(c, "X-A: b\r\n")
		}, headers, Failed},
		"one endless header": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			defer c.Close()
			io.WriteString(c, ok+"X-A: ")
			endless(c, many)
		}, headers, Failed},
		"flood of 100": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			defer c.Close()
			endless(c, "HTTP/1.1 100 Continue\r\n\r\n")
		}, headers, Failed},
		"flood of 103": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			defer c.Close()
			endless(c, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
		}, headers, Failed},
		"deep JSON": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("[", 100_000)) }, "the answer is nested too deeply", Failed},
		"deep XML": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<?xml?>"+strings.Repeat("<a>", 100_000))
		}, "the answer is nested too deeply", Failed},
		"deep XML behind text": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{"+strings.Repeat("<a>", 100_000)) }, "the answer is nested too deeply", Failed},
		"deep XML with 500": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, strings.Repeat("<a>", 100_000))
		}, "", -1},
		"wide JSON": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "["+strings.Repeat("{},", 100_000)+"{}]")
		}, "the answer has more than 10000 parts", Failed},
		"wide XML": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<a>"+strings.Repeat("<b/>", 100_000)+"</a>")
		}, "the answer has more than 10000 parts", Failed},
		"attributes": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<a"+strings.Repeat(" b=''", 100_000)+"/>")
		}, "the answer has more than 10000 parts", Failed},
		"length not reached":  {raw(ok + "Content-Length: 100\r\n\r\n<a>"), cut, Temporary},
		"no last chunk":       {raw(ok + "Transfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n"), cut, Temporary},
		"cut in a chunk":      {raw(ok + "Transfer-Encoding: chunked\r\n\r\n9\r\n<a>"), cut, Temporary},
		"cut XML":             {raw(ok + "\r\n<a><b>c</b>"), cut, Temporary},
		"cut in a tag":        {raw(ok + "\r\n<a><b>c</"), cut, Temporary},
		"cut JSON":            {raw(ok + "\r\n{\"a\":[1,"), cut, Temporary},
		"cut in a string":     {raw(ok + "\r\n{\"a\":\"}"), cut, Temporary},
		"a page without ends": {raw(ok + "\r\n<!DOCTYPE html><html><p>Sign in<br>"), "<!DOCTYPE html><html><p>Sign in<br>", -1},
		"cut with 500":        {raw("HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\n<a>"), cut, Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			defer server.Close()
			client := bounded(awshttp.NewBuildableClient().WithTimeout(20*time.Second), AnswerLimit, Proxies{})
			resp, err := client.Get(server.URL)
			if err != nil {
				got := CallError(connector.Connector{}, "sts", "Op", err)
				var e *Error
				if !errors.As(got, &e) || e.Text != "Op: "+test.want || e.Reason != test.reason {
					t.Errorf("Get = %v, want %q, %d", got, test.want, test.reason)
				}
				return
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil || test.reason >= 0 || string(body) != test.want {
				t.Errorf("Get = %.100q, %v, want %.100q", body, err, test.want)
			}
		})
	}
}

func TestALargeHeader(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("A", strings.Repeat("x", 100<<10))
	}))
	defer server.Close()
	_, err := bounded(awshttp.NewBuildableClient(), AnswerLimit, Proxies{}).Get(server.URL)
	if bound := (*boundError)(nil); !errors.As(err, &bound) {
		t.Errorf("Get = %v, want a bound", err)
	}
}

// What is too large is asked for once.
func TestALargeAnswerIsNotAskedForAgain(t *testing.T) {
	w := newWorld(t, roleConnector)
	w.aws.Fail(fakeaws.Fault{Body: strings.Repeat("x", AnswerLimit+1)})
	_, err := w.Credentials(t.Context(), "r")
	if n := w.aws.Calls("AssumeRole"); err == nil || n != 1 {
		t.Errorf("Credentials = %v in %d calls, want 1", err, n)
	}
}

func TestPlausible(t *testing.T) {
	issued := time.Unix(1_700_000_000, 0)
	for expires, want := range map[time.Time]time.Time{
		issued.Add(time.Hour):      issued.Add(time.Hour).UTC(),
		issued.Add(90_000_000_001): issued.Add(90 * time.Second).UTC(),
		issued.Add(14 * time.Hour): issued.Add(13 * time.Hour).UTC(),
		time.Unix(1<<50, 0):        issued.Add(13 * time.Hour).UTC(),
		issued.Add(-time.Hour):     issued.Add(-time.Hour).UTC(),
		time.Unix(-1, 0):           {},
		time.Unix(-(1 << 62), 0):   {},
	} {
		if got := plausible(expires, issued, longestToken); !got.Equal(want) || got.IsZero() != want.IsZero() {
			t.Errorf("plausible(%v) = %v, want %v", expires, got, want)
		}
	}
}

func TestADrippingAnswerIsTemporary(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<a>")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	_, err := bounded(awshttp.NewBuildableClient().WithTimeout(50*time.Millisecond), AnswerLimit, Proxies{}).Get(server.URL)
	var e *Error
	if got := CallError(connector.Connector{}, "sts", "Op", err); !errors.As(got, &e) || !strings.HasPrefix(e.Text, "Op: no answer in time from \"127.0.0.1:") || e.Reason != Temporary {
		t.Errorf("Get = %v, want a temporary error", got)
	}
}

func TestAProbeReadsNoBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { endless(w, "x") }))
	defer server.Close()
	client, err := Client{}.HTTPClient(0)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get(server.URL)
	if err != nil || resp.StatusCode != 200 || resp.ContentLength != 0 {
		t.Errorf("Get = %+v, %v, want no body", resp, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// front is a server before the fake AWS that can answer in its stead.
func front(t *testing.T, w *world) *atomic.Pointer[http.HandlerFunc] {
	t.Helper()
	var instead atomic.Pointer[http.HandlerFunc]
	target := must(url.Parse(w.aws.URL))
	// Host, which is signed, stays as it is.
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		r.Out.Host = r.In.Host
	}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if h := instead.Load(); h != nil {
			(*h)(rw, r)
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	text := fmt.Sprintf("[defaults]\nregion = \"eu-central-1\"\nkey = \"main\"\nendpoint_url = %q\n%s", server.URL, roleConnector)
	w.Connectors = must(connector.Parse("f", []byte(text)))
	return &instead
}

// While answers break off, the good old session and token are handed out.
func TestACutAnswerKeepsTheOldOne(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"length": raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<AssumeRoleResponse>"),
		"chunk":  raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n<AssumeRoleResponse>\r\n"),
		"reset": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<Ass")
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, roleConnector)
			instead := front(t, w)
			session, token := w.get(t, "r"), w.token(t, "r", registryHost)
			w.later(50 * time.Minute)
			instead.Store(&answer)
			if got := w.get(t, "r"); got.AccessKeyID != session.AccessKeyID {
				t.Error("another session was handed out")
			}
			w.later(6 * time.Hour)
			if got := w.token(t, "r", registryHost); !got.Password.Equal(token.Password) {
				t.Error("another token was handed out")
			}
		})
	}
}

func TestNoAnswerOfECRPanics(t *testing.T) {
	const good = `"authorizationToken":"QVdTOng="` // AWS:x
	data := func(inner string) string { return `{"authorizationData":[{` + inner + `}]}` }
	for _, test := range []struct{ body, want string }{ // want is the end of the error; "" is a token
		{data(good + `,"expiresAt":"NaN"`), "not an answer of AWS ECR"},
		{data(good + `,"expiresAt":"Infinity"`), ""},
		{data(good + `,"expiresAt":"-Infinity"`), ""},
		{data(good + `,"expiresAt":1e400`), ""},
		{data(good + `,"expiresAt":1e308`), ""},
		{data(good + `,"expiresAt":-1e308`), ""},
		{data(good + `,"expiresAt":1e19`), ""},
		{data(good + `,"expiresAt":253402300800`), ""}, // year 10000
		{data(good + `,"expiresAt":-62135596801`), ""},
		{data(good + `,"expiresAt":null`), ""},
		{data(good + `,"expiresAt":""`), ""},
		{data(good + `,"expiresAt":"tomorrow"`), ""},
		{data(good + `,"expiresAt":{}`), ""},
		{data(good + `,"expiresAt":[1]`), ""},
		{data(good + `,"expiresAt":true`), ""},
		{data(good + `,"proxyEndpoint":1`), ""},
		{data(`"authorizationToken":1`), ""},
		{data(`"authorizationToken":null`), "the answer has no token"},
		{data(`"authorizationToken":" "`), "the answer has no token"},
		{data(`"authorizationToken":"QVdT"`), "not of the form that ECR documents"},         // AWS
		{data(`"authorizationToken":"QVdTOhtbMzFt"`), "not of the form that ECR documents"}, // AWS:ESC[31m
		{data(`"authorizationToken":"QVdTOmEgYg=="`), "not of the form that ECR documents"}, // AWS:a b
		{data(`"authorizationToken":"QVdTOmHigK5i"`), "not of the form that ECR documents"}, // AWS:a RLO b
		{data(`"authorizationToken":"\u0000"`), "not of the form that ECR documents"},
		{`{"authorizationData":null}`, "the answer has no token"},
		{`{"authorizationData":[null]}`, ""},
		{`{"authorizationData":{}}`, ""},
		{`{"authorizationData":[[]]}`, ""},
		{`null`, ""}, {`[]`, ""}, {`1`, ""}, {`"`, ""}, {`{"authorizationData":[{}`, ""},
	} {
		w := newWorld(t, roleConnector)
		w.aws.Fail(fakeaws.Fault{Action: "GetAuthorizationToken", Body: test.body})
		for _, host := range []string{registryHost, "public.ecr.aws"} {
			got, err := w.RegistryToken(t.Context(), "r", registry(t, host))
			var e *Error
			switch {
			case err != nil && (!errors.As(err, &e) || e.Reason != Failed):
				t.Errorf("%s: %v, want a failure for good", test.body, err)
			case err != nil && host == registryHost && !strings.HasSuffix(err.Error(), test.want):
				t.Errorf("%s: %v, want %s", test.body, err, test.want)
			case err == nil && host == registryHost && test.want != "":
				t.Errorf("%s: no error, want %s", test.body, test.want)
			case err == nil && (got.Expires.Year() > w.now.Year()+1 || got.Password.Reveal() != "x"):
				t.Errorf("%s: a token until %s", test.body, got.Expires)
			}
		}
	}
}

func TestNoAnswerOfSTSPanics(t *testing.T) {
	xml := func(expires string) string {
		return `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>` + expires + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
	}
	for _, body := range []string{
		xml(""), xml("NaN"), xml("9999999999"), xml("0000-01-01T00:00:00Z"), xml("-0001-01-01T00:00:00Z"), xml("1901-01-01T00:00:00+23:59"), xml("2000-02-30T00:00:00Z"), xml("2000-01-01T00:00:00"), xml("<a/>"),
		`<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><AssumeRoleResponse><AssumeRoleResult>&c;</AssumeRoleResult></AssumeRoleResponse>`,
		`<AssumeRoleResponse><AssumeRoleResult><Credentials/><Credentials/></AssumeRoleResult></AssumeRoleResponse>`,
		`<AssumeRoleResponse xmlns:a="b" a:c="d"/>`, `<AssumeRoleResponse><![CDATA[<a><a>]]></AssumeRoleResponse>`, `<a></b>`, `<`, `<!`, `<?`, `<!--`, `<![CDATA[`, "\xff\xfe<\x00", "\x00",
	} {
		w := newWorld(t, roleConnector)
		w.aws.Fail(fakeaws.Fault{Body: body})
		_, err := w.Credentials(t.Context(), "r")
		var e *Error
		if !errors.As(err, &e) || e.Reason != Failed {
			t.Errorf("%s: %v, want a failure for good", body, err)
		}
	}
}

func TestPrintableCredential(t *testing.T) {
	if err := (session{ID: "ASIA", Secret: secret.New("s/+="), Token: secret.New("t==")}).printable(); err != nil {
		t.Errorf("printable = %v", err)
	}
	for _, bad := range []string{"a b", "a\n", "\x1b[31m", "\u009b", "\u202e", "é", "\x7f", "\x00", "\xff"} {
		for _, c := range [][3]string{{bad, "s", "t"}, {"i", bad, "t"}, {"i", "s", bad}} {
			var e *Error
			if err := (session{ID: c[0], Secret: secret.New(c[1]), Token: secret.New(c[2])}).printable(); !errors.As(err, &e) || strings.Contains(err.Error(), bad) {
				t.Errorf("printable of %q = %v", c, err)
			}
		}
	}
}

// Tokens of FIPS endpoints are kept apart from others.
func TestATokenOfFIPS(t *testing.T) {
	w := newWorld(t, roleConnector)
	plain := w.token(t, "r", "123456789012.dkr.ecr.us-east-1.amazonaws.com")
	fips := w.token(t, "r", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com")
	if n := w.aws.Calls("ecr:GetAuthorizationToken"); plain.Password.Equal(fips.Password) || n != 2 {
		t.Errorf("a FIPS registry got the token of a plain one in %d calls", n)
	}
	if again := w.token(t, "r", "999999999999.dkr-ecr-fips.us-east-1.on.aws"); !again.Password.Equal(fips.Password) {
		t.Error("the token of FIPS was not kept")
	}
}
