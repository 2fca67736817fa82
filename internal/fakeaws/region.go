package fakeaws

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var regionForm = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// checkPlace reports what has not the form of an account or a region.
func checkPlace(account, region string) error {
	if !accountForm.MatchString(account) {
		return fmt.Errorf("account %q: not 12 digits", account)
	}
	if !regionForm.MatchString(region) {
		return fmt.Errorf("region %q: not the name of a region", region)
	}
	return nil
}

// partition is a closed part of AWS with names of its own.
type partition struct {
	name, suffix string
	dualStack    string // suffix of dual-stack registries, "" if there are none
}

// partitionOf returns the partition that a region is in, as the SDKs'
// partitions.json has it; that of a region unknown to it is "aws".
func partitionOf(region string) partition {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return partition{"aws-cn", "amazonaws.com.cn", "on.amazonwebservices.com.cn"}
	case strings.HasPrefix(region, "us-gov-"):
		return partition{"aws-us-gov", "amazonaws.com", "on.aws"}
	case strings.HasPrefix(region, "eusc-"):
		return partition{"aws-eusc", "amazonaws.eu", ""}
	case strings.HasPrefix(region, "us-iso-"):
		return partition{"aws-iso", "c2s.ic.gov", ""}
	case strings.HasPrefix(region, "us-isob-"):
		return partition{"aws-iso-b", "sc2s.sgov.gov", ""}
	case strings.HasPrefix(region, "eu-isoe-"):
		return partition{"aws-iso-e", "cloud.adc-e.uk", ""}
	case strings.HasPrefix(region, "us-isof-"):
		return partition{"aws-iso-f", "csp.hci.ic.gov", ""}
	}
	return partition{"aws", "amazonaws.com", "on.aws"}
}

// page returns the part of all, which is in the order of key, that follows what
// token, "" or one of an earlier page, stands for; and the token of the next
// part, "" if there is none. It is false if token is no such token. Things that
// come and go between two calls shift no page.
func page[T any](all []T, key func(T) string, token string, size int) ([]T, string, bool) {
	const prefix = "after "
	start := 0
	if token != "" {
		text, err := base64.RawURLEncoding.DecodeString(token)
		last, ok := strings.CutPrefix(string(text), prefix)
		if err != nil || !ok {
			return nil, "", false
		}
		i, found := slices.BinarySearchFunc(all, last, func(v T, last string) int { return cmp.Compare(key(v), last) })
		if start = i; found {
			start++
		}
	}
	all = all[start:]
	if len(all) <= size {
		return all, "", true
	}
	return all[:size], base64.RawURLEncoding.EncodeToString([]byte(prefix + key(all[size-1]))), true
}
