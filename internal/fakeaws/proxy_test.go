package fakeaws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const privateHost = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

// registries is a proxy in front of an upstream that answers what it was asked
// and sends uploads on to an absolute and blobs to a relative Location.
func registries(t *testing.T, s *Server) *httptest.Server {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v2/app/blobs/uploads/":
			w.Header().Set("Location", "http://"+r.Host+"/v2/app/blobs/uploads/1?_state=a%2Fb")
			w.WriteHeader(http.StatusAccepted)
		case "/v2/app/own":
			w.Header().Set("Location", "http://"+r.Context().Value(http.LocalAddrContextKey).(fmt.Stringer).String()+"/v2/x")
		case "/v2/app/relative":
			w.Header().Set("Location", "/v2/x")
		case "/v2/app/foreign":
			w.Header().Set("Location", "http://storage.example/x")
		}
		fmt.Fprintf(w, "%s %s %s %s %s", r.Method, r.URL.Path, r.Host, r.Header.Get("X-Forwarded-Proto"), r.Header.Get("Authorization"))
	}))
	t.Cleanup(upstream.Close)
	u, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(s.RegistryProxy(u))
	t.Cleanup(proxy.Close)
	return proxy
}

// ask sends a request with that Host and Authorization, "" for none.
func ask(t *testing.T, proxy *httptest.Server, method, host, path, authorization string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, proxy.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

const expired = `{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}` + "\n"

func TestRegistryProxy(t *testing.T) {
	s := start(t)
	proxy := registries(t, s)
	password := registryPassword(t, s, "us-east-1")
	token := basic("AWS", password)
	challenge := `Basic realm="https://` + privateHost + `/",service="ecr.amazonaws.com"`
	for _, test := range []struct {
		name, host, authorization string
		status                    int
		body, challenge           string
	}{
		{"a live token", privateHost, token, 200, "GET /v2/ " + privateHost + " https ", ""},
		{"with a port", privateHost + ":443", token, 200, "GET /v2/ " + privateHost + ":443 https ", ""},
		{"upper case", strings.ToUpper(privateHost), token, 200, "GET /v2/ " + strings.ToUpper(privateHost) + " https ", ""},
		{"another account", "999999999999.dkr.ecr.us-east-1.amazonaws.com", token, 200, "GET /v2/ 999999999999.dkr.ecr.us-east-1.amazonaws.com https ", ""},
		{"FIPS", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", token, 200, "GET /v2/ 123456789012.dkr.ecr-fips.us-east-1.amazonaws.com https ", ""},
		{"dual-stack", "123456789012.dkr-ecr.us-east-1.on.aws", token, 200, "GET /v2/ 123456789012.dkr-ecr.us-east-1.on.aws https ", ""},
		{"no credentials", privateHost, "", 401, "Not Authorized\n", challenge},
		{"empty credentials", privateHost, basic("", ""), 401, "Not Authorized\n", challenge},
		{"another region", "123456789012.dkr.ecr.us-west-2.amazonaws.com", token, 403, expired, ""},
		{"another partition", "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn", token, 403, expired, ""},
		{"the other form's suffix", "123456789012.dkr.ecr.us-east-1.on.aws", token, 403, expired, ""},
		{"another user", privateHost, basic("aws", password), 403, expired, ""},
		{"an unknown password", privateHost, basic("AWS", "x"), 403, expired, ""},
		{"no password", privateHost, basic("AWS", ""), 403, expired, ""},
		{"a bearer", privateHost, "Bearer " + password, 403, expired, ""},
		{"nonsense", privateHost, "Basic !", 403, expired, ""},
		{"another registry", "registry.example", token, 403, expired, ""},
		{"another registry, no credentials", "registry.example", "", 401, "Not Authorized\n", `Basic realm="https://registry.example/",service="ecr.amazonaws.com"`},
		{"the name inside another", "x." + privateHost, token, 403, expired, ""},
		{"the public registry", "public.ecr.aws", token, 403, expired, ""},
	} {
		answer, body := ask(t, proxy, "GET", test.host, "/v2/", test.authorization)
		if got := answer.Header.Get("Www-Authenticate"); answer.StatusCode != test.status || body != test.body || got != test.challenge {
			t.Errorf("%s = %d %q, challenge %q, want %d %q, %q", test.name, answer.StatusCode, body, got, test.status, test.body, test.challenge)
		}
	}
	s.RevokeECRTokens()
	if answer, body := ask(t, proxy, "GET", privateHost, "/v2/", token); answer.StatusCode != 403 || body != expired {
		t.Errorf("a revoked token = %d %q, want 403 %q", answer.StatusCode, body, expired)
	}
	token = basic("AWS", registryPassword(t, s, "us-east-1"))
	s.SetClock(func() time.Time { return time.Now().Add(12 * time.Hour) })
	if answer, body := ask(t, proxy, "GET", privateHost, "/v2/", token); answer.StatusCode != 403 || body != expired {
		t.Errorf("an expired token = %d %q, want 403 %q", answer.StatusCode, body, expired)
	}
}

func TestLocations(t *testing.T) {
	s := start(t)
	proxy := registries(t, s)
	token := basic("AWS", registryPassword(t, s, "us-east-1"))
	for path, want := range map[string]string{
		"/v2/app/blobs/uploads/": "https://" + privateHost + "/v2/app/blobs/uploads/1?_state=a%2Fb",
		"/v2/app/own":            "https://" + privateHost + "/v2/x",
		"/v2/app/relative":       "https://" + privateHost + "/v2/x",
		"/v2/app/foreign":        "http://storage.example/x",
		"/v2/app/none":           "",
	} {
		if answer, _ := ask(t, proxy, "POST", privateHost, path, token); answer.Header.Get("Location") != want {
			t.Errorf("Location of %s = %q, want %q", path, answer.Header.Get("Location"), want)
		}
	}
}

func TestUpstreamGone(t *testing.T) {
	s := start(t)
	proxy := httptest.NewServer(s.RegistryProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}))
	defer proxy.Close()
	answer, body := ask(t, proxy, "GET", privateHost, "/v2/", basic("AWS", registryPassword(t, s, "us-east-1")))
	if answer.StatusCode != 502 || !strings.HasPrefix(body, `{"errors":[{"code":"UNAVAILABLE","message":"upstream: `) {
		t.Errorf("with no upstream = %d %s, want 502", answer.StatusCode, body)
	}
}

