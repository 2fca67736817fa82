package cli

import (
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// narrowing are the flags that limit a session to a resource for one call.
type narrowing struct {
	set  *pflag.FlagSet
	to   connector.Narrowing
	want []string // their names
}

// flags gives cmd the flags, and completes them.
func (n *narrowing) flags(cmd *cobra.Command) {
	n.set = cmd.Flags()
	for _, f := range []struct {
		name, usage string
		to          *string
		values      []cobra.Completion
	}{
		{"resource-type", "limit the session to resources of this `TYPE`", (*string)(&n.to.Type), []cobra.Completion{
			cobra.CompletionWithDesc(string(connector.S3Bucket), "a bucket, or all"),
			cobra.CompletionWithDesc(string(connector.KubernetesCluster), "a cluster of EKS, or all"),
			cobra.CompletionWithDesc(string(connector.DockerRegistry), "a registry of ECR, or all of the region"),
		}},
		{"resource-id", "limit it to one resource: the name, URI or ARN `ID`", &n.to.ID, nil},
		{"scope", "`SCOPE`: resource (the default) or resource-read-only", (*string)(&n.to.Scope), []cobra.Completion{
			cobra.CompletionWithDesc(string(connector.ScopeResource), "read and write"),
			cobra.CompletionWithDesc(string(connector.ScopeReadOnly), "read"),
		}},
	} {
		n.set.StringVar(f.to, f.name, "", f.usage)
		n.want = append(n.want, f.name)
		// It fails only for a flag that is not there.
		_ = cmd.RegisterFlagCompletionFunc(f.name, cobra.FixedCompletions(f.values, cobra.ShellCompDirectiveNoFileComp))
	}
}

// given reports whether any of the flags was.
func (n *narrowing) given() bool {
	for _, name := range n.want {
		if n.set.Changed(name) {
			return true
		}
	}
	return false
}

// apply returns f with the connectors named narrowed to what the flags say; f
// itself without flags. An empty flag, as of a variable that is not set, is refused:
// it asks for less than a person meant it to.
func (n *narrowing) apply(f connector.File, names ...string) (connector.File, error) {
	if !n.given() {
		return f, nil
	}
	for _, name := range n.want {
		if flag := n.set.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return f, &usageError{"flag --" + name + " is empty", "give it a value, or leave it out for a session that is not narrowed"}
		}
	}
	if len(names) == 0 {
		return f, &usageError{"--" + strings.Join(n.want, ", --") + " narrow connectors that are named", "give a NAME"}
	}
	return f.Narrowed(n.to, names...)
}

// label tells a connector's narrowed sessions from its others. Its profiles are called so too.
func label(name string, n connector.Narrowing) string {
	if n == (connector.Narrowing{}) {
		return name
	}
	return name + "@" + n.String()
}

// asked is the call of get that narrows c, which apply did, as the flags say: what
// they leave out is the connector's own, and follows it.
func (n *narrowing) asked(c connector.Connector) awsconfig.Get {
	asked, to := awsconfig.Get{Connector: c.Name}, c.Narrowing()
	if !c.Narrowed {
		return asked
	}
	asked.ResourceType = string(to.Type)
	if n.to.ID != "" {
		asked.ResourceID = to.ID
	}
	if n.to.Scope != connector.ScopeResource {
		asked.Scope = string(n.to.Scope)
	}
	return asked
}
