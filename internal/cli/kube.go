package cli

import (
	"fmt"
	"os"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/connector"
	"aws-connector/internal/kube"

	"github.com/spf13/cobra"
)

func (a *App) kubeToken() *cobra.Command {
	var k cluster
	cmd := &cobra.Command{
		Use:               "kube-token [NAME]",
		Short:             "print a token for an EKS cluster",
		Long:              kubeTokenHelp,
		Args:              atMostOne("connector"),
		ValidArgsFunction: a.completeNames(false, connectorNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := kube.Version(os.Getenv("KUBERNETES_EXEC_INFO"))
			if err != nil {
				return &usageError{"KUBERNETES_EXEC_INFO: " + err.Error(), "kubectl sets it from the user's exec entry in the kubeconfig, which should say apiVersion: " + kube.V1}
			}
			h, err := a.open()
			if err != nil {
				return err
			}
			if err := k.check(cmd); err != nil {
				return err
			}
			c, of, err := k.find(h.Connectors, args)
			if err != nil {
				return err
			}
			token, err := h.ClusterToken(cmd.Context(), c.Name, of)
			if err != nil {
				return err
			}
			line, err := kube.Credential(version, token.Bearer, token.Expires)
			if err != nil {
				return err
			}
			if err := a.give(cmd.Context(), h, line); err != nil {
				return err
			}
			a.warnOnScreen("this is a live token: whoever sees this screen or a log of it can use it; kubectl asks for one by itself (`aws-connector configure kube`)")
			return nil
		},
	}
	k.flags(cmd)
	return cmd
}

// cluster are the flags that name a cluster of EKS.
type cluster struct{ name, region string }

func (k *cluster) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.name, "cluster", "", "`CLUSTER` name or ARN (default: the resource_id)")
	cmd.Flags().StringVar(&k.region, "region", "", "`REGION` of the cluster (default: the connector's)")
	for _, name := range []string{"cluster", "region"} {
		// It fails only for a flag that is not there.
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// check refuses an empty flag, as of a variable that is not set: it would mean
// another cluster.
func (k cluster) check(cmd *cobra.Command) error {
	for _, name := range []string{"cluster", "region"} {
		if f := cmd.Flags().Lookup(name); f.Changed && f.Value.String() == "" {
			return &usageError{"flag --" + name + " is empty", "give it a value, or leave it out for the connector's own"}
		}
	}
	return nil
}

// find returns the connector and the cluster that args, a name or none, and the
// flags mean.
func (k cluster) find(f connector.File, args []string) (connector.Connector, helper.Cluster, error) {
	none := func(err error) (connector.Connector, helper.Cluster, error) {
		return connector.Connector{}, helper.Cluster{}, err
	}
	if k.region != "" && !connector.ValidRegion(k.region) {
		return none(&usageError{fmt.Sprintf("--region %q is not an AWS region", k.region), "such as eu-central-1"})
	}
	of := helper.Cluster{Name: k.name, Region: first(k.region, connector.ARNRegion(k.name))}
	if of.Name != "" {
		where := first(of.Region, "us-east-1") // for a name, any will do
		id, err := connector.CanonicalID(connector.KubernetesCluster, where, of.Name)
		if err != nil {
			return none(&usageError{fmt.Sprintf("--cluster %q %v", k.name, err), "`aws-connector resources NAME --type kubernetes-cluster` lists the clusters"})
		}
		of.Name = id
	}
	name, err := k.connector(f, of, args)
	if err != nil {
		return none(err)
	}
	c, err := f.Lookup(name)
	if err != nil {
		return none(err)
	}
	of = helper.Cluster{Name: first(of.Name, c.Cluster()), Region: first(of.Region, c.Region)}
	if of.Name == "" {
		return none(&usageError{fmt.Sprintf("connector %q is not for one cluster", name), `name it with --cluster, or set resource_type = "kubernetes-cluster" and resource_id`})
	}
	if p := (connector.Connector{Region: of.Region}).Partition(); p != c.Partition() {
		return none(&usageError{fmt.Sprintf("the cluster is in partition %s, connector %q in %s", p, name, c.Partition()), "credentials work only in their own partition: name a connector in " + p})
	}
	return c, of, nil
}

// connector returns the name in args, else that of the one connector whose resource the cluster is.
func (k cluster) connector(f connector.File, of helper.Cluster, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	names := f.ForCluster(of.Name, of.Region)
	which := "a cluster"
	if of.Name != "" {
		which = fmt.Sprintf("cluster %q", of.Name)
	}
	if of.Region != "" {
		which += " in " + of.Region
	}
	switch len(names) {
	case 0:
		return "", &usageError{"no connector is for " + which, `give a NAME with --cluster, or set resource_type = "kubernetes-cluster" and resource_id in one`}
	case 1:
		return names[0], nil
	}
	return "", &usageError{fmt.Sprintf("%d connectors are for %s: %s", len(names), which, strings.Join(names, ", ")), "give the NAME of one"}
}

// atMostOne is as oneName, for a name that may be left out.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return oneName(what)(cmd, args)
	}
}
