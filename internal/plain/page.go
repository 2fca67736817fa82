package plain

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
)

var pageStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|script|h1)\b`)
})

// IsPage reports whether text, what a server answered, is a web page.
func IsPage(text []byte) bool {
	return pageStart().Match(bytes.TrimPrefix(text[:min(len(text), 4096)], []byte("\ufeff")))
}

var pageTitle = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)<title[^>]*>([^<]{1,500})`) })

// Title returns the title of a web page, which says whose it is, as ` ("Title")`;
// nothing for a page without one.
func Title(page []byte) string {
	const most = 80
	m := pageTitle().FindSubmatch(page[:min(len(page), 16<<10)])
	if m == nil {
		return ""
	}
	title := []rune(Line(string(m[1])))
	if len(title) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%q)", string(title[:min(len(title), most)]))
}
