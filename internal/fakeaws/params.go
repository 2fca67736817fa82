package fakeaws

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits on parameters, from the service model of 2011-06-15.
var (
	namePattern       = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalIDPattern = regexp.MustCompile(`^[\w+=,.@:\/-]*$`)
	serialPattern     = regexp.MustCompile(`^[\w+=/:,.@-]*$`)
	codePattern       = regexp.MustCompile(`^[\d]*$`)
	policyPattern     = regexp.MustCompile(`^[\x{0009}\x{000A}\x{000D}\x{0020}-\x{00FF}]+$`)
)

// form reads parameters and collects what is wrong with them, since AWS tells
// all of it at once.
type form struct {
	url.Values
	problems []string
}

// refusal returns the ValidationError for what has been read so far, nil if all
// of it was right.
func (f *form) refusal() *refusal {
	if f.problems == nil {
		return nil
	}
	noun := "validation error"
	if len(f.problems) > 1 {
		noun = "validation errors"
	}
	return refuse(http.StatusBadRequest, "ValidationError", "%d %s detected: %s", len(f.problems), noun, strings.Join(f.problems, "; "))
}

func (f *form) reject(name, value, constraint string) {
	f.problems = append(f.problems, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s",
		value, strings.ToLower(name[:1])+name[1:], constraint))
}

// required is optional for a parameter that must be there.
func (f *form) required(name string, least, most int, pattern *regexp.Regexp) string {
	if !f.Has(name) {
		f.reject(name, "null", "Member must not be null")
		return ""
	}
	return f.optional(name, least, most, pattern)
}

// optional returns a parameter of least to most characters; nil is any pattern.
func (f *form) optional(name string, least, most int, pattern *regexp.Regexp) string {
	v := f.Get(name)
	if !f.Has(name) {
		return ""
	}
	quoted := "'" + v + "'"
	switch n := utf8.RuneCountInString(v); {
	case n < least:
		f.reject(name, quoted, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	case n > most:
		f.reject(name, quoted, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
	if pattern != nil && !pattern.MatchString(v) {
		f.reject(name, quoted, "Member must satisfy regular expression pattern: "+strings.Trim(pattern.String(), "^$"))
	}
	return v
}

// minDuration is the shortest session that any action makes.
const minDuration = 15 * time.Minute

// duration returns DurationSeconds, or standard if there is none.
func (f *form) duration(standard, most time.Duration) time.Duration {
	const name = "DurationSeconds"
	if !f.Has(name) {
		return standard
	}
	v := f.Get(name)
	n, err := strconv.ParseInt(v, 10, 32)
	d := time.Duration(n) * time.Second
	switch {
	case err != nil:
		f.reject(name, "'"+v+"'", "Member must be an integer")
	case d < minDuration:
		f.reject(name, "'"+v+"'", fmt.Sprintf("Member must have value greater than or equal to %.0f", minDuration.Seconds()))
	case d > most:
		f.reject(name, "'"+v+"'", fmt.Sprintf("Member must have value less than or equal to %.0f", most.Seconds()))
	}
	return d
}

// list returns NAME.member.1SUFFIX and those that follow it, of which there may
// be most.
func (f *form) list(name, suffix string, most int) []string {
	var values []string
	for {
		key := fmt.Sprintf("%s.member.%d%s", name, len(values)+1, suffix)
		if !f.Has(key) {
			break
		}
		values = append(values, f.Get(key))
	}
	if len(values) > most {
		f.reject(name, "'["+strings.Join(values, ", ")+"]'", fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
	return values
}
