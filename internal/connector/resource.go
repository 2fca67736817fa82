package connector

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// CanonicalID returns the one form of a resource id, for a connector in region.
//
//	aws-generic         the region
//	s3-bucket           s3://NAME, from NAME, s3://NAME/… or a bucket's or object's ARN
//	kubernetes-cluster  NAME, from NAME or the cluster's ARN
//	docker-registry     the registry's host, from host, URL, image name or repository ARN; public.ecr.aws
//
// Partition and region of an ARN or host must be the connector's.
func CanonicalID(t ResourceType, region, id string) (string, error) {
	p, ok := partitionOf(region)
	if !ok {
		return "", errors.New("unknown region")
	}
	switch t {
	case Generic:
		if id != region {
			return "", fmt.Errorf("must be the region, %q", region)
		}
		return id, nil
	case S3Bucket:
		return canonicalBucket(p, id)
	case KubernetesCluster:
		return canonicalCluster(p, region, id)
	case DockerRegistry:
		return canonicalRegistry(p, region, id)
	}
	return "", fmt.Errorf("unknown resource type %q", t)
}

func canonicalBucket(p partition, id string) (string, error) {
	name := id
	if arn, ok := strings.CutPrefix(id, "arn:"); ok {
		rest, ok := strings.CutPrefix(arn, p.name+":s3:::")
		if !ok {
			return "", fmt.Errorf("must be a bucket of partition %s: arn:%s:s3:::NAME", p.name, p.name)
		}
		name, _, _ = strings.Cut(rest, "/")
	} else if rest, ok := strings.CutPrefix(id, "s3://"); ok {
		name, _, _ = strings.Cut(rest, "/")
	}
	if !validBucket(name) {
		return "", errors.New("must be a bucket: NAME, s3://NAME or arn:" + p.name + ":s3:::NAME with 3 to 63 of a-z, 0-9, dot and dash")
	}
	return "s3://" + name, nil
}

// validBucket checks the rules of
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func validBucket(name string) bool {
	if !isBucketName(name) {
		return false
	}
	for _, bad := range []string{"..", ".-", "-."} {
		if strings.Contains(name, bad) {
			return false
		}
	}
	for _, bad := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, bad) {
			return false
		}
	}
	for _, bad := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, bad) {
			return false
		}
	}
	_, err := netip.ParseAddr(name)
	return err != nil
}

func canonicalCluster(p partition, region, id string) (string, error) {
	name := id
	if strings.HasPrefix(id, "arn:") {
		parts := strings.SplitN(id, ":", 6)
		if len(parts) != 6 || parts[1] != p.name || parts[2] != "eks" || !isAccountID(parts[4]) || !strings.HasPrefix(parts[5], "cluster/") {
			return "", fmt.Errorf("must be a cluster: NAME or arn:%s:eks:%s:ACCOUNT:cluster/NAME", p.name, region)
		}
		if parts[3] != region {
			return "", fmt.Errorf("is in region %q, the connector in %q", parts[3], region)
		}
		name = strings.TrimPrefix(parts[5], "cluster/")
	}
	if !isClusterName(name) {
		return "", errors.New("must be a cluster: a name of 1 to 100 letters, digits, dashes and underscores, or its ARN")
	}
	return name, nil
}

func canonicalRegistry(p partition, region, id string) (string, error) {
	form := fmt.Errorf("must be a registry: ACCOUNT.dkr.ecr.%s.%s or a repository's ARN", region, p.suffix)
	if strings.HasPrefix(id, "arn:") {
		parts := strings.SplitN(id, ":", 6)
		if len(parts) != 6 || parts[1] != p.name || parts[2] != "ecr" || !isAccountID(parts[4]) {
			return "", form
		}
		if name, ok := strings.CutPrefix(parts[5], "repository/"); parts[5] != "repository" && (!ok || !isRepository(name)) {
			return "", form
		}
		if parts[3] != region {
			return "", fmt.Errorf("is in region %q, the connector in %q", parts[3], region)
		}
		return Connector{Region: region}.RegistryOf(parts[4]), nil
	}
	rest := id
	if scheme, after, ok := strings.Cut(id, "://"); ok && (scheme == "https" || scheme == "http") {
		rest = after
	}
	host, path, _ := strings.Cut(rest, "/")
	r, ok := ParseRegistry(strings.ToLower(host))
	switch {
	case !ok, !isImage(path):
		return "", form
	case r.Public && p.name != publicPartition:
		return "", errors.New("public.ecr.aws exists only in partition aws")
	case r.Public:
		return PublicRegistry, nil
	case r.Region != region:
		return "", fmt.Errorf("is in region %q, the connector in %q", r.Region, region)
	}
	return r.Host, nil
}
