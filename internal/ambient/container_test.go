package ambient

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func metadataAnswer(life time.Duration) string {
	return fmt.Sprintf(`{"Code":"Success","AccessKeyId":"ASIAC","SecretAccessKey":"s","Token":"t","Expiration":%q,"RoleArn":"r"}`, now.Add(life).Format(time.RFC3339))
}

func TestContainer(t *testing.T) {
	var got []string
	body := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.Header.Get("Accept"))
		io.WriteString(w, body)
	}))
	defer s.Close()
	w := newWorld(t, "", "", "AWS_CONTAINER_CREDENTIALS_FULL_URI="+s.URL+"/creds?id=CANARY", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=~/token", "AWS_CONTAINER_AUTHORIZATION_TOKEN=other")
	w.HTTP = nil // may have a proxy
	for i, life := range []time.Duration{100 * time.Second, 880 * time.Second, 6 * time.Hour} {
		w.write("token", fmt.Sprint("token", i))
		body = metadataAnswer(life)
		c, err := w.get()
		if err != nil || !c.Expires.Equal(now.Add(life)) || c.AccessKeyID != "ASIAC" {
			t.Errorf("%v: %+v, %v", life, c, err)
		}
	}
	if want := "/creds token0 application/json|/creds token1 application/json|/creds token2 application/json"; strings.Join(got, "|") != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	if p := w.plan(); p.Source() != "container endpoint "+s.URL+"/creds" || !p.Foreign() {
		t.Errorf("source %q, foreign %v", p.Source(), p.Foreign())
	}
	w.write("token", "tok\r\nX-Evil: 1")
	_, err := w.get()
	w.refused(err, Misconfigured, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the token has a line end or another character that no header may have")
	if len(got) != 3 {
		t.Error("it was asked with a broken token")
	}
}

func TestContainerHosts(t *testing.T) {
	for s, want := range map[string]bool{
		"http://127.0.0.1:1/x": true, "http://127.9.9.9/": true, "http://[::1]:80/": true, "http://localhost/": true, "http://169.254.170.2/v2": true,
		"http://169.254.170.23/v1": true, "http://[fd00:ec2::23]/v1": true, "https://example.com/": true, "HTTPS://example.com": true,
		"http://example.com/": false, "http://169.254.169.254/": false, "http://169.254.170.2.evil.com/": false, "http://169.254.170.2@evil.com/": false, "ftp://127.0.0.1/": false,
		"http://": false, "http:///x": false, "127.0.0.1/x": false, "http://0.0.0.0/": false, "http://localhost.evil.com/": false, "http://[fd00:ec2::24]/": false,
	} {
		if got := allowed(s) == nil; got != want {
			t.Errorf("allowed(%q) = %v, want %v", s, got, want)
		}
	}
	w := newWorld(t, "", "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=.evil.com/x")
	_, err := w.get()
	w.refused(err, Misconfigured, `AWS_CONTAINER_CREDENTIALS_FULL_URI: host "169.254.170.2.evil.com" may not be asked without TLS`)
	w = newWorld(t, "", "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/x", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1/")
	if words := w.plan().Source(); words != "container endpoint http://169.254.170.2/v2/x" {
		t.Errorf("source %q", words)
	}
}

func TestContainerRefusals(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		asked  int
		reason Reason
		want   string
	}{
		{500, "", 3, Temporary, "HTTP status 500"},
		{403, `{"code":"AccessDenied","message":"no\u001b"}`, 1, Failed, "HTTP status 403: AccessDenied: no\ufffd"},
		{302, "", 1, Failed, "HTTP status 302"},
		{200, "CANARY", 1, Failed, "the answer is not an object of JSON"},
		{200, `{"AccessKeyId":"CANARY","SecretAccessKey":"CANARY","Token":"CANARY"}`, 1, Failed, "the answer has no Expiration"},
		{200, `{"AccessKeyId":"CANARY","SecretAccessKey":"CANARY","Token":"CANARY","Expiration":"2026-07-01T13:00:00"}`, 1, Failed, "the Expiration of the answer is not a time with a zone"},
		{200, `{"AccessKeyId":"CANARY","SecretAccessKey":"CANARY","Token":null,"Expiration":"2026-07-01T13:00:00Z"}`, 1, Failed, "the answer has no Token"},
		{200, metadataAnswer(-time.Second), 1, NeedsPerson, "the credentials expired at 2026-07-01T11:59:59Z"},
	} {
		asked := 0
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		}))
		w := newWorld(t, "", "", "AWS_CONTAINER_CREDENTIALS_FULL_URI="+s.URL)
		_, err := w.get()
		w.refused(err, c.reason, "container endpoint "+s.URL+": "+c.want)
		if asked != c.asked {
			t.Errorf("%d %s: asked %d times, want %d", c.status, c.body, asked, c.asked)
		}
		s.Close()
	}
}

func TestInstance(t *testing.T) {
	var got []string
	status := 200
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("x-aws-ec2-metadata-token")+r.Header.Get("x-aws-ec2-metadata-token-ttl-seconds"))
		w.WriteHeader(status)
		switch r.URL.Path {
		case "/latest/api/token":
			io.WriteString(w, "tok")
		case rolePath:
			io.WriteString(w, "Worker")
		case rolePath + "Worker":
			io.WriteString(w, metadataAnswer(100*time.Second))
		}
	}))
	w := newWorld(t, "", "")
	w.Environ = []string{"AWS_EC2_METADATA_SERVICE_ENDPOINT=" + s.URL + "/"}
	c, err := w.get()
	if err != nil || c.AccessKeyID != "ASIAC" || !c.Expires.Equal(now.Add(100*time.Second)) {
		t.Errorf("credentials %+v, %v", c, err)
	}
	if want := "PUT /latest/api/token 21600|GET " + rolePath + " tok|GET " + rolePath + "Worker tok"; strings.Join(got, "|") != want {
		t.Errorf("asked %q", got)
	}
	const nothing = "the environment has no AWS credentials: none in variables, profile, container or instance"
	status = 404 // no version 2
	got = nil
	_, err = w.get()
	w.refused(err, NeedsPerson, nothing)
	if len(got) != 1 {
		t.Errorf("version 1 was asked: %q", got)
	}
	status = 503
	_, err = w.get()
	w.refused(err, Temporary, "instance metadata at "+s.URL+": Service Unavailable")
	s.Close()
	_, err = w.get()
	w.refused(err, NeedsPerson, nothing)
	w.Environ = append(w.Environ, "AWS_EC2_METADATA_DISABLED=TRUE")
	_, err = w.get()
	w.refused(err, NeedsPerson, nothing)
}

func TestInstanceThatDoesNotAnswerEndsInTwoSeconds(t *testing.T) {
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	defer s.Close()
	defer close(end)
	w := newWorld(t, "", "")
	w.Environ = []string{"AWS_EC2_METADATA_SERVICE_ENDPOINT=" + s.URL}
	begin := time.Now()
	_, err := w.get()
	w.refused(err, NeedsPerson, "the environment has no AWS credentials: none in variables, profile, container or instance")
	if took := time.Since(begin); took > 5*metadataTimeout { // a slow machine
		t.Errorf("it took %v", took)
	}
}
