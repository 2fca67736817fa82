package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aws-connector/internal/connector"
	"aws-connector/keystore"
)

// doing is what is to be done with a key that was found.
type doing int

const (
	toStore   doing = iota // under its name, and in the place of another with --replace
	isStored               // under its name already
	isShared               // it is the same as an earlier one, under whose name it is stored
	isLeft                 // it is not wanted, which is no failure
	isRefused              // it cannot be stored
)

// refuse marks c as one that cannot be stored.
func (c *candidate) refuse(format string, args ...any) {
	c.does, c.why = isRefused, fmt.Sprintf(format, args...)
	c.err = &usageError{text: c.why}
}

func (c *candidate) same(d *candidate) bool {
	return c.key.ID == d.key.ID && c.key.Secret.Equal(d.key.Secret) && c.key.SessionToken.Equal(d.key.SessionToken)
}

// title names c in a message.
func (c *candidate) title() string {
	switch {
	case c.profile == "":
		return "the key in " + c.where
	case c.file != nil && c.file.csv:
		return fmt.Sprintf("user %q", c.profile)
	}
	return fmt.Sprintf("profile %q", c.profile)
}

func (c *candidate) temporary() bool { return !c.key.SessionToken.Empty() }

// wanted are those that are not left for what they are.
func (t *takeover) wanted() (all []*candidate) {
	for _, c := range t.from.found {
		if c.does != isLeft && c.does != isRefused {
			all = append(all, c)
		}
	}
	return all
}

// plan decides what is to be done with each key.
func (t *takeover) plan(ctx context.Context) error {
	now := t.app.Now()
	for _, c := range t.wanted() {
		if err := c.key.Check(); err != nil {
			c.refuse("%v", err)
			continue
		}
		if !c.temporary() {
			continue
		}
		until := "it is not known when it expires"
		over := !c.key.Expires.IsZero() && !now.Before(c.key.Expires)
		if !c.key.Expires.IsZero() {
			until = "until " + c.key.Expires.UTC().Format(time.RFC3339)
		}
		switch {
		case over && c.named:
			c.refuse("it expired, %s", until)
		case over:
			c.does, c.why = isLeft, "left: it expired, "+until
		case !c.named && c.profile == "":
			c.does, c.why = isLeft, "left: temporary, --as NAME stores it; "+until
		case !c.named:
			c.does, c.why = isLeft, "left: temporary, name the profile to store it; "+until
		default:
			c.why = until
		}
	}
	if err := t.oneName(); err != nil {
		return err
	}
	if err := t.name(ctx); err != nil {
		return err
	}
	return t.compare(ctx)
}

// oneName refuses --as for more than one key.
func (t *takeover) oneName() error {
	wanted := t.wanted()
	for _, c := range wanted {
		if t.asked.as != "" && !c.same(wanted[0]) {
			return &usageError{"--as names one key, and there are several", "nothing was changed; give the profile too: `aws-connector key import PROFILE --as " + t.asked.as + "`"}
		}
	}
	return nil
}

// name gives each its name: that of its profile where that can be one. A name that
// is made up takes no other's place.
func (t *takeover) name(ctx context.Context) error {
	earlier := map[*candidate]*candidate{}
	var all []*candidate
	for _, c := range t.wanted() {
		for _, d := range all {
			if earlier[c] == nil && d.same(c) {
				earlier[c] = d
			}
		}
		if earlier[c] == nil {
			all = append(all, c)
		}
	}
	taken := map[string]bool{}
	for _, c := range t.wanted() {
		if base, exact := t.nameOf(c); exact && !taken[base] && (earlier[c] == nil || earlier[c].profile != c.profile) {
			c.label, taken[base] = base, true
		}
	}
	for _, c := range t.wanted() {
		if d := earlier[c]; d != nil && d.profile == c.profile {
			c.label = d.label // in the other file
		}
		base, exact := t.nameOf(c)
		for n := 1; c.label == ""; n++ {
			name := base
			if n > 1 {
				name += "-" + strconv.Itoa(n)
			}
			free, err := true, error(nil)
			if !exact && earlier[c] == nil {
				free, err = t.free(ctx, name, c)
			}
			if err != nil {
				return err
			}
			if free && !taken[name] {
				c.label, taken[name] = name, true
			}
		}
		c.name = c.label
	}
	for c, d := range earlier {
		c.does, c.name = isShared, d.name
		c.why = fmt.Sprintf("same key as %s", d.title())
	}
	return nil
}

