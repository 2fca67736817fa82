package connector

// str passes a string of any of TOML's four kinds.
func (m *meter) str() {
	quote := m.text[m.pos]
	if len(m.text)-m.pos < 3 || m.text[m.pos+1] != quote || m.text[m.pos+2] != quote {
		m.short()
		return
	}
	m.pos += 3
	for m.pos < len(m.text) {
		switch c := m.text[m.pos]; {
		case c == '\\' && quote == '"':
			m.pos += 2
		case c == quote:
			start := m.pos
			for m.pos-start < 5 && m.pass(quote) {
			}
			if m.pos-start >= 3 { // up to two quotes of its own before the end
				return
			}
		default:
			m.pos++
		}
	}
	m.pos = min(m.pos, len(m.text))
}

// short passes a string of one line.
func (m *meter) short() {
	text, quote := m.text, m.text[m.pos]
	for i := m.pos + 1; i < len(text); i++ {
		switch text[i] {
		case '\n':
			m.pos = i
			return
		case quote:
			m.pos = i + 1
			return
		case '\\':
			if quote == '"' {
				i++
			}
		}
	}
	m.pos = len(text)
}
