package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"aws-connector/helper"
)

// mostPages and mostItems are more than any account has.
const (
	mostPages = 1000
	mostItems = 100_000
	// longestToken is more than the token of any page has, in bytes.
	longestToken = 64 << 10
)

// sender returns what calls service in region.
func (s session) sender(ctx context.Context, service, region string) (*helper.Sender, error) {
	o, err := s.client(service, region)
	if err != nil {
		return nil, err
	}
	return o.Sender(ctx, helper.PageLimit)
}

var (
	errTooLong = fmt.Errorf("the list is larger than %d MiB", helper.ListLimit>>20)
	errForm    = errors.New("the answer is not of the form that AWS documents")
	errPages   = errors.New("the answer leads from one page to the same again")
	errEndless = fmt.Errorf("the list has more than %d pages", mostPages)
	errItems   = fmt.Errorf("the list has more than %d entries", mostItems)
)

// clipped returns s, or as much of it as shows that it is no name.
func clipped(s string) string {
	const longest = 256
	if len(s) <= longest {
		return s
	}
	return strings.Clone(s[:longest])
}

// page is what a page of a list has, but for its items themselves.
type page struct {
	next        string // the token of the page after it; empty for none
	size, items int
}

// pages calls ask with the token of each page, the first one's being empty,
// until there is no next token.
func pages(ask func(token string) (page, error)) error {
	seen := map[string]bool{}
	var all page
	for {
		got, err := ask(all.next)
		seen[all.next] = true
		all = page{got.next, all.size + got.size, all.items + got.items}
		switch {
		case err != nil:
			return err
		case all.size > helper.ListLimit:
			return errTooLong
		case all.items > mostItems:
			return errItems
		case len(got.next) > longestToken:
			return errForm
		case got.next == "":
			return nil
		case seen[got.next]:
			return errPages
		case len(seen) >= mostPages:
			return errEndless
		}
	}
}
