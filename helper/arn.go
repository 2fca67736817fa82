package helper

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// arn is one of a principal or role; the zero value where there is none of a form that can be shown.
type arn struct{ text, account, kind, name string }

var principalARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):(root|user|role|assumed-role|federated-user)(?:/([\w+=,.@/-]+))?$`)
})

func parseARN(s string) arn {
	const longest = 256 // a message has room for a few
	m := principalARN().FindStringSubmatch(s)
	if m == nil || len(s) > longest {
		return arn{}
	}
	return arn{s, m[1], m[2], m[3]}
}

// principal names a caller as a trust policy does: that has the role of a session.
func (a arn) principal() string {
	switch a.kind {
	case "":
		return "the caller"
	case "assumed-role":
		role, _, _ := strings.Cut(a.name, "/")
		return fmt.Sprintf("role %s of account %s", role, a.account)
	}
	return a.text
}

// owner names, in a word or two, who has the identity-based policies of a caller.
func (a arn) owner() string {
	switch a.kind {
	case "user":
		return "the user"
	case "assumed-role", "role":
		return "that role"
	}
	return "the caller"
}
