package connector

import (
	"slices"
	"strings"
)

// ForCluster returns the names of the connectors whose resource is a cluster of
// EKS, sorted: of that name, and in that region, where these are not empty. A
// broken connector is none of them.
func (f File) ForCluster(cluster, region string) []string {
	return slices.DeleteFunc(f.Names(), func(name string) bool {
		c, err := f.Lookup(name)
		return err != nil || c.Cluster() == "" || cluster != "" && c.Cluster() != cluster || region != "" && c.Region != region
	})
}

// Cluster returns the name of the cluster of EKS that the connector is for, empty
// where it is for none, or for all.
func (c Connector) Cluster() string {
	if c.ResourceType != KubernetesCluster {
		return ""
	}
	return c.ResourceID
}

// ARNRegion returns the region in an ARN; empty where id is none.
func ARNRegion(id string) string {
	parts := strings.SplitN(id, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return ""
	}
	return parts[3]
}