// nameOf is the name that c should have; exact if that says nothing else than what
// it was called.
func (t *takeover) nameOf(c *candidate) (name string, exact bool) {
	if t.asked.as != "" {
		return t.asked.as, true
	}
	name = first(c.profile, "default")
	if validKeyName(name) == nil {
		return name, true
	}
	const room = len("-999")
	name = strings.TrimPrefix(name, "profile ")
	var b strings.Builder
	for _, r := range name {
		switch {
		case connector.ValidName("x" + string(r)):
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name = strings.Trim(b.String(), "-._")
	name = strings.TrimRight(name[:min(len(name), 64-room)], "-._")
	if validKeyName(name) != nil {
		name = "key"
	}
	return name, false
}

// free reports whether no other key than c's is stored under a name.
func (t *takeover) free(ctx context.Context, name string, c *candidate) (bool, error) {
	stored, err := t.store.Get(ctx, name)
	switch {
	case errors.Is(err, keystore.ErrNotFound):
		return true, nil
	case errors.Is(err, keystore.ErrDamaged):
		return false, nil
	}
	return c.same(&candidate{key: stored}), err
}

// compare looks at what is stored under the names.
func (t *takeover) compare(ctx context.Context) error {
	for _, c := range t.wanted() {
		if c.does != toStore {
			continue
		}
		if err := t.store.Writable(c.name); err != nil {
			c.refuse("another program keeps the key of that name ([keys.%s] in connectors.toml): --as NAME stores this one beside it", c.name)
			continue
		}
		stored, err := t.store.Get(ctx, c.name)
		switch {
		case errors.Is(err, keystore.ErrNotFound), t.asked.dryRun && errors.Is(err, keystore.ErrUnavailable):
			continue
		case err != nil && !errors.Is(err, keystore.ErrDamaged):
			return err
		case err == nil && c.same(&candidate{key: stored}):
			c.does = isStored
		case t.asked.replace:
			c.replaces = stored.ID
			c.why = "replaces " + first(stored.ID, "what is stored")
		default:
			c.refuse("another key is stored under that name, %s: --replace replaces it, --as NAME stores this one beside it", first(stored.ID, "and is damaged"))
		}
	}
	t.refuseShared()
	return nil
}

// refuseShared refuses those that are the same as one that is refused.
func (t *takeover) refuseShared() {
	for _, c := range t.wanted() {
		for _, d := range t.from.found {
			if c.does == isShared && d.name == c.name && d.does != isShared && d.err != nil {
				c.refuse("%s", d.why)
			}
		}
	}
}

// show prints what is to be done.
func (t *takeover) show() error {
	out := newTable(t.app.Stdout)
	out.row("PROFILE", "KEY", "ACCESS KEY ID", "KIND", "WHAT")
	for _, c := range t.from.found {
		id, kind, what := "-", "long-term", c.why
		if keystore.IsID(c.key.ID) {
			id = c.key.ID
		}
		if c.temporary() {
			kind = "temporary"
		}
		switch c.does {
		case toStore:
			what = strings.TrimSuffix("store, "+c.why, ", ")
		case isStored:
			what = "stored already"
		case isRefused:
			what = "refused: " + c.why
		}
		out.row(first(c.profile, "-"), first(c.name, "-"), id, kind, what)
	}
	if err := out.flush(); err != nil {
		return err
	}
	for _, c := range t.from.found {
		if c.does == isRefused {
			t.fail(fmt.Errorf("%s: not imported: %w", c.title(), c.err))
		}
	}
	return nil
}
