package fakeaws

import (
	"encoding/xml"
	"net/http"
)

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

type s3Error struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

type bucketList struct {
	XMLName xml.Name
	Owner   struct{ ID, DisplayName string }
	Buckets struct{}
}

// listBuckets answers that the account has no buckets.
func listBuckets(c *call) bucketList {
	l := bucketList{XMLName: xml.Name{Space: s3Namespace, Local: "ListAllMyBucketsResult"}}
	l.Owner.ID, l.Owner.DisplayName = uniqueID("", c.caller.Account), c.caller.Account
	return l
}

// s3Refusal puts a refusal in S3's words, where it has its own:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func s3Refusal(r *refusal) *refusal {
	switch r.code {
	case "MissingAuthenticationToken":
		return refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	case "InvalidClientTokenId":
		return refuse(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	case "ExpiredToken":
		return refuse(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
	case "IncompleteSignature":
		return refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed", "%s", r.message)
	}
	return r
}
