// Command server is an API server of Kubernetes that lets in whom EKS would: it
// verifies tokens with the package that does so there.
//
//	server CLUSTER REGION STS CERTIFICATE KEY
//
// STS is the URL of a server that stands in for all of AWS STS. It prints its
// address, and for each request the ARN of who asked, or why nobody was let in.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"sigs.k8s.io/aws-iam-authenticator/pkg/token"
)

// elsewhere sends requests to another server, which sees for whom they were.
type elsewhere struct{ to *url.URL }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = e.to.Scheme, e.to.Host
	return (&http.Transport{}).RoundTrip(r)
}

var answers = map[string]string{
	"/version":           `{"major":"1","minor":"33","gitVersion":"v1.33.0"}`,
	"/api":               `{"kind":"APIVersions","versions":["v1"]}`,
	"/apis":              `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`,
	"/api/v1":            `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"namespaces","singularName":"namespace","shortNames":["ns"],"namespaced":false,"kind":"Namespace","verbs":["get","list"]}]}`,
	"/api/v1/namespaces": `{"kind":"NamespaceList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"behind-the-token","creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Active"}}]}`,
}

func main() {
	log.SetFlags(0)
	cluster, region, certificate, key := os.Args[1], os.Args[2], os.Args[4], os.Args[5]
	sts, err := url.Parse(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	http.DefaultTransport = elsewhere{sts}
	verifier := token.NewVerifier(cluster, "aws", region)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		who, err := verifier.Verify(bearer)
		if err != nil {
			fmt.Println("refused:", err)
			w.WriteHeader(http.StatusUnauthorized)
			json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized", "code": 401})
			return
		}
		fmt.Println(who.ARN)
		if answer, ok := answers[r.URL.Path]; ok {
			w.Write([]byte(answer))
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}
	log.Fatal(http.ServeTLS(listener, http.HandlerFunc(handler), certificate, key))
}
