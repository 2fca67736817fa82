package helper

import (
	"context"
	"slices"

	"aws-connector/internal/connector"
)

// CheckProfile follows the profiles that an implicit connector starts from, as
// far as they lead to other connectors, and runs nothing. Its error is an
// [*Error] where a profile cannot be used or leads back to where it came from.
func (h *Helper) CheckProfile(_ context.Context, c connector.Connector) error {
	from := Chain{c.Name}
	for c.Method == connector.Implicit {
		plan, err := find(h.Env.Ambient, h.settings(c, nil))
		if err != nil {
			return err
		}
		asked := plan.Asked()
		name := asked.Connector
		if name == "" {
			return nil
		}
		if slices.Contains(from, name) {
			return cycle(append(from, name))
		}
		if c, err = h.lookupNarrow(asked); err != nil {
			return err
		}
		from = append(from, name)
	}
	return nil
}
