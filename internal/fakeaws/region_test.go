package fakeaws

import (
	"slices"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	for _, test := range []struct {
		all  string
		size int
		want []string
	}{
		{"", 1, []string{""}},
		{"a", 1, []string{"a"}},
		{"a b c", 1, []string{"a", "b", "c"}},
		{"a b c d", 2, []string{"a b", "c d"}},
		{"a b c", 2, []string{"a b", "c"}},
		{"a b", 3, []string{"a b"}},
	} {
		var got []string
		for token := ""; ; {
			part, next, ok := page(strings.Fields(test.all), strings.Clone, token, test.size)
			if !ok {
				t.Fatalf("page(%q) does not know its own token %q", test.all, token)
			}
			got = append(got, strings.Join(part, " "))
			if token = next; token == "" {
				break
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("pages of %q by %d = %q, want %q", test.all, test.size, got, test.want)
		}
	}
	_, token, _ := page([]string{"a", "b", "d"}, strings.Clone, "", 2)
	if got, _, _ := page([]string{"a", "c", "d"}, strings.Clone, token, 2); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("the page after b, which is gone, = %q, want c and d", got)
	}
	for _, token := range []string{"x", "!", "YQ"} {
		if _, _, ok := page([]string{"a"}, strings.Clone, token, 1); ok {
			t.Errorf("page takes %q for a token", token)
		}
	}
}
