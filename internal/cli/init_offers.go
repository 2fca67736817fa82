package cli

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// offerTrial does what get does, and tells who it is instead. What fails can be
// tried again, and a new key that AWS does not take can be typed again.
func (a *App) offerTrial(q questions, d *draft) error {
	yes, err := q.t.Agree(q.ctx, "\nTry it now?")
	for yes && err == nil {
		failure := a.try(q.ctx, d)
		if failure == nil || q.ctx.Err() != nil {
			return failure
		}
		a.tell(failure)
		if d.keyIsNew && exitStatus(failure) == exitPerson {
			if yes, err = q.t.Agree(q.ctx, "Type the key again?"); yes && err == nil {
				err = a.askNewKey(q, d)
			}
			continue
		}
		yes, err = q.t.Agree(q.ctx, "Try again?")
	}
	return err
}

// offerClients configures the clients that the connector is for, and ends with a
// line to copy.
func (a *App) offerClients(q questions, d *draft) error {
	next := "aws-connector configure aws " + d.name
	yes, err := q.t.Agree(q.ctx, fmt.Sprintf("\nGive it the profile %q in the AWS CLI's configuration?", d.name))
	if err != nil {
		return err
	}
	if yes && a.offered(a.setProfiles([]string{d.name}, "", &narrowing{}, edit{})) {
		next = "aws --profile " + d.name + " sts get-caller-identity"
	}
	f, err := a.connectors()
	if err != nil {
		return err
	}
	if hosts := f.RegistryHosts(d.name); len(hosts) > 0 {
		yes, err := q.t.Agree(q.ctx, fmt.Sprintf("Let Docker use it for %s?", strings.Join(hosts, ", ")))
		if err != nil {
			return err
		}
		if yes {
			if _, err = findDockerHelper(q.ctx); err == nil {
				err = a.editDockerConfig(hosts, edit{})
			}
			a.offered(err)
		}
	}
	_, err = fmt.Fprintf(a.Stdout, "\nNext:\n\n  %s\n", next)
	return err
}

// offered reports whether what was offered was done, and says why not.
func (a *App) offered(err error) bool {
	if err != nil {
		a.tell(err)
	}
	return err == nil
}

func (a *App) try(ctx context.Context, d *draft) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	h, err := a.open()
	if err != nil {
		return err
	}
	if d.store != nil {
		h.Keys = d.store // which was told the passphrase
	}
	c, err := h.Credentials(ctx, d.name)
	if err != nil {
		return err
	}
	who := ""
	if c.AccountID != "" {
		who = " of account " + c.AccountID
	}
	sessions, err := h.Sessions(ctx)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.Connector == d.name && s.AccessKeyID == c.AccessKeyID && s.ARN != "" {
			who = ", " + s.ARN
		}
	}
	until := ""
	if !c.Expires.IsZero() {
		until = ", until " + c.Expires.UTC().Format(time.RFC3339)
	}
	_, err = fmt.Fprintf(a.Stdout, "connector %q works: %s%s%s\n", d.name, c.AccessKeyID, who, until)
	return err
}
