package dockerconfig

import "slices"

// hidden stands for a value.
const hidden = `"[redacted]"`

// Outline returns config as it may be shown: names of members, and of values the
// helpers alone that this program wrote. Blanks and line breaks stay. What is
// not a JSON object is replaced whole.
func Outline(config []byte) []byte {
	mark, text := cutMark(config)
	if isNothing(text) {
		return config
	}
	c, err := parse(text)
	if err != nil {
		return []byte(hidden + "\n")
	}
	out := slices.Clone(mark)
	from := 0
	for _, m := range c.root.members {
		out = append(out, text[from:m.value]...)
		out = append(out, outline(text[m.value:m.end], m.name == member)...)
		from = m.end
	}
	return append(out, text[from:]...)
}

// outline replaces what a JSON value has but names of members, and where it is
// the object of helpers those that are ours.
func outline(value []byte, helpers bool) []byte {
	var out []byte
	for i := 0; i < len(value); {
		end := i + 1
		switch b := value[i]; {
		case isSpace(b) || slices.Contains([]byte("{}[],:"), b):
			out = append(out, b)
		case b == '"':
			end = stringEnd(value, i)
			next := skipped(value[end:])
			isName := len(next) > 0 && next[0] == ':'
			if s := value[i:end]; isName || helpers && unquote(s) == Helper {
				out = append(out, s...)
			} else {
				out = append(out, hidden...)
			}
		default: // a number or word
			for end < len(value) && !isSpace(value[end]) && !slices.Contains([]byte("{}[],:"), value[end]) {
				end++
			}
			out = append(out, hidden...)
		}
		i = end
	}
	return out
}

// skipped returns text from its first byte that is not white space.
func skipped(text []byte) []byte { return text[skipSpace(text, 0):] }
