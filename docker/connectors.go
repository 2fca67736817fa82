package docker

import (
	"context"
	"errors"
	"log/slog"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/secret"
)

// Connectors are [Logins] by the connectors of a connectors.toml.
type Connectors struct {
	// Open returns what answers for them. It is called when a registry of ECR
	// is asked for, and not for others; it returns nil where there are no connectors.
	Open func() (*helper.Helper, error)
	// Log is told why ECR Public is left to anonymous pulls; it may be nil.
	Log *slog.Logger
	// LeftOut is told why connectors are missing in the list, and claims; it may be nil.
	LeftOut func([]error)
}

// Login returns a token for r of the connector that claims it. Nobody's
// registry is [ErrNotFound], and so is ECR Public where its token cannot be
// had, since everybody may pull from there without one.
func (l Connectors) Login(ctx context.Context, r connector.Registry) (secret.Text, error) {
	t, err := l.token(ctx, r)
	if err != nil && r.Public && ctx.Err() == nil {
		if l.Log != nil && !errors.Is(err, ErrNotFound) {
			l.Log.Debug("no token, pulls are anonymous", "registry", r.Host, "err", err)
		}
		return secret.Text{}, ErrNotFound
	}
	return t.Password, err
}

func (l Connectors) token(ctx context.Context, r connector.Registry) (helper.RegistryToken, error) {
	h, c, err := l.claimant(r)
	if err != nil {
		return helper.RegistryToken{}, err
	}
	return h.RegistryToken(ctx, c.Name, r)
}

// claimant returns the connector that answers for r.
func (l Connectors) claimant(r connector.Registry) (*helper.Helper, connector.Connector, error) {
	h, err := l.Open()
	if err != nil {
		return nil, connector.Connector{}, err
	}
	if h == nil {
		return nil, connector.Connector{}, ErrNotFound
	}
	c, claimed, err := h.Connectors.ForRegistry(r)
	if err == nil && !claimed {
		err = ErrNotFound
	}
	return h, c, err
}

// Forget drops the token that is kept for r; what nobody claims has none.
func (l Connectors) Forget(ctx context.Context, r connector.Registry) error {
	h, c, err := l.claimant(r)
	if err != nil {
		// Nothing is kept for it: a logout has nothing to complain of.
		return nil
	}
	return h.ForgetRegistryToken(ctx, c.Name, r)
}

// Hosts returns the registries that the connectors name, and are answered for.
func (l Connectors) Hosts() ([]string, error) {
	h, err := l.Open()
	if err != nil || h == nil {
		return nil, err
	}
	if l.LeftOut != nil {
		l.LeftOut(h.Connectors.ClaimProblems())
	}
	return h.Connectors.RegistryHosts(), nil
}
