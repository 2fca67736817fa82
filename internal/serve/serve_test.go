package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/secret"
)

// source makes sessions of a life, one at each call, unless err says otherwise.
type source struct {
	mu    sync.Mutex
	life  time.Duration
	calls int
	err   error
	delay time.Duration
	long  bool
}

func (s *source) Lasting(ctx context.Context, name string) (helper.Credentials, time.Time, error) {
	s.mu.Lock()
	s.calls++
	err, delay, n := s.err, s.delay, s.calls
	s.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return helper.Credentials{}, time.Time{}, ctx.Err()
	}
	if err != nil {
		return helper.Credentials{}, time.Time{}, err
	}
	c := helper.Credentials{AccessKeyID: fmt.Sprintf("ASIA%s%d", name, n), AccountID: "123456789012", SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"), Expires: time.Now().Add(s.life)}
	if s.long {
		c.Expires, c.SessionToken = time.Time{}, secret.Text{}
	}
	return c, c.Expires.Add(-s.life / 2), nil
}

func (s *source) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *source) called() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func options(s Source, names ...string) Options {
	return Options{Names: names, Source: s, Now: time.Now, Renewed: func(string, error) {},
		Explain: func(err error) Failure { return Failure{503, "Unavailable", err.Error()} }}
}

func open(t *testing.T, o Options) *Endpoint {
	t.Helper()
	e, err := Open(t.Context(), o, o.Source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// ask sends a request and returns the answer with its body.
func ask(t *testing.T, e *Endpoint, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URI(e.Names[0]), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", e.Token().Reveal())
	change(r)
	resp, err := new(http.Transport).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestAnswers(t *testing.T) {
	e := open(t, options(&source{life: time.Hour}, "deploy", "work"))
	for name, want := range map[string]string{"deploy": "ASIAdeploy1", "work": "ASIAwork2"} {
		resp, body := ask(t, e, func(r *http.Request) { r.URL.Path = "/" + name })
		var got map[string]string
		if err := json.Unmarshal([]byte(body), &got); err != nil || resp.StatusCode != 200 || strings.Count(body, "\n") != 1 {
			t.Fatalf("%s: %d %s", name, resp.StatusCode, body)
		}
		if got["AccessKeyId"] != want || got["SecretAccessKey"] != "s" || got["Token"] != "t" || got["AccountId"] != "123456789012" {
			t.Errorf("%s: %v", name, got)
		}
		if _, err := time.Parse("2006-01-02T15:04:05Z", got["Expiration"]); err != nil {
			t.Error(err)
		}
		if resp.Header.Get("Cache-Control") != "no-store" || !resp.Close {
			t.Errorf("%s: header %v", name, resp.Header)
		}
	}
	for _, host := range []string{"localhost:" + e.port, "LOCALHOST:" + e.port, "127.0.0.1:" + e.port} {
		if resp, _ := ask(t, e, func(r *http.Request) { r.Host = host }); resp.StatusCode != 200 {
			t.Errorf("Host %q: %d", host, resp.StatusCode)
		}
	}
}

func TestRefuses(t *testing.T) {
	e := open(t, options(&source{life: time.Hour}, "deploy"))
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"no token":            {func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		"empty token":         {header("Authorization", ""), 401},
		"wrong token":         {header("Authorization", strings.Repeat("0", 64)), 401},
		"part of the token":   {header("Authorization", e.Token().Reveal()[:63]), 401},
		"more than the token": {header("Authorization", e.Token().Reveal()+"0"), 401},
		"Bearer":              {header("Authorization", "Bearer "+e.Token().Reveal()), 401},
		"upper case":          {header("Authorization", strings.ToUpper(e.Token().Reveal())+"g"), 401},
		"two tokens":          {func(r *http.Request) { r.Header.Add("Authorization", e.Token().Reveal()) }, 401},
		"wrong token, path":   {func(r *http.Request) { r.Header.Del("Authorization"); r.URL.Path = "/other" }, 401},
		"rebinding":           {host("evil.example:" + e.port), 403},
		"rebinding, no port":  {host("evil.example"), 403},
		"no port":             {host("127.0.0.1"), 403},
		"other port":          {host("127.0.0.1:1"), 403},
		"other loopback":      {host("127.0.0.2:" + e.port), 403},
		"IPv6":                {host("[::1]:" + e.port), 403},
		"trailing dot":        {host("localhost.:" + e.port), 403},
		"suffix":              {host("localhost.evil.example:" + e.port), 403},
		"decimal":             {host("2130706433:" + e.port), 403},
		"user":                {host("127.0.0.1:" + e.port + "@evil.example"), 403},
		"Origin":              {header("Origin", "http://127.0.0.1:"+e.port), 403},
		"Origin null":         {header("Origin", "null"), 403},
		"Origin empty":        {header("Origin", ""), 403},
		"Referer":             {header("Referer", "http://127.0.0.1/"), 403},
		"Sec-Fetch-Site":      {header("Sec-Fetch-Site", "none"), 403},
		"Sec-Fetch-Mode":      {header("Sec-Fetch-Mode", "no-cors"), 403},
		"Cookie":              {header("Cookie", "a=b"), 403},
		"X-Forwarded-For":     {header("X-Forwarded-For", "10.0.0.1"), 403},
		"Via":                 {header("Via", "1.1 proxy"), 403},
		"HEAD":                {func(r *http.Request) { r.Method = http.MethodHead }, 405},
		"OPTIONS":             {func(r *http.Request) { r.Method = http.MethodOptions }, 405},
		"PUT":                 {func(r *http.Request) { r.Method = http.MethodPut }, 405},
		"body":                {func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1 }, 400},
		"chunked":             {func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), -1 }, 400},
		"other path":          {func(r *http.Request) { r.URL.Path = "/other" }, 404},
		"root":                {func(r *http.Request) { r.URL.Path = "/" }, 404},
		"slash":               {func(r *http.Request) { r.URL.Path = "/deploy/" }, 404},
		"two slashes":         {func(r *http.Request) { r.URL.Path = "//deploy" }, 404},
		"query":               {func(r *http.Request) { r.URL.RawQuery = "a" }, 404},
		"escaped":             {func(r *http.Request) { r.URL.Opaque = "/%64eploy" }, 404},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := ask(t, e, tt.change)
			if resp.StatusCode != tt.want {
				t.Fatalf("%d %s, want %d", resp.StatusCode, body, tt.want)
			}
			for name := range resp.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("it has the header %s", name)
				}
			}
			var failure struct{ Code, Message string }
			if tt.want == 200 || name == "HEAD" {
				return
			}
			if err := json.Unmarshal([]byte(body), &failure); err != nil || failure.Code == "" || failure.Message == "" || strings.Contains(body, "ASIA") || strings.Contains(body, e.Token().Reveal()) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
}

