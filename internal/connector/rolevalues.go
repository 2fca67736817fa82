package connector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

func roleARN(v any) (string, error) {
	s, err := text(v)
	if err == nil && (!isRole(s) || len(s) > 2048) {
		err = fmt.Errorf("%q is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME", s)
	}
	return s, err
}

func policyARNs(v any) ([]string, error) {
	const most = 10
	l, err := texts(v)
	if err != nil {
		return nil, err
	}
	if len(l) > most {
		return nil, fmt.Errorf("has %d ARNs, AWS takes %d", len(l), most)
	}
	for _, s := range l {
		if !isManagedPolicy(s) {
			return nil, fmt.Errorf("has %q, which is not the ARN of a policy: arn:aws:iam::aws:policy/NAME", s)
		}
	}
	return l, nil
}

// policy reads a session policy and drops the blanks that count towards its limit.
func policy(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", errors.New("must be a string of JSON")
	}
	if holdsAccessKeyID(s) {
		return "", errSecret
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(s)); err != nil || compact.Len() == 0 || compact.Bytes()[0] != '{' {
		return "", errors.New("must be a JSON object")
	}
	s = compact.String()
	for _, r := range s {
		if r > 0xff || r < 0x20 {
			return "", fmt.Errorf("has character %q, which AWS does not take", r)
		}
	}
	return s, nil
}

func tags(v any) (map[string]string, error) {
	const most, longestKey, longestValue = 50, 128, 256
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("must be a table of strings")
	}
	if len(m) > most {
		return nil, fmt.Errorf("has %d tags, AWS takes %d", len(m), most)
	}
	all, folded := map[string]string{}, map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		value, ok := m[k].(string)
		switch {
		case !ok:
			return nil, fmt.Errorf("%q must be a string", k)
		case k == "" || utf8.RuneCountInString(k) > longestKey || !isTagText(k):
			return nil, fmt.Errorf("has key %q, not 1 to %d letters, digits, blanks and _.:/=+-@", k, longestKey)
		case utf8.RuneCountInString(value) > longestValue || !isTagText(value):
			return nil, fmt.Errorf("%q has a value that is not up to %d letters, digits, blanks and _.:/=+-@", k, longestValue)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			return nil, fmt.Errorf("has key %q: aws: is AWS's own prefix", k)
		case folded[strings.ToLower(k)] != "":
			return nil, fmt.Errorf("has %q and %q, which AWS takes for the same key", folded[strings.ToLower(k)], k)
		}
		folded[strings.ToLower(k)], all[k] = k, value
	}
	return all, nil
}
