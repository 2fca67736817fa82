package fakeaws

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is what was put under a key of a bucket.
type object struct {
	content []byte
	put     time.Time
}

func (o object) etag() string {
	sum := md5.Sum(o.content)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// bucket returns the bucket in the path, and key what follows it.
func (c *call) bucket() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, "/"), "/")
	return name
}

func (c *call) key() string {
	_, key, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, "/"), "/")
	return key
}

// s3Action returns the action of a request that was signed for S3, "" for one
// that is not served.
func s3Action(r *http.Request) string {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch object := key != ""; {
	case r.URL.Query().Has("uploadId") || r.URL.Query().Has("uploads"):
		return ""
	case object:
		return map[string]string{"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}[r.Method]
	case r.Method == "HEAD":
		return "HeadBucket"
	case r.Method == "GET" && r.URL.Query().Get("list-type") == "2":
		return "ListObjectsV2"
	}
	return ""
}

// s3Object answers for what is in a bucket: of the content, none of the metadata.
func (s *Server) s3Object(c *call) (any, *refusal) {
	if refused := s.headBucket(c); refused != nil {
		return nil, refused
	}
	c.header.Del("X-Amz-Bucket-Region")
	s.mu.Lock()
	defer s.mu.Unlock()
	objects := s.objects[c.bucket()]
	if objects == nil {
		objects = map[string]object{}
		s.objects[c.bucket()] = objects
	}
	switch c.action {
	case "ListObjectsV2":
		return listObjects(c, objects), nil
	case "PutObject":
		o := object{c.body, c.now}
		objects[c.key()] = o
		c.header.Set("ETag", o.etag())
		return nil, nil
	case "DeleteObject":
		delete(objects, c.key())
		return nil, nil
	}
	o, ok := objects[c.key()]
	if !ok {
		return nil, refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	c.header.Set("ETag", o.etag())
	c.header.Set("Last-Modified", o.put.Format(http.TimeFormat))
	c.header.Set("Content-Length", strconv.Itoa(len(o.content)))
	return rawBody(o.content), nil
}

// rawBody is an answer that is no XML.
type rawBody []byte

type objectList struct {
	XMLName        xml.Name
	Name, Prefix   string
	KeyCount       int
	MaxKeys        int
	IsTruncated    bool
	Contents       []objectBody
	CommonPrefixes []commonPrefix
	Delimiter      string `xml:",omitempty"`
	EncodingType   string `xml:",omitempty"`
}

type objectBody struct {
	Key, LastModified, ETag string
	Size                    int
	StorageClass            string
}

type commonPrefix struct{ Prefix string }

// listObjects answers all objects at once.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func listObjects(c *call, objects map[string]object) objectList {
	l := objectList{XMLName: xml.Name{Space: s3Namespace, Local: "ListBucketResult"}, Name: c.bucket(), MaxKeys: 1000,
		Prefix: c.params.Get("prefix"), Delimiter: c.params.Get("delimiter"), EncodingType: c.params.Get("encoding-type")}
	for key, o := range objects {
		rest, ok := strings.CutPrefix(key, l.Prefix)
		if !ok {
			continue
		}
		if before, _, deeper := strings.Cut(rest, l.Delimiter); l.Delimiter != "" && deeper {
			if p := (commonPrefix{l.Prefix + before + l.Delimiter}); !slices.Contains(l.CommonPrefixes, p) {
				l.CommonPrefixes = append(l.CommonPrefixes, p)
			}
			continue
		}
		l.Contents = append(l.Contents, objectBody{key, o.put.Format("2006-01-02T15:04:05.000Z"), o.etag(), len(o.content), "STANDARD"})
	}
	slices.SortFunc(l.Contents, func(a, b objectBody) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(l.CommonPrefixes, func(a, b commonPrefix) int { return strings.Compare(a.Prefix, b.Prefix) })
	l.KeyCount = len(l.Contents) + len(l.CommonPrefixes)
	return l
}
