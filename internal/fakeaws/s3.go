package fakeaws

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

type s3Error struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

// Bucket is a bucket of S3.
type Bucket struct {
	Account string `json:"account"` // 12 digits
	Region  string `json:"region"`
	Name    string `json:"name"`
}

type bucket struct {
	Bucket
	created time.Time
}

var bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

const maxBuckets = 10000

// AddBucket makes a bucket that its account may use and others may not, and
// replaces the one of its name. It panics if account, region or name has not
// the form of one.
func (s *Server) AddBucket(b Bucket) {
	if err := s.addBucket(b); err != nil {
		panic("fakeaws: " + err.Error())
	}
}

func (s *Server) addBucket(b Bucket) error {
	if !bucketForm.MatchString(b.Name) {
		return fmt.Errorf("bucket %q: not the name of a bucket", b.Name)
	}
	if err := checkPlace(b.Account, b.Region); err != nil {
		return fmt.Errorf("bucket %q: %w", b.Name, err)
	}
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets[b.Name] = bucket{b, now}
	return nil
}

func (s *Server) s3(c *call) (any, *refusal) {
	switch c.action {
	case "ListBuckets":
		return s.listBuckets(c)
	case "HeadBucket":
		return nil, s.headBucket(c)
	}
	return s.s3Object(c)
}

type bucketList struct {
	XMLName           xml.Name
	Owner             struct{ ID, DisplayName string }
	Buckets           []bucketBody `xml:"Buckets>Bucket"`
	ContinuationToken string       `xml:",omitempty"`
	Prefix            string       `xml:",omitempty"`
}

type bucketBody struct {
	Name, CreationDate string
	BucketRegion       string `xml:",omitempty"`
}

// listBuckets answers the account's buckets of every region:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func (s *Server) listBuckets(c *call) (any, *refusal) {
	l := bucketList{XMLName: xml.Name{Space: s3Namespace, Local: "ListAllMyBucketsResult"}, Prefix: c.params.Get("prefix")}
	l.Owner.ID, l.Owner.DisplayName = uniqueID("", c.caller.Account), c.caller.Account
	region, size := c.params.Get("bucket-region"), maxBuckets
	withRegion := l.Prefix != "" || region != "" || c.params.Has("max-buckets") || c.params.Has("continuation-token")
	if text := c.params.Get("max-buckets"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxBuckets {
			return nil, refuse(http.StatusBadRequest, "InvalidArgument", "Argument max-buckets must be an integer between 1 and %d.", maxBuckets)
		}
		size = n
	}
	var all []bucketBody
	s.mu.Lock()
	for _, b := range s.buckets {
		if b.Account != c.caller.Account || !strings.HasPrefix(b.Name, l.Prefix) || region != "" && region != b.Region {
			continue
		}
		body := bucketBody{Name: b.Name, CreationDate: b.created.Format("2006-01-02T15:04:05.000Z")}
		if withRegion {
			body.BucketRegion = b.Region
		}
		all = append(all, body)
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b bucketBody) int { return strings.Compare(a.Name, b.Name) })
	var ok bool
	l.Buckets, l.ContinuationToken, ok = page(all, func(b bucketBody) string { return b.Name }, c.params.Get("continuation-token"), size)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "InvalidArgument", "The continuation token provided is incorrect")
	}
	return l, nil
}

// headBucket tells where a bucket is, if there is one of the name at all.
func (s *Server) headBucket(c *call) *refusal {
	name := c.bucket()
	s.mu.Lock()
	b, ok := s.buckets[name]
	s.mu.Unlock()
	if !ok {
		return refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	}
	c.header.Set("X-Amz-Bucket-Region", b.Region)
	if b.Account != c.caller.Account {
		return refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	if b.Region != c.region() {
		return refuse(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
	}
	return nil
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
