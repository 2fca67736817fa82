package fakeaws

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// targetHeader names service and action in AWS's JSON 1.1 protocol:
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
const targetHeader = "X-Amz-Target"

// json reports whether the request is of the JSON protocol, so that what is
// wrong with it is told in that protocol too.
func (c *call) json() bool { return c.r.Header.Get(targetHeader) != "" }

// splitTarget returns the signing name of the service, "" if it is none of the
// server's, and the action.
func splitTarget(target string) (service, action string) {
	prefix, action, _ := strings.Cut(target, ".")
	switch prefix {
	case "AmazonEC2ContainerRegistry_V20150921":
		service = "ecr"
	case "SpencerFrontendService":
		service = "ecr-public"
	}
	return service, action
}

type jsonError struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// jsonRefusal puts a refusal in the words of the services that speak JSON:
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
func jsonRefusal(r *refusal) *refusal {
	code, message := r.code+"Exception", r.message
	switch r.code {
	case "MissingAuthenticationToken":
		message = "Missing Authentication Token"
	case "InvalidClientTokenId":
		code = "UnrecognizedClientException"
	case "SignatureDoesNotMatch":
		code = "InvalidSignatureException"
	}
	return refuse(http.StatusBadRequest, code, "%s", message)
}

func unknownOperation(c *call) *refusal {
	return refuse(http.StatusBadRequest, "UnknownOperationException", "%s: unknown operation %q", c.service, c.action)
}

// decodeInput reads the body of a JSON request into v.
func decodeInput(c *call, v any) *refusal {
	if err := json.Unmarshal(c.body, v); err != nil {
		return refuse(http.StatusBadRequest, "SerializationException", "%s", err)
	}
	return nil
}

func writeAWSJSON(w http.ResponseWriter, c *call, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("fakeaws: %v", err))
	}
	contentType := "application/json"
	if c.json() {
		contentType = "application/x-amz-json-1.1"
	}
	writeRaw(w, c, status, contentType, body)
}
