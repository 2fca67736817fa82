package serve

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"
)

// answer answers who has the token, and nobody that a web page sent.
func (e *Endpoint) answer(ctx context.Context, r *http.Request) answer {
	if f, refused := e.refusal(r); refused {
		a := failed(f)
		if f.Status == http.StatusMethodNotAllowed {
			a.header.Set("Allow", http.MethodGet)
		}
		return a
	}
	held, ok := e.held[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		return failed(Failure{http.StatusNotFound, "NotFound", "nothing is served at this path"})
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	body, err := held.answer(ctx)
	if err != nil {
		return failed(e.Explain(err))
	}
	return answer{http.StatusOK, headers(), body}
}

func headers() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}}
}

func failed(f Failure) answer {
	body, err := encode(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{f.Code, f.Message})
	if err != nil {
		body = nil
	}
	return answer{f.Status, headers(), body}
}

// relayed are headers that a browser or a proxy adds and no SDK sends.
var relayed = []string{"Origin", "Referer", "Cookie", "Forwarded", "Via", "Access-Control-Request-Method"}

// refusal says why r is not answered, whatever it asks for. A name that a page's
// server lets point here is refused by its Host.
func (e *Endpoint) refusal(r *http.Request) (Failure, bool) {
	if host := strings.ToLower(r.Host); host != "127.0.0.1:"+e.port && host != "localhost:"+e.port || r.URL.IsAbs() {
		return Failure{http.StatusForbidden, "Forbidden", "the request is for another host"}, true
	}
	for _, name := range relayed {
		if _, ok := r.Header[name]; ok {
			return Failure{http.StatusForbidden, "Forbidden", "browsers and proxies are not answered"}, true
		}
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "Sec-") || strings.HasPrefix(name, "X-Forwarded-") {
			return Failure{http.StatusForbidden, "Forbidden", "browsers and proxies are not answered"}, true
		}
	}
	if r.Method != http.MethodGet {
		return Failure{http.StatusMethodNotAllowed, "MethodNotAllowed", "only GET is answered"}, true
	}
	if r.ContentLength != 0 {
		return Failure{http.StatusBadRequest, "BadRequest", "a request has no body"}, true
	}
	given := r.Header["Authorization"]
	if len(given) != 1 || subtle.ConstantTimeCompare([]byte(given[0]), []byte(e.token.Reveal())) != 1 {
		return Failure{http.StatusUnauthorized, "Unauthorized", "the token is missing or wrong"}, true
	}
	if r.URL.RawQuery != "" || r.URL.RawPath != "" {
		return Failure{http.StatusNotFound, "NotFound", "nothing is served at this path"}, true
	}
	return Failure{}, false
}
