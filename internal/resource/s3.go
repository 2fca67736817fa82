package resource

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"

	"github.com/aws/smithy-go"
)

// bucketRegionHeader tells where a bucket is, with most refusals too.
const bucketRegionHeader = "X-Amz-Bucket-Region"

// bucketsPerPage is the most that AWS gives.
const bucketsPerPage = "10000"

type bucketPage struct {
	XMLName xml.Name `xml:"ListAllMyBucketsResult"`
	Buckets []struct {
		Name         string
		BucketRegion string
	} `xml:"Buckets>Bucket"`
	ContinuationToken string
}

// buckets lists the buckets of the caller's account, of all regions.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func (s session) buckets(ctx context.Context) ([]Resource, error) {
	sender, err := s.sender(ctx, serviceS3, s.connector.Region)
	if err != nil {
		return nil, err
	}
	var all []Resource
	err = pages(func(token string) (page, error) {
		// AWS tells regions only to those who ask for pages.
		query := url.Values{"max-buckets": {bucketsPerPage}, "x-id": {"ListBuckets"}}
		if token != "" {
			query.Set("continuation-token", token)
		}
		a, err := sender.Send(ctx, helper.Request{Method: http.MethodGet, URL: sender.Base + "/?" + query.Encode()})
		if err != nil {
			return page{}, err
		}
		var got bucketPage
		if xml.Unmarshal(a.Body, &got) != nil {
			return page{}, errForm
		}
		for _, b := range got.Buckets {
			all = append(all, Resource{ID: clipped(b.Name), Region: helper.Clean(clipped(b.BucketRegion))})
		}
		return page{got.ContinuationToken, len(a.Body), len(got.Buckets)}, nil
	})
	if err != nil {
		return nil, helper.CallError(s.connector, serviceS3, "ListBuckets", err)
	}
	return all, nil
}

// headBucket returns the region of the bucket called name, if the caller may use it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
func (s session) headBucket(ctx context.Context, name string) (region string, err error) {
	sender, err := s.sender(ctx, serviceS3, s.connector.Region)
	if err != nil {
		return "", err
	}
	asked := sender.Client.Region
	a, err := sender.Send(ctx, helper.Request{Method: http.MethodHead, URL: bucketURL(sender, name)})
	region = a.Header.Get(bucketRegionHeader)
	if !connector.ValidRegion(region) {
		region = asked // that is where the bucket was asked for
	}
	if err == nil {
		return region, nil
	}
	// The refusals have no body, and so no error of AWS.
	where := ""
	if region != asked {
		where = fmt.Sprintf("is in region %s, the connector in %s", region, asked)
	}
	switch {
	case a.Status == http.StatusNotFound:
		return "", &helper.Error{Reason: helper.Misconfigured, Text: fmt.Sprintf("HeadBucket: there is no bucket %q (HTTP status 404)", name), Advice: "correct resource_id; `aws-connector resources " + s.connector.Name + "` lists the buckets", Err: err}
	case a.Status == http.StatusForbidden:
		message := fmt.Sprintf("bucket %q is another account's, or its use is not allowed (HTTP status 403)", name)
		if where != "" {
			message += "; it " + where
		}
		return "", helper.CallError(s.connector, serviceS3, "HeadBucket", &smithy.GenericAPIError{Code: "AccessDenied", Message: message})
	case where != "":
		return "", &helper.Error{Reason: helper.Misconfigured, Text: fmt.Sprintf("HeadBucket: bucket %q %s", name, where), Advice: fmt.Sprintf("set region = %q in the connector", region), Err: err}
	}
	return "", helper.CallError(s.connector, serviceS3, "HeadBucket", err)
}

// bucketURL returns where a bucket is: in AWS's own endpoints by its host, if a
// certificate can name that, and elsewhere by its path.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
func bucketURL(s *helper.Sender, name string) string {
	if host, ok := strings.CutPrefix(s.Base, "https://"); ok && s.Client.Endpoint == "" && !strings.Contains(name, ".") {
		return "https://" + name + "." + host + "/"
	}
	return s.Base + "/" + name
}

// bucketName returns the name in the canonical id of a bucket.
func bucketName(id string) string { return strings.TrimPrefix(id, "s3://") }
