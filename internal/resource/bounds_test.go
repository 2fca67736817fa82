package resource

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

func TestPages(t *testing.T) {
	next := func(n int) string { return fmt.Sprint(n) }
	for name, test := range map[string]struct {
		page func(n int) page // the n-th, from 1
		want error
		asks int
	}{
		"one":                {func(int) page { return page{} }, nil, 1},
		"the same token":     {func(int) page { return page{next: "a"} }, errPages, 2},
		"alternating tokens": {func(n int) page { return page{next: next(n % 2)} }, errPages, 3},
		"a late circle":      {func(n int) page { return page{next: next(n % 100)} }, errPages, 101},
		"as many as may be":  {func(n int) page { return page{next: next(n)[:len(next(n))*min(1, mostPages-n)]} }, nil, mostPages},
		"endless":            {func(n int) page { return page{next: next(n)} }, errEndless, mostPages},
		"as large as may be": {func(n int) page { return page{next: next(n)[:min(1, 4-n)], size: helper.ListLimit / 4} }, nil, 4},
		"large":              {func(n int) page { return page{next: next(n), size: helper.ListLimit / 4} }, errTooLong, 5},
		"the last too large": {func(int) page { return page{size: helper.ListLimit + 1} }, errTooLong, 1},
		"many items":         {func(n int) page { return page{next: next(n), items: mostItems} }, errItems, 2},
		"a huge token":       {func(int) page { return page{next: strings.Repeat("x", longestToken+1)} }, errForm, 1},
	} {
		asks := 0
		err := pages(func(token string) (page, error) {
			if asks > 0 && token != test.page(asks).next {
				t.Errorf("%s: page %d was asked for with %q", name, asks+1, token)
			}
			asks++
			return test.page(asks), nil
		})
		if err != test.want || asks != test.asks {
			t.Errorf("%s: pages = %v after %d, want %v after %d", name, err, asks, test.want, test.asks)
		}
	}
}

// mad panics wherever it is asked.
type mad struct {
	source
	sane bool
}

func (m mad) Credentials(ctx context.Context, name string) (helper.Credentials, error) {
	if m.sane {
		return m.source.Credentials(ctx, name)
	}
	panic("CANARY")
}

func (mad) Client(connector.Connector, helper.Credentials, string, string) (helper.Client, error) {
	panic("CANARY")
}

func TestPanicsAreFailures(t *testing.T) {
	f := file(t, "[connectors.c]\n")
	c, err := f.Lookup("c")
	if err != nil {
		t.Fatal(err)
	}
	lists, err := List(t.Context(), mad{sane: true}, c, Types())
	if err != nil || len(lists) != 3 {
		t.Fatalf("List = %v, %v", lists, err)
	}
	for i, l := range lists {
		if l.Type != Types()[i] || !errors.Is(l.Err, errCrash) {
			t.Errorf("List of %s = %v", l.Type, l.Err)
		}
	}
	for _, sane := range []bool{true, false} {
		k := Checker{File: f, Source: mad{sane: sane}}
		k.Check(t.Context(), []string{"c"}, func(_ int, r Report) {
			if !errors.Is(r.Failure(), errCrash) {
				t.Errorf("Check = %+v", r)
			}
		})
	}
}
