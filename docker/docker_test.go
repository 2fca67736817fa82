package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
)

// anyRegistry logs in to every registry with a password that names it.
type anyRegistry struct{ forgotten []string }

func (*anyRegistry) Login(_ context.Context, r connector.Registry) (secret.Text, error) {
	switch r.Account {
	case "000000000000":
		return secret.Text{}, ErrNotFound
	case "999999999999":
		return secret.Text{}, errors.New("out of luck")
	}
	return secret.New("token-of-" + r.Host), nil
}

func (a *anyRegistry) Forget(_ context.Context, r connector.Registry) error {
	a.forgotten = append(a.forgotten, r.Host)
	return nil
}

func (*anyRegistry) Hosts() ([]string, error) { return []string{host, "public.ecr.aws"}, nil }

const (
	host     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
	notFound = "credentials not found in native keychain"
)

// serve returns what a client sees: standard output, with the error's text on failure.
func serve(t *testing.T, action, in string) (string, bool) {
	t.Helper()
	var out bytes.Buffer
	if err := (Server{&anyRegistry{}, "v1"}).Serve(t.Context(), action, strings.NewReader(in), &out); err != nil {
		if out.Len() > 0 {
			t.Errorf("%s %q failed and wrote %q", action, in, &out)
		}
		return err.Error(), false
	}
	return out.String(), true
}

// TestGet has every form of host of ECR and every form of URL that clients send.
func TestGet(t *testing.T) {
	hosts := []string{
		host, "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "123456789012.dkr-ecr.us-east-1.on.aws", "123456789012.dkr-ecr-fips.us-east-1.on.aws",
		"123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", "123456789012.dkr.ecr-fips.us-gov-east-1.amazonaws.com", "123456789012.dkr-ecr.us-gov-west-1.on.aws",
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn",
		"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
		"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov",
		"123456789012.dkr.ecr.mx-central-1.amazonaws.com", "123456789012.dkr.ecr.il-central-1.amazonaws.com", "public.ecr.aws", "ecr-public.aws.com",
	}
	forms := []string{
		"%", "https://%", "%:443", "https://%:443", "%/", "https://%/", "https://%/v1/", "https://%/v2/", "%/repo", "%/team/repo/path",
		"%:443/repo", "HTTPS://%", "%\n", "%\r\n", "https://%/v2/\n",
	}
	for _, h := range hosts {
		for _, form := range forms {
			in := strings.ReplaceAll(form, "%", h)
			want := `{"ServerURL":"` + strings.TrimRight(in, "\r\n") + `","Username":"AWS","Secret":"token-of-` + h + `"}` + "\n"
			if got, ok := serve(t, "get", in); !ok || got != want {
				t.Errorf("get %q = %q, want %q", in, got, want)
			}
		}
	}
	for _, in := range []string{host + "/~a", host + "/a&b=<c>", host + "/" + strings.Repeat("a", maxURL-len(host)-1)} {
		if got, ok := serve(t, "get", in); !ok || got != `{"ServerURL":"`+in+`","Username":"AWS","Secret":"token-of-`+host+`"}`+"\n" {
			t.Errorf("get %q = %q", in, got)
		}
	}
	upper := strings.ToUpper(host)
	if got, _ := serve(t, "get", upper); got != `{"ServerURL":"`+upper+`","Username":"AWS","Secret":"token-of-`+host+`"}`+"\n" {
		t.Errorf("get %q = %q", upper, got)
	}
}

