package connector

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
)

func text(v any) (string, error) {
	s, ok := v.(string)
	switch {
	case !ok:
		return "", errors.New("must be a string")
	case s == "":
		return "", errors.New("is empty")
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", errors.New("has control characters")
	case holdsAccessKeyID(s):
		return "", errSecret
	}
	return s, nil
}

var errSecret = errors.New("holds an access key, which does not belong in this file")

func boolean(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, errors.New("must be true or false")
	}
	return b, nil
}

func seconds(v any) (time.Duration, error) {
	const most = 10 * 365 * 24 * 3600
	n, ok := v.(int64)
	if !ok || n < 0 || n > most {
		return 0, errors.New("must be a whole number of seconds, 0 or more")
	}
	return time.Duration(n) * time.Second, nil
}

func positive(v any) (time.Duration, error) {
	d, err := seconds(v)
	if err != nil || d == 0 {
		return 0, errors.New("must be a whole number of seconds, 900 or more")
	}
	return d, nil
}

func name(v any) (string, error) {
	s, err := text(v)
	if err == nil && !ValidName(s) {
		// It is not shown: a secret may have been pasted in its place.
		err = errors.New("is not a name: at most 64 letters, digits, dots, dashes and underscores, the first a letter or digit")
	}
	return s, err
}

func region(v any) (string, error) {
	s, err := text(v)
	if err == nil && !ValidRegion(s) {
		err = fmt.Errorf("%q is not an AWS region", s)
	}
	return s, err
}

func matching(is func(string) bool, what string) func(any) (string, error) {
	return func(v any) (string, error) {
		s, err := text(v)
		if err == nil && !is(s) {
			err = errors.New("must be " + what)
		}
		return s, err
	}
}

func external(v any) (string, error) {
	s, err := text(v)
	if err == nil && !isExternalID(s) {
		err = errors.New("must be 2 to 1224 of letters, digits and _+=,.@:/-")
	}
	return s, err
}

func endpoint(v any) (string, error) {
	s, err := text(v)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", errors.New("must be a URL: https://HOST[:PORT]")
	case u.User != nil:
		return "", errors.New("must be a URL without user and password")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", errors.New("must be a URL without query and fragment")
	}
	return s, nil
}

func endpoints(v any) (map[string]string, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("must be a table of URLs by service")
	}
	services := []string{"sts", "ecr", "ecr-public", "eks", "s3", "iam"}
	urls := map[string]string{}
	for _, service := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(services, service) {
			return nil, fmt.Errorf("has unknown service %q; there are %s", service, strings.Join(services, ", "))
		}
		u, err := endpoint(m[service])
		if err != nil {
			return nil, fmt.Errorf("%s %w", service, err)
		}
		urls[service] = u
	}
	return urls, nil
}

func texts(v any) ([]string, error) {
	l, ok := v.([]any)
	if !ok {
		return nil, errors.New("must be a list of strings")
	}
	var all []string
	for i, e := range l {
		s, err := text(e)
		if err != nil {
			return nil, fmt.Errorf("element %d %w", i+1, err)
		}
		if slices.Contains(all, s) {
			return nil, fmt.Errorf("has %q twice", s)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("is empty")
	}
	return all, nil
}

func registries(v any) ([]string, error) {
	l, err := texts(v)
	for _, s := range l {
		if err := validClaim(s); err != nil {
			return nil, fmt.Errorf("element %w", err)
		}
	}
	return l, err
}

func instant(v any) (time.Time, error) {
	wrong := errors.New("must be a time with its zone, such as 2006-01-02T15:04:05Z")
	switch v := v.(type) {
	case time.Time:
		if strings.HasSuffix(v.Location().String(), "-local") {
			return time.Time{}, wrong
		}
		return v.UTC(), nil
	case string:
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return time.Time{}, wrong
		}
		return t.UTC(), nil
	}
	return time.Time{}, wrong
}
