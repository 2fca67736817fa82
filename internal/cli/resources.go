package cli

import (
	"fmt"
	"slices"
	"strings"

	"aws-connector/internal/connector"
	"aws-connector/internal/resource"

	"github.com/spf13/cobra"
)

func (a *App) resources() *cobra.Command {
	var asJSON bool
	var only string
	cmd := &cobra.Command{
		Use:               "resources NAME",
		Short:             "list buckets, clusters and registries",
		Long:              resourcesHelp,
		Args:              oneName("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := a.open()
			if err != nil {
				return err
			}
			c, err := h.Connectors.Lookup(args[0])
			if err != nil {
				return err
			}
			types, err := listable(c, only)
			if err != nil {
				return err
			}
			listings, err := resource.List(cmd.Context(), h, c, types)
			if err != nil {
				return err
			}
			return a.tellResources(listings, asJSON)
		},
	}
	cmd.Flags().StringVar(&only, "type", "", "list only this resource `TYPE`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	// It fails only for a flag that is not there.
	_ = cmd.RegisterFlagCompletionFunc("type", completeTypes)
	return cmd
}

func completeTypes(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, t := range resource.Types() {
		all = append(all, string(t))
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// listable returns the types to list for c: the one asked for, else the
// connector's own, else all.
func listable(c connector.Connector, only string) ([]connector.ResourceType, error) {
	asked := connector.ResourceType(only)
	switch {
	case only != "" && !slices.Contains(resource.Types(), asked) && slices.Contains(resource.Types(), connector.MeantType(only)):
		return nil, &usageError{"--type is not a type that can be listed", fmt.Sprintf("did you mean %q?", connector.MeantType(only))}
	case only != "" && !slices.Contains(resource.Types(), asked):
		return nil, &usageError{"--type is not a type that can be listed", "they are s3-bucket, kubernetes-cluster and docker-registry"}
	case c.ResourceType == connector.Generic && only == "":
		return resource.Types(), nil
	case c.ResourceType == connector.Generic:
		return []connector.ResourceType{asked}, nil
	case only != "" && asked != c.ResourceType:
		return nil, &usageError{fmt.Sprintf("connector %q is only for resource_type %s", c.Name, c.ResourceType), "leave out --type, or use a connector without resource_type"}
	}
	return []connector.ResourceType{c.ResourceType}, nil
}

// tellResources prints the lists that there are, and tells on standard error
// which there are not.
func (a *App) tellResources(listings []resource.Listing, asJSON bool) error {
	var err error
	if asJSON {
		err = writeJSON(a.Stdout, listingsJSON(listings))
	} else {
		err = a.writeResources(listings)
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range listings {
		switch {
		case l.Err != nil:
			fmt.Fprintln(a.Stderr, message(fmt.Errorf("%s: %w", l.Type, l.Err), "\nhint: "))
			errs = append(errs, l.Err)
		case l.Odd > 0:
			a.say("aws-connector: %s: %d left out: not valid as a resource_id", l.Type, l.Odd)
		}
	}
	if status := worst(errs...); status != 0 {
		return exited(status)
	}
	return nil
}

// writeResources prints a table for each type.
func (a *App) writeResources(listings []resource.Listing) error {
	t := newTable(a.Stdout)
	told := false
	for _, l := range listings {
		if l.Err != nil {
			continue
		}
		if told {
			t.row()
		}
		told = true
		head := strings.ToUpper(string(l.Type))
		switch {
		case len(l.Resources) == 0:
			t.row(head)
			t.row("-")
		case l.Type == connector.DockerRegistry:
			t.row(head + ", ITS REPOSITORIES")
			for _, r := range l.Resources {
				for _, id := range append([]string{r.ID}, r.Repositories...) {
					t.row(id)
				}
			}
		default:
			t.row(head, "REGION")
			for _, r := range l.Resources {
				t.row(r.ID, dash(r.Region))
			}
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	return nil
}

// listing is a list as `resources --json` tells it.
type listing struct {
	Type      string      `json:"resource_type"`
	Resources []reachable `json:"resources"`
	Problem   string      `json:"problem,omitempty"`
	Hint      string      `json:"hint,omitempty"`
}

type reachable struct {
	ID           string   `json:"resource_id"`
	Region       string   `json:"region,omitempty"`
	Repositories []string `json:"repository_uris,omitempty"`
}

func listingsJSON(listings []resource.Listing) []listing {
	all := []listing{}
	for _, l := range listings {
		out := listing{Type: string(l.Type), Resources: []reachable{}}
		for _, r := range l.Resources {
			out.Resources = append(out.Resources, reachable{r.ID, r.Region, r.Repositories})
		}
		if l.Err != nil {
			out.Problem, out.Hint = l.Err.Error(), hintFor(l.Err)
		}
		all = append(all, out)
	}
	return all
}
