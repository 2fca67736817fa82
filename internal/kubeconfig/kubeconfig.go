// Package kubeconfig edits the file in which kubectl and every other client-go
// program finds clusters, users and contexts. What it does not change stays byte
// for byte: comments, anchors, order and quoting. A file in JSON stays JSON.
//
// The file is read by a parser of YAML, which tells where things are, and changed
// at those places. Each change is read again, and refused where it says anything
// but what was to change.
package kubeconfig

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The sections of a kubeconfig, by their keys; what an item of each is called is
// the key without its s.
const (
	clusters = "clusters"
	users    = "users"
	contexts = "contexts"
)

const currentContext = "current-context"

// Entry is a cluster, the user who runs a program for its token, and the context
// that names both, all of one name.
type Entry struct {
	Name string
	// Server is the URL of the cluster's API server, and CA its certificate
	// authorities: PEM in base64.
	Server, CA string
	// Command is an absolute path.
	Command string
	Args    []string
	// Interactive is the interactiveMode.
	Interactive string
	InstallHint string
}

// Program reports whether a command is this program.
type Program func(command string) bool

// ConflictError is that something has the name of an entry and was not put there
// by this program.
type ConflictError struct{ Kind, Name string }

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s %q is there, and not of this program", e.Kind, e.Name)
}

// Set puts e into text, which is a whole kubeconfig or empty. Of what is there from
// before, it changes what e says and keeps the rest, such as a context's namespace.
// Something else of that name is a [*ConflictError], unless force replaces it. Other
// errors are a [*SyntaxError].
func Set(text []byte, e Entry, ours Program, force bool) ([]byte, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	own := d.owns(e.Name, ours)
	for _, part := range e.parts() {
		old := d.item(part.section, e.Name)
		if old != nil && !own && !part.in(old) && !force {
			return nil, &ConflictError{singular(part.section), e.Name}
		}
		item := newItem(e.Name)
		if old != nil && (own || part.in(old)) {
			item = clone(old)
		}
		part.into(item)
		if old != nil && same(old, item) {
			continue
		}
		if d, err = d.put(part.section, e.Name, item); err != nil {
			return nil, err
		}
	}
	return d.text, nil
}

// Use makes the context called name the current one.
func Use(text []byte, name string) ([]byte, error) {
	d, err := parse(text)
	if err == nil && d.current() != name {
		d, err = d.use(name)
	}
	if err != nil {
		return nil, err
	}
	return d.text, nil
}

// Selection says which entries to remove; its zero value means all of the program's.
type Selection struct {
	// Name is that of the entry, Connector and Cluster what its user's command asks for.
	Name, Connector, Cluster string
}

func (s Selection) has(name string, args []string) bool {
	connector, cluster := asked(args[1:])
	return (s.Name == "" || s.Name == name) && (s.Connector == "" || s.Connector == connector) && (s.Cluster == "" || s.Cluster == cluster)
}

// asked returns the connector and the cluster in the arguments of kube-token.
func asked(args []string) (connector, cluster string) {
	for i := 0; i < len(args); i++ {
		flag, value, joined := strings.Cut(args[i], "=")
		switch {
		case !strings.HasPrefix(flag, "-"):
			connector = args[i]
			continue
		case !joined && i+1 < len(args):
			i++
			value = args[i]
		}
		if flag == "--cluster" {
			cluster = value
		}
	}
	return connector, cluster
}

// Remove takes out the users that run this program, of those selected, with the
// context and the cluster of their names, where nothing else names them. It returns
// the names, and how many of this program's users are left.
func Remove(text []byte, s Selection, ours Program) (after []byte, names []string, left int, err error) {
	d, err := parse(text)
	if err != nil {
		return nil, nil, 0, err
	}
	for _, name := range d.names(users) {
		if !d.owns(name, ours) {
			continue
		}
		if _, args := execOf(d.item(users, name)); !s.has(name, args) {
			left++
			continue
		}
		names = append(names, name)
	}
	for _, name := range names {
		if c := d.item(contexts, name); c != nil && field(c, "context", "user") == name {
			if d, err = d.drop(contexts, name); err != nil {
				return nil, nil, 0, err
			}
		}
		for section, named := range map[string]string{users: "user", clusters: "cluster"} {
			if d.item(section, name) == nil || d.named(named, name) {
				continue
			}
			if d, err = d.drop(section, name); err != nil {
				return nil, nil, 0, err
			}
		}
	}
	return d.text, names, left, nil
}

// Has reports whether text has a cluster, user or context called name.
func Has(text []byte, name string) (bool, error) {
	d, err := parse(text)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc([]string{clusters, users, contexts}, func(section string) bool { return d.item(section, name) != nil }), nil
}

// Current returns the current context, empty where there is none.
func Current(text []byte) (string, error) {
	d, err := parse(text)
	if err != nil {
		return "", err
	}
	return d.current(), nil
}

// part is what an entry has in one section.
type part struct {
	section string
	fields  []member
}

type member struct {
	path  []string
	value *yaml.Node
}

func (e Entry) parts() []part {
	exec := func(name string, value *yaml.Node) member { return member{[]string{"user", "exec", name}, value} }
	return []part{
		{clusters, []member{{[]string{"cluster", "certificate-authority-data"}, text(e.CA)}, {[]string{"cluster", "server"}, text(e.Server)}}},
		{contexts, []member{{[]string{"context", "cluster"}, text(e.Name)}, {[]string{"context", "user"}, text(e.Name)}}},
		{users, []member{
			exec("apiVersion", text("client.authentication.k8s.io/v1")), exec("args", texts(e.Args)), exec("command", text(e.Command)), exec("installHint", text(e.InstallHint)),
			exec("interactiveMode", text(e.Interactive)), exec("provideClusterInfo", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"}),
		}},
	}
}

// in reports whether an item says all of p already.
func (p part) in(item *yaml.Node) bool {
	with := clone(item)
	p.into(with)
	return same(item, with)
}

// into sets p's fields in an item.
func (p part) into(item *yaml.Node) {
	for _, f := range p.fields {
		set(item, f.path, f.value)
	}
}

func singular(section string) string { return strings.TrimSuffix(section, "s") }

// owns reports whether the user called name runs this program for a token.
func (d *document) owns(name string, ours Program) bool {
	command, args := execOf(d.item(users, name))
	return len(args) > 0 && args[0] == "kube-token" && ours(command)
}

// named reports whether any context names the cluster or user so.
func (d *document) named(kind, name string) bool {
	return slices.ContainsFunc(d.items(contexts), func(c *yaml.Node) bool { return field(c, "context", kind) == name })
}

// execOf returns what a user runs.
func execOf(user *yaml.Node) (command string, args []string) {
	for _, arg := range listOf(at(user, "user", "exec", "args")) {
		args = append(args, arg.Value)
	}
	return field(user, "user", "exec", "command"), args
}