// A request is for the host that its line names, whatever its Host says.
func TestRefusesAbsoluteTarget(t *testing.T) {
	e := open(t, options(&source{life: time.Hour}, "deploy"))
	for _, target := range []string{"http://evil.example/deploy", e.URI("deploy")} {
		got := raw(t, e, "GET "+target+" HTTP/1.1\r\nHost: 127.0.0.1:"+e.port+"\r\nAuthorization: "+e.Token().Reveal()+"\r\n\r\n")
		if !strings.HasPrefix(got, "HTTP/1.1 403 ") {
			t.Errorf("%s: %s", target, got)
		}
	}
}

// raw sends text and returns all that is answered.
func raw(t *testing.T, e *Endpoint, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+e.port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	go func() { _, _ = io.WriteString(c, text) }()
	line, _ := bufio.NewReader(c).ReadString('\n')
	return line
}

func TestHugeRequestsAreRefused(t *testing.T) {
	e := open(t, options(&source{life: time.Hour}, "deploy"))
	huge := strings.Repeat("x", 1<<20)
	for name, text := range map[string]string{
		"line":   "GET /" + huge + " HTTP/1.1\r\nHost: 127.0.0.1:" + e.port + "\r\n\r\n",
		"header": "GET /deploy HTTP/1.1\r\nHost: 127.0.0.1:" + e.port + "\r\nAuthorization: " + huge + "\r\n\r\n",
	} {
		if got := raw(t, e, text); !strings.HasPrefix(got, "HTTP/1.1 431 ") && !strings.HasPrefix(got, "HTTP/1.1 400 ") && got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if resp, _ := ask(t, e, func(*http.Request) {}); resp.StatusCode != 200 {
		t.Errorf("then: %d", resp.StatusCode)
	}
}

// Connections that say nothing are ended, and hold nobody else up for long.
func TestSlowRequestsAreEnded(t *testing.T) {
	e := open(t, options(&source{life: time.Hour}, "deploy"))
	var slow []net.Conn
	for range connections + 8 {
		c, err := net.Dial("tcp", "127.0.0.1:"+e.port)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "GET /deploy HTTP/1.1\r\nHost: ")
		slow = append(slow, c)
	}
	if resp, _ := ask(t, e, func(*http.Request) {}); resp.StatusCode != 200 {
		t.Errorf("behind slow ones: %d", resp.StatusCode)
	}
	_ = slow[0].SetReadDeadline(time.Now().Add(4 * headerTime))
	if _, err := io.ReadAll(slow[0]); errors.Is(err, context.DeadlineExceeded) || err != nil && err.(net.Error).Timeout() {
		t.Errorf("a slow one is still there: %v", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	o := options(&source{life: time.Hour}, "deploy")
	e, err := Open(t.Context(), o, o.Source)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	if c, err := net.Dial("tcp", "127.0.0.1:"+e.port); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

func TestOpenFails(t *testing.T) {
	long := &source{long: true}
	if _, err := Open(t.Context(), options(long, "deploy"), long); !errors.Is(err, ErrLongTerm) {
		t.Errorf("Open = %v, want %v", err, ErrLongTerm)
	}
	failing := &source{err: errors.New("no")}
	if _, err := Open(t.Context(), options(failing, "deploy"), failing); err == nil {
		t.Error("Open succeeded")
	}
}
