package helper

import (
	"context"
	"maps"

	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// profileRoles assumes the roles of profiles the way that connectors go to STS.
type profileRoles struct {
	h *Helper
	c connector.Connector
	// chain is what a program that is asked for a code is started from.
	chain Chain
}

// AssumeRole implements [ambient.STS].
func (p profileRoles) AssumeRole(ctx context.Context, from ambient.Credentials, r ambient.Role) (ambient.Credentials, error) {
	base := session{ID: from.AccessKeyID, Secret: from.Secret, Token: from.Token}
	if r.MFASerial == "" {
		return p.assume(ctx, base, r, assumeRole)
	}
	return overMFA(ctx, p.h, p.factor(p.connector(r), base, r), func(ctx context.Context, m session) (ambient.Credentials, error) {
		return p.assume(ctx, m, r, assumeRole)
	})
}

// AssumeRoleWithWebIdentity implements [ambient.STS].
func (p profileRoles) AssumeRoleWithWebIdentity(ctx context.Context, token secret.Text, r ambient.Role) (ambient.Credentials, error) {
	return p.assume(ctx, session{}, r, func(ctx context.Context, client STS, c connector.Connector) (minted, error) {
		return assumeRoleWithWebIdentity(ctx, client, c, token)
	})
}

func (p profileRoles) assume(ctx context.Context, base session, r ambient.Role, ask func(context.Context, STS, connector.Connector) (minted, error)) (ambient.Credentials, error) {
	c := p.connector(r)
	client, err := p.h.sts(c, base)
	if err != nil {
		return ambient.Credentials{}, err
	}
	asking, cancel := exchange(ctx)
	defer cancel()
	m, err := ask(asking, client, c)
	if err != nil {
		if ctx.Err() != nil {
			return ambient.Credentials{}, ended(ctx)
		}
		return ambient.Credentials{}, err
	}
	s, err := m.session(p.h.now())
	return ambient.Credentials{AccessKeyID: s.ID, Secret: s.Secret, Token: s.Token, AccountID: s.AccountID, Expires: s.Expires}, err
}

// connector is one that would assume the role as the profile wants it: nothing of
// the real one shapes it but where STS is. Endpoints of the connector, then of
// the environment, come before that of the profile.
func (p profileRoles) connector(r ambient.Role) connector.Connector {
	c := connector.Connector{Name: p.c.Name, Method: connector.Implicit, Region: p.c.Region, EndpointURL: p.c.EndpointURL, EndpointURLs: p.c.EndpointURLs,
		RoleARN: r.ARN, RoleSessionName: r.SessionName, ExternalID: r.ExternalID, Duration: r.Duration}
	if url, _ := p.h.Env.endpoint(c, serviceSTS); url == "" && r.Endpoint != "" {
		c.EndpointURLs = maps.Clone(c.EndpointURLs)
		if c.EndpointURLs == nil {
			c.EndpointURLs = map[string]string{}
		}
		c.EndpointURLs[serviceSTS] = r.Endpoint
	}
	return c
}

func assumeRoleWithWebIdentity(ctx context.Context, client STS, c connector.Connector, token secret.Text) (minted, error) {
	name, jwt := sessionName(c, sessionNameLimit), token.Reveal()
	out, err := client.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{RoleArn: &c.RoleARN, RoleSessionName: &name, WebIdentityToken: &jwt,
		DurationSeconds: seconds(c.Duration), Policy: optional(c.SessionPolicy()), PolicyArns: policyARNs(c)})
	if err != nil {
		return minted{}, awsError(opAssumeRoleWithWebIdentity, c, err)
	}
	m := minted{op: opAssumeRoleWithWebIdentity.name, date: date(out.ResultMetadata)}
	m.take(out.Credentials)
	if out.AssumedRoleUser != nil {
		m.arn = out.AssumedRoleUser.Arn
	}
	return m, nil
}