func TestGetRefuses(t *testing.T) {
	for _, in := range []string{
		// other registries
		"docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io", "ghcr.io", "quay.io", "localhost:5000", "gcr.io/x",
		"https://not.a.real.registry/url", "foo.azurecr.io", "s3.amazonaws.com", "ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com",
		// what looks like ECR
		host + ".", host + ".evil.example", "evil.example/" + host, "evil.example#" + host, "evil.example?" + host, "evil-" + host, "x." + host,
		host + "@evil.example", "user@" + host, "user:pass@" + host, "https://AWS:x@" + host, host + ":443@evil.example", `evil.example\@` + host,
		host + `\.evil.example`, host + "#.evil.example", host + "?x=.evil.example", host + ":8443", host + ":80", host + ":", host + ":443:443", host + ":0443", host + ":443.evil.example",
		strings.Replace(host, ".com", ".com.cn", 1), strings.Replace(host, "eu-central-1", "cn-north-1", 1), strings.Replace(host, "eu-central-1", "mars-1", 1),
		strings.Replace(host, "amazonaws.com", "amazonaws.co", 1), strings.Replace(host, "amazonaws.com", "amazonaws.com.evil", 1), strings.Replace(host, "amazonaws", "amaz0naws", 1),
		strings.Replace(host, "123456789012", "12345678901", 1), strings.Replace(host, "123456789012", "1234567890123", 1), strings.Replace(host, "123456789012", "１23456789012", 1),
		strings.Replace(host, "dkr.ecr", "dkr-ecr", 1), strings.Replace(host, ".ecr.", ".ecr-fipsx.", 1), strings.Replace(host, "dkr", "dkr.x", 1), strings.Replace(host, ".", "..", 1),
		strings.Replace(host, "amazonaws", "аmazonaws", 1), "xn--" + host, host + "\u3002evil.example", strings.ReplaceAll(host, ".", "\u3002"), strings.ReplaceAll(host, ".", "%2e"),
		"public.ecr.aws.evil.example", "evilpublic.ecr.aws", "https://public.ecr.aws:8080", "ecr-public.aws.com.cn", "public.ecr.aws.",
		// other schemes
		"ftp://" + host, "//" + host, "https:" + host, "https:/" + host, "https:///" + host, "https://https://" + host, "docker://" + host, "://" + host, "javascript://" + host,
		// a line in the clear
		"http://" + host, "HTTP://" + host, "http://" + host + "/v2/", "http://" + host + ":80", "http://" + host + ":443", "http://public.ecr.aws", "Http://" + strings.ToUpper(host) + "/repo",
		"http://https://" + host, "https://http://" + host, "ws://" + host, "https://" + host + ":80",
		// what no path has
		host + "/a b", host + "/ ", "https://" + host + "/v2/\t", host + "/a\vb", host + "/\x7f", host + "/é", host + "/x@y", host + "/x?y=z", host + "/x#y", host + `/x\y`, host + "/\x00",
		// more than a line, and bytes that no URL has
		host + "\nevil.example", "evil.example\n" + host, "\n" + host, host + "\n\n", host + "\r", host + "\r\r\n", host + "\n\r\n", host + "\x00", host + "\x00.evil.example", "\x00" + host,
		host + "\t", "\t" + host, " " + host, host + " ", host + " evil.example", host + "\v", host + "\x1b[31m", host + "\x7f", host + "\u0085", host + "\u2028evil.example", "\ufeff" + host, "\xff" + host,
		host + "/" + strings.Repeat("a", 2048), strings.Repeat("a", 100_000), host + strings.Repeat("\n", 100_000), strings.Repeat(host, 2000), "123456789012.dkr.ecr." + strings.Repeat("a", 1000) + ".amazonaws.com",
		// nobody answers for it
		strings.Replace(host, "123456789012", "000000000000", 1),
	} {
		if got, ok := serve(t, "get", in); ok || got != notFound {
			t.Errorf("get %.100q = %q, want %q", in, got, notFound)
		}
	}
	for _, in := range []string{"", "\n", "\r\n", "\r", " ", "\t\n"} {
		if got, ok := serve(t, "get", in); ok || got != "no credentials server URL" {
			t.Errorf("get %q = %q", in, got)
		}
	}
	if got, ok := serve(t, "get", strings.Replace(host, "123456789012", "999999999999", 1)); ok || got != "out of luck" {
		t.Errorf("get of a registry that fails = %q", got)
	}
}

