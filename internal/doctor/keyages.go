package doctor

import (
	"context"
	"fmt"
	"time"

	"aws-connector/internal/connector"
)

// oldKey is the age at which a long-term key should be replaced.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html#securing_access-keys
const oldKey = 90 * 24 * time.Hour

// ages tells of stored keys that are old, and of credentials that have expired.
func (m *Machine) ages(ctx context.Context, names []string) []Finding {
	var all []Finding
	for _, name := range names {
		created, expires := m.life(ctx, name)
		about, now := fmt.Sprintf("key %q", name), m.Now()
		if !expires.IsZero() && !expires.After(now) {
			all = append(all, Finding{Warning, about, "its temporary credentials expired at " + expires.UTC().Format(time.RFC3339), "aws-connector key add " + name})
		}
		if age := now.Sub(created); !created.IsZero() && age > oldKey {
			all = append(all, Finding{Note, about, fmt.Sprintf("it is %d days old; the longer a key is used, the longer a leaked copy of it works", int(age.Hours()/24)), "aws-connector key rotate " + name})
		}
	}
	return all
}

// life returns since when there is a key and until when, as far as that is known.
func (m *Machine) life(ctx context.Context, name string) (created, expires time.Time) {
	if m.Helper != nil {
		if u, ok := m.Helper.KeyUse(ctx, name); ok && u.Current {
			created = u.Created
		}
	}
	if m.Key != nil {
		if k, err := m.Key(ctx, name); err == nil {
			return k.Created, k.Expires
		}
	}
	return created, time.Time{}
}

// keyProgram looks at a key that another program keeps, which is not run: it might ask.
func (m *Machine) keyProgram(ctx context.Context, k connector.KeyProgram) []Finding {
	about := fmt.Sprintf("key %q", k.Name)
	if k.Err != nil {
		return list(fromError(Broken, about, k.Err, "correct it in connectors.toml"))
	}
	var all []Finding
	users := m.Connectors.UsersOf(k.Name)
	if len(users) == 0 {
		all = append(all, Finding{Note, about, k.Place() + " names the program that keeps it, but no connector uses it", fmt.Sprintf("set key = %q in a connector, or remove [keys.%s]", k.Name, k.Name)})
	}
	if m.Helper == nil {
		return all
	}
	if err := m.Helper.CheckKeyProgram(k); err != nil {
		severity := Broken
		if len(users) == 0 {
			severity = Warning
		}
		all = append(all, fromError(severity, about, err, "correct it in connectors.toml"))
	}
	if u, ok := m.Helper.KeyUse(ctx, k.Name); ok && !u.Created.IsZero() && m.Now().Sub(u.Created) > oldKey {
		all = append(all, Finding{Note, about, fmt.Sprintf("it is %d days old", int(m.Now().Sub(u.Created).Hours()/24)), "make a new one where the program keeps it; `aws-connector key rotate` works only for stored keys"})
	}
	return all
}
