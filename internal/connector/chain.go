package connector

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// MaxChain is how many connectors may start from one another.
	MaxChain = 5
	// LongestChained is the longest that a role's session lives which was made with another role's.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
	LongestChained = time.Hour
)

// givesRole reports whether the connector hands out the session of a role. An
// implicit one without a role may, and only its profile tells.
func (c Connector) givesRole() bool { return c.roleBased() }

// givesTemporary reports whether the connector hands out no long-term key for
// certain. An implicit one without a role may, and a program.
func (c Connector) givesTemporary() bool {
	return c.Method != SecretKey && c.Method != Process && (c.Method != Implicit || c.roleBased())
}

// Chain returns the names of the connectors that the valid connector called name
// starts from, itself first; it alone where it has no source.
func (f File) Chain(name string) []string {
	var names []string
	for name != "" && !slices.Contains(names, name) {
		names = append(names, name)
		table := f.connectors.own(name)
		name, _ = table["source"].(string)
	}
	return names
}

// follow resolves the connectors that c starts from, which must be as right as
// itself, and what follows from them for c.
func (f File) follow(c *Connector) error {
	links := []Connector{*c}
	for last := *c; last.Source != ""; last = links[len(links)-1] {
		at := slices.IndexFunc(links, func(l Connector) bool { return l.Name == last.Source })
		switch {
		case at == 0:
			return f.broken(c.Name, "source", problem{"source leads back to itself: " + namesOf(append(links, *c)), "let one of them start from a key, or from what its environment has"})
		case at > 0:
			loop := problem{text: "source leads back to itself: " + namesOf(append(links[at:], links[at]))}
			return f.brokenLink(links[:at+1], f.broken(last.Source, "source", loop))
		case len(links) == MaxChain:
			return f.broken(c.Name, "source", problem{fmt.Sprintf("more than %d connectors start from one another: %s", MaxChain, namesOf(append(links, Connector{Name: last.Source}))), "leave out roles in between: the first may be allowed to assume the last"})
		}
		next, err := f.alone(last.Source)
		switch err := err.(type) {
		case nil:
			links = append(links, next)
		case *NotFoundError:
			return f.brokenLink(links, f.broken(last.Name, "source", problem{fmt.Sprintf("source %q is no connector", last.Source), err.Hint()}))
		case *Error:
			return f.brokenLink(append(links, Connector{Name: last.Source}), err)
		default:
			return err
		}
	}
	for i := len(links) - 2; i >= 0; i-- {
		own := f.connectors.own(links[i].Name)
		_, said := own["expiration_seconds"]
		if key, p := links[i].startsFrom(links[i+1], said); p.text != "" {
			return f.brokenLink(links[:i+1], f.broken(links[i].Name, key, p))
		}
	}
	*c = links[0]
	return nil
}

// brokenLink is err of the last of links as an error of the first, which leads to it.
func (f File) brokenLink(links []Connector, err error) error {
	broken, ok := err.(*Error)
	if !ok || len(links) == 1 {
		return err
	}
	first, last := links[0], links[len(links)-1]
	text := fmt.Sprintf("source %q is broken, on line %d: %s", last.Name, broken.Line, broken.Problem)
	if len(links) > 2 {
		text = fmt.Sprintf("source %q leads to connector %q, which is broken, on line %d: %s", first.Source, last.Name, broken.Line, broken.Problem)
	}
	return f.broken(first.Name, "source", problem{text, broken.Advice})
}

// startsFrom checks c against its source, and caps what [defaults] asks for; said
// is whether c's own table says how long its session is to live.
func (c *Connector) startsFrom(source Connector, said bool) (string, problem) {
	switch {
	case source.Method == FederationToken:
		return "source", problem{fmt.Sprintf("source %q is a federation-token, which AWS does not allow to assume a role", source.Name), "start from a session-token, a role or a key"}
	case source.Partition() != c.Partition():
		return "source", problem{fmt.Sprintf("source %q is of partition %s, and role_arn of %s", source.Name, source.Partition(), c.Partition()), "a role can only be assumed within its partition: start from a key in that one"}
	case c.MFASerial != "" && source.givesTemporary():
		return "mfa_serial", problem{fmt.Sprintf("mfa_serial beside source %q, whose credentials are temporary: AWS takes an MFA code only with the user's long-term key", source.Name), "remove it here, and set it where the key is"}
	case !source.givesRole():
		return "", problem{}
	}
	c.Chained = true
	if c.Duration > LongestChained && said {
		return "expiration_seconds", problem{fmt.Sprintf("expiration_seconds must be %d to %d, since source %q is a role's session", int(shortest.Seconds()), int(LongestChained.Seconds()), source.Name),
			"AWS gives a role that is assumed from another one an hour at most; a session-token as the source has no such limit"}
	}
	c.Duration = min(c.Duration, LongestChained)
	return c.checkTolerance()
}

func namesOf(links []Connector) string {
	var names []string
	for _, l := range links {
		names = append(names, l.Name)
	}
	return strings.Join(names, " -> ")
}
