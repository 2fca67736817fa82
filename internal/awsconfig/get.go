package awsconfig

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

var (
	connectorName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })
	verboseFlag   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(-v+|--verbose)(=(1|0|[tT]|[fF]|true|false|TRUE|FALSE|True|False))?$`)
	})
)

// Get is what a call of this program's get asks for.
type Get struct {
	// Connector is its NAME.
	Connector string
	// ResourceType, ResourceID and Scope narrow the session, as its flags do; empty
	// where they are not given.
	ResourceType, ResourceID, Scope string
}

// writtenIDs are the ids that [Get] has in lines that this program writes, by type.
var writtenIDs = map[string]func() *regexp.Regexp{
	"s3-bucket":          sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^s3://[a-z0-9.-]{3,63}$`) }),
	"kubernetes-cluster": sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`) }),
	"docker-registry": sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(public\.ecr\.aws|[0-9]{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9.-]+)$`)
	}),
}

// Written reports whether its flags have values that this program writes, known
// types and scopes and canonical ids: anything else may be a secret in the wrong place.
func (g Get) Written() bool {
	if !g.Narrow() {
		return true
	}
	id, known := writtenIDs[g.ResourceType]
	return known && (g.ResourceID == "" || id().MatchString(g.ResourceID)) &&
		slices.Contains([]string{"", "resource", "resource-read-only", "none"}, g.Scope)
}

// Narrow reports whether more than a connector's name is asked for.
func (g Get) Narrow() bool { return g != Get{Connector: g.Connector} }

// Arguments returns the arguments that ask for it.
func (g Get) Arguments() []string {
	args := []string{"get", g.Connector}
	for _, f := range []struct{ name, value string }{{"--resource-type", g.ResourceType}, {"--resource-id", g.ResourceID}, {"--scope", g.Scope}} {
		if f.value != "" {
			args = append(args, f.name, f.value)
		}
	}
	return args
}

// ParseGet reads the arguments of `get NAME`, with its flags anywhere. It returns
// false for all others, also for what get itself refuses, such as an empty flag.
func ParseGet(args []string) (Get, bool) {
	var g Get
	flags := map[string]*string{"--resource-type": &g.ResourceType, "--resource-id": &g.ResourceID, "--scope": &g.Scope}
	var names []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		name, value, valued := strings.Cut(a, "=")
		to := flags[name]
		switch {
		case a == "--":
			names = append(names, args[i+1:]...)
			i = len(args)
		case !strings.HasPrefix(a, "-"):
			names = append(names, a)
		case verboseFlag().MatchString(a):
		case to == nil:
			return Get{}, false
		default:
			if !valued {
				if i++; i == len(args) {
					return Get{}, false
				}
				value = args[i]
			}
			if *to = value; value == "" {
				return Get{}, false
			}
		}
	}
	if len(names) != 2 || names[0] != "get" || !connectorName().MatchString(names[1]) {
		return Get{}, false
	}
	g.Connector = names[1]
	return g, true
}
