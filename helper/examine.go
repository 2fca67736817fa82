package helper

import (
	"context"
	"slices"

	"aws-connector/internal/connector"
)

// CheckProfile follows the profiles that an implicit connector starts from, as
// far as they lead to other connectors, and runs nothing. Its error is an
// [*Error] where a profile does not exist or leads back to where it came from.
func (h *Helper) CheckProfile(ctx context.Context, c connector.Connector) error {
	from := Chain{c.Name}
	for c.Method == connector.Implicit {
		profile := c.Profile
		if profile == "" {
			profile = h.Env.Ambient.Profile
		}
		if profile == "" {
			return nil
		}
		o, err := h.origin(ctx, profile)
		name := o.connector
		if err != nil || name == "" {
			return err
		}
		if slices.Contains(from, name) {
			return cycle(append(from, name))
		}
		if c, err = h.Connectors.Lookup(name); err != nil {
			return err
		}
		from = append(from, name)
	}
	return nil
}
