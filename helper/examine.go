package helper

import (
	"context"
	"fmt"
	"os/exec"

	"aws-connector/internal/ambient"
	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
)

// CheckProfile follows what c starts from: its source, a profile, a program or a
// token, as far as they lead to other connectors. It runs nothing and reads no
// key. Its error is an [*Error] where one of them cannot be used, or leads back
// to where it came from.
func (h *Helper) CheckProfile(ctx context.Context, c connector.Connector) error {
	from := Chain{c.Name}
	for {
		next, plan, err := h.next(ctx, c)
		if err != nil || next.Connector == "" {
			return err
		}
		if from, err = from.add(next.Connector); err != nil {
			return err
		}
		if c, err = h.lookupNarrow(next); err != nil {
			if gone := goneConnector(plan, err); gone != nil {
				err = gone
			}
			return err
		}
		if err := h.Supported(c); err != nil {
			return inConnector(c, err)
		}
	}
}

// next returns the connector that c starts from, the zero value for none, and the
// plan that leads there, if one does.
func (h *Helper) next(ctx context.Context, c connector.Connector) (none awsconfig.Get, plan ambient.Plan, err error) {
	if keyed(c) {
		return awsconfig.Get{Connector: c.Source}, plan, nil
	}
	argv := c.CredentialProcess
	if c.Method == connector.WebIdentity {
		argv = c.WebIdentityTokenProcess
		if argv == nil {
			_, _, err := webToken(c, h.settings(c, nil)).Token(ctx)
			return none, plan, told(err, false)
		}
	} else {
		plan, err = find(h.Env.Ambient, c, h.settings(c, nil))
		if err != nil {
			return none, plan, err
		}
		if asked := plan.Asked(); asked.Connector != "" {
			return asked, plan, nil
		}
	}
	if argv == nil {
		return none, plan, nil
	}
	if _, err := exec.LookPath(argv[0]); err != nil {
		return none, plan, &Error{Reason: Misconfigured, Text: fmt.Sprintf("program %q: %v", argv[0], reason(err)), Advice: "write its absolute path, or put its directory on the PATH"}
	}
	return none, plan, nil
}

// reason is why there is no such program, without its name.
func reason(err error) error {
	if e, ok := err.(*exec.Error); ok {
		return e.Err
	}
	return err
}
