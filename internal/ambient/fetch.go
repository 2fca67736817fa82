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

// staying is a client that waits so long for an answer, 0 for as long as it did,
// and follows nobody elsewhere.
func staying(client *http.Client, timeout time.Duration) *http.Client {
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if timeout > 0 {
		c.Timeout = timeout
	}
	return &c
}
