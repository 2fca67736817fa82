package helper

import "bytes"

// shape is what a parser would make of a text of JSON or XML.
type shape struct {
	// depth is how deeply it nests, and parts how many elements it has.
	depth, parts int
	// open means that it ends within an element or a string.
	open bool
}

// shapeOf looks at body as JSON and as XML: a parser of either may get it.
func shapeOf(body []byte) shape {
	j, x := jsonShape(body), xmlShape(body)
	s := shape{depth: max(j.depth, x.depth), parts: max(j.parts, x.parts)}
	switch start := bytes.TrimLeft(body, " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[")):
		s.open = j.open
	case bytes.HasPrefix(start, []byte("<")) && !html(start):
		s.open = x.open
	}
	return s
}

// html reports whether a text is a web page, many of whose elements never end.
func html(b []byte) bool {
	b = bytes.ToLower(b[:min(len(b), 1024)])
	return bytes.HasPrefix(b, []byte("<!doctype")) || bytes.Contains(b, []byte("<html"))
}

func jsonShape(b []byte) (s shape) {
	depth := 0
	quoted := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			s.parts++
			s.depth = max(s.depth, depth)
		case c == '}' || c == ']':
			depth--
		case c == ',':
			s.parts++
		}
	}
	s.open = depth > 0 || quoted
	return s
}

func xmlShape(b []byte) (s shape) {
	depth := 0
	for {
		start := bytes.IndexByte(b, '<')
		if start < 0 {
			s.open = depth > 0
			return s
		}
		b = b[start:]
		length, attributes := tag(b)
		if length < 0 {
			s.open = true
			s.parts += attributes
			return s
		}
		switch {
		case b[1] == '!' || b[1] == '?':
		case b[1] == '/':
			depth--
		default:
			depth++
			s.parts += 1 + attributes
			s.depth = max(s.depth, depth)
			if b[length-2] == '/' {
				depth--
			}
		}
		b = b[length:]
	}
}

// tag returns the length of the tag, comment, section or instruction that b
// begins with, -1 if it does not end, and how many attributes it has.
func tag(b []byte) (length, attributes int) {
	for begin, end := range map[string]string{"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"} {
		if bytes.HasPrefix(b, []byte(begin)) {
			n := bytes.Index(b[len(begin):], []byte(end))
			if n < 0 {
				return -1, 0
			}
			return len(begin) + n + len(end), 0
		}
	}
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			attributes++
		case c == '>':
			return i + 1, attributes
		}
	}
	return -1, attributes
}