func TestOtherActions(t *testing.T) {
	const others = "docker-credential-ecr stores nothing, and %s is not a registry of ECR; in Docker's config.json name it under credHelpers, for ECR's registries alone, instead of credsStore"
	for _, test := range []struct {
		action, in, want string
		ok               bool
	}{
		{"store", `{"ServerURL":"` + host + `","Username":"AWS","Secret":"CANARY"}`, "", true},
		{"store", `{"ServerURL":"https://` + host + `/v2/","Username":"x","Secret":"CANARY"}` + "\n", "", true},
		{"store", `{"ServerURL":"https://public.ecr.aws","Username":"AWS","Secret":""}`, "", true},
		{"store", `{"ServerURL":"http://` + host + `","Username":"AWS","Secret":"CANARY"}`, "", true},
		{"store", `{"ServerURL":"http://quay.io","Username":"me","Secret":"CANARY"}`, strings.Replace(others, "%s", "quay.io", 1), false},
		{"store", `{"ServerURL":"https://index.docker.io/v1/","Username":"me","Secret":"CANARY"}`, strings.Replace(others, "%s", "index.docker.io", 1), false},
		{"store", `{"ServerURL":"https://me:CANARY@quay.io/x","Username":"me","Secret":"CANARY"}`, strings.Replace(others, "%s", "quay.io", 1), false},
		{"store", `{"ServerURL":"a\u001b[31m\nb","Username":"me","Secret":"CANARY"}`, strings.Replace(others, "%s", "a?[31m?b", 1), false},
		{"store", `{"ServerURL":"` + host + `\nevil.example","Username":"AWS","Secret":"CANARY"}`, strings.Replace(others, "%s", host+"?evil.example", 1), false},
		{"store", `{"ServerURL":"~a b\u007fé","Username":"me","Secret":"CANARY"}`, strings.Replace(others, "%s", "~a?b??", 1), false},
		{"store", `{"Username":"AWS","Secret":"CANARY"}`, "no credentials server URL", false},
		{"store", `{"ServerURL":"` + host + `","Secret":"CANARY"}`, "no credentials username", false},
		{"store", `CANARY`, "store: standard input is not one JSON object with ServerURL, Username and Secret", false},
		{"store", ``, "store: standard input is not one JSON object with ServerURL, Username and Secret", false},
		{"erase", host, "", true},
		{"erase", "https://index.docker.io/v1/\n", "", true},
		{"erase", "a\nb", "", true},
		{"erase", "", "no credentials server URL", false},
		{"list", "unused", `{"https://` + host + `":"AWS","https://public.ecr.aws":"AWS"}` + "\n", true},
		{"list", "", `{"https://` + host + `":"AWS","https://public.ecr.aws":"AWS"}` + "\n", true},
		{"version", "", "docker-credential-ecr (aws-connector) v1\n", true},
		{"gett", host, "docker-credential-ecr: unknown action: gett", false},
		{"a\x1bb", "", "docker-credential-ecr: unknown action: a?b", false},
	} {
		if got, ok := serve(t, test.action, test.in); got != test.want || ok != test.ok {
			t.Errorf("%s %q = %q, %v, want %q, %v", test.action, test.in, got, ok, test.want, test.ok)
		}
	}
	logins := &anyRegistry{}
	for _, in := range []string{host, "https://" + host + "\n", "http://" + host, "HTTP://" + host + ":80/v2/", "docker.io", "http://docker.io", "ftp://" + host, "http://" + host + ":8080"} {
		if err := (Server{Logins: logins}).Serve(t.Context(), "erase", strings.NewReader(in), io.Discard); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(logins.forgotten, " "); got != strings.Repeat(host+" ", 3)+host {
		t.Errorf("forgotten are %q", got)
	}
}

// full is a disk that takes nothing.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

// unlisted has no list of its registries.
type unlisted struct{ anyRegistry }

func (*unlisted) Hosts() ([]string, error) { return nil, errFull }

func TestAnAnswerThatCannotBeGiven(t *testing.T) {
	for _, action := range []string{"get", "list", "version"} {
		if err := (Server{Logins: &anyRegistry{}}).Serve(t.Context(), action, strings.NewReader(host), full{}); !errors.Is(err, errFull) {
			t.Errorf("%s to a full disk = %v, want %v", action, err, errFull)
		}
	}
	var out bytes.Buffer
	if err := (Server{Logins: &unlisted{}}).Serve(t.Context(), "list", nil, &out); !errors.Is(err, errFull) || out.Len() > 0 {
		t.Errorf("list without a list = %q, %v, want %v", &out, err, errFull)
	}
}

// inProcess lets Docker's own client talk to a server without a program.
type inProcess struct {
	server Server
	action string
	in     io.Reader
}

func (p *inProcess) Input(in io.Reader) { p.in = in }

func (p *inProcess) Output() ([]byte, error) {
	var out bytes.Buffer
	err := p.server.Serve(context.Background(), p.action, p.in, &out)
	if err != nil {
		out.WriteString(err.Error() + "\n")
	}
	return out.Bytes(), err
}

func TestDockersOwnClient(t *testing.T) {
	program := func(args ...string) client.Program {
		return &inProcess{server: Server{&anyRegistry{}, "v1"}, action: args[0]}
	}
	c, err := client.Get(program, host)
	if err != nil || c.ServerURL != host || c.Username != "AWS" || c.Secret != "token-of-"+host {
		t.Errorf("Get = %+v, %v", c, err)
	}
	if _, err := client.Get(program, "docker.io"); !credentials.IsErrCredentialsNotFound(err) {
		t.Errorf("Get of another registry = %v, want not found", err)
	}
	if _, err := client.Get(program, strings.Replace(host, "123456789012", "999999999999", 1)); err == nil || credentials.IsErrCredentialsNotFound(err) || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("Get of a registry that fails = %v", err)
	}
	if err := client.Store(program, &credentials.Credentials{ServerURL: host, Username: "AWS", Secret: "x"}); err != nil {
		t.Errorf("Store = %v", err)
	}
	if err := client.Store(program, &credentials.Credentials{ServerURL: "https://docker.io", Username: "me", Secret: "x"}); err == nil {
		t.Error("Store for another registry = nil, want an error")
	}
	if err := client.Store(program, &credentials.Credentials{Username: "me"}); err == nil || !strings.Contains(err.Error(), string(ErrNoServer)) {
		t.Errorf("Store without a server = %v", err)
	}
	if err := client.Erase(program, host); err != nil {
		t.Errorf("Erase = %v", err)
	}
	all, err := client.List(program)
	if err != nil || len(all) != 2 || all["https://"+host] != "AWS" {
		t.Errorf("List = %v, %v", all, err)
	}
}

