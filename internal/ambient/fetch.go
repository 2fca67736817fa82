package ambient

import (
	"context"
	"io"
	"net/http"
	"time"
)

const attempts = 3

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// fetch makes one request and reads its answer, of 1 MiB at most.
func fetch(client *http.Client, r *http.Request) (answer, error) {
	resp, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // cut off, it is no JSON
	if err != nil {
		return answer{}, err
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// persist makes a request again, after a pause, where that may help: no answer,
// throttling, trouble of the server.
func (f *finder) persist(ctx context.Context, pause time.Duration, request func(context.Context) (answer, error)) (answer, error) {
	for i := 1; ; i++ {
		a, err := request(ctx)
		again := err != nil || a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests
		if !again || i == attempts || ctx.Err() != nil {
			return a, err
		}
		f.sleep(ctx, pause)
	}
}

func (f *finder) sleep(ctx context.Context, d time.Duration) {
	if f.pause != nil {
		f.pause(ctx, d)
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// direct is the client for what is on this machine or beside it: no proxy has a
// part in that, and nobody is followed elsewhere.
func (f *finder) direct(timeout time.Duration) *http.Client {
	base, ok := f.HTTP.Transport.(*http.Transport)
	if !ok {
		base = http.DefaultTransport.(*http.Transport)
	}
	transport := base.Clone()
	transport.Proxy = nil
	transport.DisableKeepAlives = true
	return &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: stay}
}

// proxied is the client for AWS.
func (f *finder) proxied() *http.Client {
	client := *f.HTTP
	client.CheckRedirect = stay
	return &client
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
