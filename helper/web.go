package helper

import (
	"context"

	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
)

// webToken is where the token of c, whose method is web-identity, comes from.
func webToken(c connector.Connector, s ambient.Settings) ambient.WebToken {
	if c.WebIdentityTokenProcess != nil {
		return ambient.WebTokenOf(s, c.WebIdentityTokenProcess)
	}
	return ambient.WebTokenIn(s, c.WebIdentityTokenFile)
}

// fromToken returns no credentials but the token that gives some, as it is now.
func (h *Helper) fromToken(ctx context.Context, r *call) (session, error) {
	token, key, err := r.origin.web.Token(ctx)
	if err != nil {
		if r.connector.WebIdentityTokenProcess == nil {
			return session{}, told(err, false) // the next call may find another one
		}
		return session{}, ambientError(ctx, err)
	}
	return session{web: token, Issued: h.now(), unkept: key != r.origin.key}, nil
}
