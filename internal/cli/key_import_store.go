package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

const (
	// verifying bounds asking AWS about one key, and verifiers how many at once.
	verifying = 20 * time.Second
	verifiers = 8

	// anyRegion has an STS that knows every user of AWS's own partition.
	anyRegion = "us-east-1"
)

// ready are the keys that are stored, or will be if nothing fails.
func (t *takeover) ready() (all []*candidate) {
	for _, c := range t.wanted() {
		if c.err == nil {
			all = append(all, c)
		}
	}
	return all
}

// storeAll verifies and stores the keys, each by itself.
func (t *takeover) storeAll(ctx context.Context) {
	var all []*candidate
	for _, c := range t.ready() {
		if c.does == toStore {
			all = append(all, c)
		}
	}
	whose := t.verify(ctx, all)
	for i, c := range all {
		if c.err == nil {
			c.err = t.storeOne(ctx, c, whose[i])
		}
		if c.err != nil {
			t.fail(fmt.Errorf("%s: not stored: %w", c.title(), c.err))
		}
	}
	for _, c := range t.wanted() {
		for _, d := range all {
			if c.does == isShared && c.name == d.name {
				c.err = d.err
			}
		}
	}
}

// verify asks AWS whose the keys are.
func (t *takeover) verify(ctx context.Context, all []*candidate) []string {
	whose := make([]string, len(all))
	if t.asked.noVerify {
		return whose
	}
	line := newProgress(t.app.Stderr)
	line.say("asking AWS whose the keys are")
	free := make(chan struct{}, verifiers)
	var wait sync.WaitGroup
	for i, c := range all {
		free <- struct{}{}
		wait.Go(func() {
			defer func() { <-free }()
			ctx, cancel := context.WithTimeout(ctx, verifying)
			defer cancel()
			whose[i], c.err = t.h.Whose(ctx, t.connectorOf(c), helper.Credentials{AccessKeyID: c.key.ID, SecretAccessKey: c.key.Secret, SessionToken: c.key.SessionToken})
			c.err = ofImport(c.err)
		})
	}
	wait.Wait()
	line.hold()
	return whose
}

// ofImport is an error of AWS with advice for a key that is not stored yet.
func ofImport(err error) error {
	var e *helper.Error
	if !errors.As(err, &e) {
		return err
	}
	told := &helper.Error{Reason: e.Reason, Text: e.Text, Err: e.Err, Advice: e.Advice + "; --no-verify stores it without asking AWS"}
	if e.Reason == helper.NeedsPerson || e.Reason == helper.Failed {
		told.Reason, told.Advice = helper.Failed, "it may be deleted, deactivated or mistyped, or belong to another AWS partition than the region; --no-verify stores it anyway"
	}
	return told
}

// connectorOf is a connector that calls AWS as c's profile does.
func (t *takeover) connectorOf(c *candidate) connector.Connector {
	region, _ := t.regionOf(c)
	as := connector.Connector{Name: c.label, Method: connector.SecretKey, Key: c.name, Region: region, EndpointURL: t.endpointOf(c)}
	if c.temporary() {
		as.Method = connector.STSToken
	}
	return as
}

// regionOf is where c's profile calls AWS; known if anything says so.
func (t *takeover) regionOf(c *candidate) (region string, known bool) {
	for _, region := range []string{c.region, suggestedRegion(t.file)} {
		if connector.ValidRegion(region) {
			return region, true
		}
	}
	return anyRegion, false
}

// endpointOf is the profile's endpoint_url where the environment has none, as the
// SDKs have it, and where it is one that a connector may have.
func (t *takeover) endpointOf(c *candidate) string {
	ignored, _ := boolean(os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
	if ignored || c.endpoint == "" || connector.CheckField("endpoint_url", c.endpoint) != nil ||
		t.h.Env.EndpointURL != "" || t.h.Env.EndpointURLs["sts"] != "" {
		return ""
	}
	return c.endpoint
}

// storeOne stores a key, which the keystore reads back and compares.
func (t *takeover) storeOne(ctx context.Context, c *candidate, whose string) error {
	ctx, cancel := withTimeout(ctx)
	defer cancel()
	// The person and AWS took their time, in which another process may have stored one.
	now, err := t.store.Get(ctx, c.name)
	switch {
	case err == nil && now.ID != c.replaces:
		return errors.New("meanwhile another process stored a key under that name")
	case err != nil && !errors.Is(err, keystore.ErrNotFound) && !errors.Is(err, keystore.ErrDamaged):
		return err
	}
	if err := t.app.storeKey(ctx, t.store, t.h, c.name, c.key); err != nil {
		return err
	}
	if whose != "" {
		t.app.say("it belongs to %s", whose)
	}
	if strings.HasSuffix(whose, ":root") {
		t.app.say("that is the root user, whose key can do everything: make an IAM user or a role instead, and delete the key in AWS")
	}
	return nil
}

// seeStored looks once more for the keys whose originals are to be removed: since
// they were looked for, another process may have replaced or removed them.
func (t *takeover) seeStored(ctx context.Context) {
	for _, c := range t.ready() {
		there, err := t.store.Get(ctx, c.name)
		if err == nil && !c.same(&candidate{key: there}) {
			err = fmt.Errorf("key %q was replaced meanwhile", c.name)
		}
		if err != nil {
			c.err = err
			t.fail(fmt.Errorf("%s: its plain text stays: %w", c.title(), err))
		}
	}
}
