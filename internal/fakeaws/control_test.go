package fakeaws

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestControlOfECR(t *testing.T) {
	s := start(t)
	s.EnableControl()
	control := func(method, path, body, want string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/_fake/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(string(text)); got != want {
			t.Errorf("%s %s %s = %s, want %s", method, path, body, got, want)
		}
	}
	client := ecrClient(s, "us-east-1", static())
	out, err := client.GetAuthorizationToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	secret := password(t, out.AuthorizationData[0].AuthorizationToken)
	expires := out.AuthorizationData[0].ExpiresAt.UTC().Format(time.RFC3339)
	token := fmt.Sprintf(`{"account":"123456789012","arn":%q,"region":"us-east-1","service":"ecr","expires":%q}`, alice, expires)
	control("GET", "ecr-token?sha256="+digest(secret), "", token)
	control("GET", "ecr-token?sha256="+strings.ToUpper(digest(secret)), "", token)
	control("GET", "ecr-token?sha256=00", "", `{"error":"token of sha256 \"00\": not live"}`)
	control("GET", "registry-requests", "", "[]")
	ask(t, registries(t, s), "GET", privateHost, "/v2/", "")
	if got := s.RegistryRequests()[0]; got.Host != privateHost {
		t.Errorf("the record has host %q", got.Host)
	}
	control("POST", "ecr-revoke", "{}", "{}")
	control("GET", "ecr-token?sha256="+digest(secret), "", fmt.Sprintf(`{"error":"token of sha256 %s: not live"}`, strings.ReplaceAll(fmt.Sprintf("%q", digest(secret)), `"`, `\"`)))
	control("POST", "repository", `{"account":"123456789012","region":"us-east-1","name":"app"}`, "{}")
	control("POST", "repository", `{"account":"1","region":"us-east-1","name":"app"}`, `{"error":"repository \"app\": account \"1\": not 12 digits"}`)
	control("POST", "bucket", `{"account":"123456789012","region":"us-east-1","name":"logs"}`, "{}")
	control("POST", "bucket", `{"account":"123456789012","region":"x","name":"logs"}`, `{"error":"bucket \"logs\": region \"x\": not the name of a region"}`)
	control("POST", "cluster", `{"account":"123456789012","region":"us-east-1","name":"dev","endpoint":"https://k","certificate_authority":"pem","version":"1.34"}`, "{}")
	control("POST", "cluster", `{"account":"123456789012","region":"us-east-1","name":"-"}`, `{"error":"cluster \"-\": not the name of a cluster"}`)
	control("GET", "calls?action=ecr:GetAuthorizationToken", "", "1")
	found, err := client.DescribeRepositories(t.Context(), nil)
	if err != nil || len(found.Repositories) != 1 || aws.ToString(found.Repositories[0].RepositoryName) != "app" {
		t.Errorf("repositories = %v, %v, want app", found, err)
	}
}
