package helper

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"time"

	"aws-connector/internal/connector"

	"github.com/aws/smithy-go"
)

const (
	iamVersion = "2010-05-08"
	// iamTimeout is for a call whose answer may be all that there is of a secret: it
	// is worth waiting for.
	iamTimeout = 20 * time.Second
)

// iamRegion is where a partition has its one IAM, for signatures.
// https://docs.aws.amazon.com/general/latest/gr/iam-service.html
func iamRegion(partition string) string {
	region, ok := map[string]string{
		"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1",
		"aws-iso": "us-iso-east-1", "aws-iso-b": "us-isob-east-1", "aws-iso-e": "eu-isoe-west-1", "aws-iso-f": "us-isof-south-1",
	}[partition]
	if !ok {
		return "us-east-1"
	}
	return region
}

// iam returns the endpoint of IAM, as the AWS SDKs have them: one for each partition.
func (o Client) iam() string {
	suffix, dualStack := connector.DNSSuffixes(o.Region)
	host := "iam"
	switch partition := (connector.Connector{Region: o.Region}).Partition(); {
	case o.DualStack && partition == "aws-us-gov":
		return "https://iam.us-gov.api.aws"
	case o.DualStack:
		suffix = dualStack
		if o.FIPS {
			host = "iam-fips"
		}
		if partition == "aws" || partition == "aws-cn" && !o.FIPS {
			host += ".global"
		}
	case partition == "aws-us-gov":
		host = "iam.us-gov"
	case o.FIPS && (partition == "aws-iso" || partition == "aws-iso-b"):
		host = "iam-fips." + iamRegion(partition)
	case o.FIPS:
		host = "iam-fips"
	case partition != "aws":
		host = "iam." + iamRegion(partition)
	}
	return "https://" + host + "." + suffix
}

// IAM calls action of IAM for c with the credentials given, and reads the answer into
// result, which may be nil. once keeps it from being sent again where it may have
// been carried out; see [Refused]. Its error is an [*Error], or that of ctx.
func (h *Helper) IAM(ctx context.Context, c connector.Connector, with Credentials, action string, parameters url.Values, once bool, result any) (date time.Time, err error) {
	o, err := h.Client(c, with, serviceIAM, iamRegion(c.Partition()))
	if err != nil {
		return date, err
	}
	transport, err := o.transport()
	if err != nil {
		return date, err
	}
	sender, err := o.sender(ctx, bounded(transport.WithTimeout(iamTimeout), AnswerLimit, o.Proxies))
	if err != nil {
		return date, err
	}
	form := url.Values{"Action": {action}, "Version": {iamVersion}}
	for name, values := range parameters {
		form[name] = values
	}
	answer, err := sender.Send(ctx, Request{Method: http.MethodPost, URL: sender.Base + "/", Form: true, Once: once, Body: []byte(form.Encode())})
	if err == nil && result != nil && xml.Unmarshal(answer.Body, result) != nil {
		err = answer.unreadable()
	}
	if err != nil {
		return date, awsError(operation{serviceIAM, action}, c, err)
	}
	date, _ = http.ParseTime(answer.Header.Get("Date"))
	return date, nil
}

// Refused reports whether err is an answer of AWS that says that a call was not
// carried out. False means that it may have been.
func Refused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError" && statusOf(err) < http.StatusInternalServerError
}

// Code returns the code of the error that AWS answered, empty where err is none.
func Code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode()
}

// OverMFA calls do with the MFA session of the connector called name: with a new one
// if AWS does not take the cached one.
func (h *Helper) OverMFA(ctx context.Context, name string, do func(context.Context, Credentials) error) error {
	c, err := h.Connectors.Lookup(name)
	if err != nil {
		return err
	}
	call := patient(ctx, lockWait)
	r := h.begin(call, c)
	holder := r.keyHolder()
	if r.refused != nil || holder == nil || c.MFASerial == "" {
		return &Error{Reason: Misconfigured, Text: "this connector cannot get an MFA session", Advice: "set mfa_serial where its key is", Err: r.refused}
	}
	_, err = overMFA(call, h, h.storedFactor(r, holder), func(_ context.Context, m session) (session, error) {
		return m, do(ctx, m.credentials())
	})
	return err
}