// exact is the expression by which amazon-ecr-credential-helper and the kubelet's plugin know ECR.
var exact = regexp.MustCompile(`^(\d{12})\.dkr[\.\-]ecr(\-fips)?\.([a-zA-Z0-9][a-zA-Z0-9-_]*)\.(amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$`)

// FuzzGet looks for an input that gets a token for a host outside of ECR.
func FuzzGet(f *testing.F) {
	for _, s := range []string{host, "https://" + host + "/v2/", host + ":443\n", "public.ecr.aws", host + ".evil.example", "a@" + host, host + "\r\nx", "HTTP://" + strings.ToUpper(host)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		err := Server{Logins: &anyRegistry{}}.Serve(t.Context(), "get", bytes.NewReader(in), &out)
		if err != nil {
			if out.Len() > 0 || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Fatalf("get %q = %q, %q", in, &out, err)
			}
			return
		}
		var got login
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("get %q = %q", in, &out)
		}
		line, ended := strings.CutSuffix(string(in), "\n")
		if ended {
			line = strings.TrimSuffix(line, "\r")
		}
		if got.ServerURL != line || got.Username != "AWS" {
			t.Fatalf("get %q is for %q, %q", in, got.ServerURL, got.Username)
		}
		// The host as a client that is less careful than ParseServerURL would read it.
		h := regexp.MustCompile(`^(?i:https://)?([^/:]*)(:443)?(/[!-~]*)?$`).FindStringSubmatch(line)
		if h == nil || strings.ContainsAny(line, "@?#\\") {
			t.Fatalf("get %q gave a token", in)
		}
		name := strings.ToLower(h[1])
		if !exact.MatchString(name) && name != "public.ecr.aws" && name != "ecr-public.aws.com" {
			t.Fatalf("get %q gave a token for %q", in, name)
		}
		if got.Secret != "token-of-"+name {
			t.Fatalf("get %q gave the token of another: %q", in, got.Secret)
		}
	})
}