func TestPublicRegistry(t *testing.T) {
	s := start(t)
	proxy := registries(t, s)
	out, err := publicClient(s, "us-east-1", static()).GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const host = "public.ecr.aws"
	token := basic("AWS", password(t, out.AuthorizationData.AuthorizationToken))
	trade := func(authorization string) string {
		answer, body := ask(t, proxy, "GET", host, "/token/?service=public.ecr.aws&scope=aws", authorization)
		var b struct{ Token string }
		if err := json.Unmarshal([]byte(body), &b); answer.StatusCode != 200 || err != nil || b.Token == "" {
			t.Fatalf("/token/ = %d %q", answer.StatusCode, body)
		}
		return "Bearer " + b.Token
	}
	bearer, anonymous := trade(token), trade("")
	for _, test := range []struct {
		name, method, path, authorization string
		status                            int
	}{
		{"pull", "GET", "/v2/app/manifests/1", "", 200},
		{"look", "HEAD", "/v2/app/manifests/1", "", 200},
		{"push", "POST", "/v2/app/blobs/uploads/", "", 401},
		{"ping", "GET", "/v2/", "", 401},
		{"ping with a bearer", "GET", "/v2/", bearer, 200},
		{"ping with the token", "GET", "/v2/", token, 200},
		{"ping anonymously", "GET", "/v2/", anonymous, 200},
		{"pull anonymously", "GET", "/v2/app/manifests/1", anonymous, 200},
		{"push anonymously", "POST", "/v2/app/blobs/uploads/", anonymous, 403},
		{"push with a bearer", "POST", "/v2/app/blobs/uploads/", bearer, 202},
		{"push with the token", "POST", "/v2/app/blobs/uploads/", token, 202},
		{"an unknown bearer", "GET", "/v2/app/manifests/1", "Bearer x", 403},
		{"an unknown token", "GET", "/v2/app/manifests/1", basic("AWS", "x"), 403},
		{"trading an unknown token", "GET", "/token/", basic("AWS", "x"), 403},
		{"trading a bearer", "GET", "/token/", anonymous, 200},
		{"trading by POST", "POST", "/token/", token, 405},
	} {
		answer, body := ask(t, proxy, test.method, host, test.path, test.authorization)
		if answer.StatusCode != test.status {
			t.Errorf("%s = %d %q, want %d", test.name, answer.StatusCode, body, test.status)
		}
		want := ""
		if test.status == 401 {
			want = `Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"`
		}
		if got := answer.Header.Get("Www-Authenticate"); got != want {
			t.Errorf("%s: challenge %q, want %q", test.name, got, want)
		}
	}
	s.RevokeECRTokens()
	if answer, body := ask(t, proxy, "GET", host, "/v2/app/manifests/1", bearer); answer.StatusCode != 403 || body != expired {
		t.Errorf("the bearer of a revoked token = %d %q, want 403 %q", answer.StatusCode, body, expired)
	}
	if answer, _ := ask(t, proxy, "POST", privateHost, "/token/", ""); answer.StatusCode != 401 {
		t.Errorf("/token/ of a private registry = %d, want 401", answer.StatusCode)
	}
}

func TestRegistryRequests(t *testing.T) {
	s := start(t)
	proxy := registries(t, s)
	password := registryPassword(t, s, "us-east-1")
	ask(t, proxy, "GET", privateHost, "/v2/", "")
	ask(t, proxy, "GET", privateHost, "/v2/app/tags/list?n=1", basic("AWS", password))
	ask(t, proxy, "GET", "registry.example:5000", "/v2/", basic("AWS", password))
	ask(t, proxy, "HEAD", "public.ecr.aws", "/v2/app/manifests/1", "Bearer "+password)
	ask(t, proxy, "GET", privateHost, "/v2/", password)
	all := s.RegistryRequests()
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), password) {
		t.Error("the password is in the record")
	}
	for i := range all {
		if since := time.Since(all[i].Time); since < 0 || since > time.Minute {
			t.Errorf("request %d was %v ago", i, since)
		}
		all[i].Time = time.Time{}
	}
	want := []RegistryRequest{
		{Host: privateHost, Method: "GET", Path: "/v2/", Refused: 401},
		{Host: privateHost, Method: "GET", Path: "/v2/app/tags/list", Scheme: "Basic", Username: "AWS"},
		{Host: "registry.example:5000", Method: "GET", Path: "/v2/", Scheme: "Basic", Username: "AWS", Refused: 403},
		{Host: "public.ecr.aws", Method: "HEAD", Path: "/v2/app/manifests/1", Scheme: "Bearer", Refused: 403},
		{Host: privateHost, Method: "GET", Path: "/v2/", Scheme: "other", Refused: 403},
	}
	if !slices.Equal(all, want) {
		t.Errorf("RegistryRequests = %+v, want %+v", all, want)
	}
	s.ClearRequests()
	if got := s.RegistryRequests(); got == nil || len(got) != 0 {
		t.Errorf("RegistryRequests after ClearRequests = %v, want an empty list", got)
	}
}
