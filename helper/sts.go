package helper

import (
	"context"
	"maps"
	"slices"
	"time"

	"aws-connector/internal/connector"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go/middleware"
)

// STS is what this package asks of AWS STS; *sts.Client is one.
type STS interface {
	AssumeRole(context.Context, *sts.AssumeRoleInput, ...func(*sts.Options)) (*sts.AssumeRoleOutput, error)
	AssumeRoleWithWebIdentity(context.Context, *sts.AssumeRoleWithWebIdentityInput, ...func(*sts.Options)) (*sts.AssumeRoleWithWebIdentityOutput, error)
	GetSessionToken(context.Context, *sts.GetSessionTokenInput, ...func(*sts.Options)) (*sts.GetSessionTokenOutput, error)
	GetFederationToken(context.Context, *sts.GetFederationTokenInput, ...func(*sts.Options)) (*sts.GetFederationTokenOutput, error)
}

const (
	sessionNameLimit    = 64 // AssumeRole's RoleSessionName
	federationNameLimit = 32 // GetFederationToken's Name
)

func assumeRole(ctx context.Context, client STS, c connector.Connector) (minted, error) {
	return assumeRoleWith(ctx, client, c, func(*sts.AssumeRoleInput) {})
}

// assumeRoleWith assumes c's role with what more puts in.
func assumeRoleWith(ctx context.Context, client STS, c connector.Connector, more func(*sts.AssumeRoleInput)) (minted, error) {
	in := &sts.AssumeRoleInput{
		RoleArn:           &c.RoleARN,
		RoleSessionName:   aws.String(sessionName(c, sessionNameLimit)),
		DurationSeconds:   seconds(c.Duration),
		Policy:            optional(c.SessionPolicy()),
		PolicyArns:        policyARNs(c),
		ExternalId:        optional(c.ExternalID),
		SourceIdentity:    optional(c.SourceIdentity),
		TransitiveTagKeys: c.TransitiveTagKeys,
	}
	for _, k := range slices.Sorted(maps.Keys(c.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: &k, Value: aws.String(c.Tags[k])})
	}
	more(in)
	out, err := client.AssumeRole(ctx, in)
	if err != nil {
		return minted{}, awsError(opAssumeRole, c, err)
	}
	m := minted{op: "AssumeRole", date: date(out.ResultMetadata)}
	m.take(out.Credentials)
	if out.AssumedRoleUser != nil {
		m.arn = out.AssumedRoleUser.Arn
	}
	return m, nil
}

func getSessionToken(ctx context.Context, client STS, c connector.Connector) (minted, error) {
	out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: seconds(c.Duration)})
	if err != nil {
		return minted{}, awsError(opGetSessionToken, c, err)
	}
	m := minted{op: "GetSessionToken", date: date(out.ResultMetadata)}
	m.take(out.Credentials)
	return m, nil
}

func getFederationToken(ctx context.Context, client STS, c connector.Connector) (minted, error) {
	out, err := client.GetFederationToken(ctx, &sts.GetFederationTokenInput{
		Name:            aws.String(sessionName(c, federationNameLimit)),
		DurationSeconds: seconds(c.Duration),
		Policy:          optional(c.SessionPolicy()),
		PolicyArns:      policyARNs(c),
	})
	if err != nil {
		return minted{}, awsError(opGetFederationToken, c, err)
	}
	m := minted{op: "GetFederationToken", date: date(out.ResultMetadata)}
	m.take(out.Credentials)
	if out.FederatedUser != nil {
		m.arn = out.FederatedUser.Arn
	}
	return m, nil
}

// date returns AWS's time at its answer; zero where the answer has none.
func date(m middleware.Metadata) time.Time {
	at, _ := awsmiddleware.GetServerTime(m)
	return at
}

func (m *minted) take(c *types.Credentials) {
	if c != nil {
		m.id, m.secret, m.token, m.expires = c.AccessKeyId, c.SecretAccessKey, c.SessionToken, c.Expiration
	}
}

// sessionName is what CloudTrail shows of who acted. In that of a connector
// placeholders were filled in by [Environment.named], in that of a profile there are none.
func sessionName(c connector.Connector, limit int) string {
	name := c.RoleSessionName
	if name == "" {
		name = "aws-connector-" + c.Name
	}
	return name[:min(len(name), limit)]
}

func seconds(d time.Duration) *int32 {
	if d == 0 {
		return nil
	}
	return aws.Int32(int32(d / time.Second))
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func policyARNs(c connector.Connector) []types.PolicyDescriptorType {
	var list []types.PolicyDescriptorType
	for _, arn := range c.PolicyARNs {
		list = append(list, types.PolicyDescriptorType{Arn: &arn})
	}
	return list
}
