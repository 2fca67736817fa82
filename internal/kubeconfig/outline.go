package kubeconfig

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const hidden = "[redacted]"

// plainKeys are keys that may be shown, without their values.
const plainKeys = `apiVersion kind preferences extensions extension clusters cluster contexts context users user name namespace server
	certificate-authority certificate-authority-data insecure-skip-tls-verify tls-server-name proxy-url current-context exec command args env value
	interactiveMode installHint provideClusterInfo client-certificate client-certificate-data client-key client-key-data token tokenFile username
	password auth-provider config as`

// shownKeys are those whose values hold no secret.
const shownKeys = "apiVersion kind name cluster user current-context interactiveMode provideClusterInfo"

// Outline returns text as it may be shown, line by line: of this program's entries
// all but variables, of others names, and keys without their values.
func Outline(text []byte, ours Program) []byte {
	d, err := parse(text)
	if err != nil {
		return []byte(strings.Repeat(hidden+"\n", strings.Count(string(text), "\n")+1))
	}
	own := d.ownLines(ours)
	form := regexp.MustCompile(`^([\s-]*)"?([A-Za-z-]+)"?:\s*(.*)$`)
	var out strings.Builder
	for i := range d.starts {
		line := d.line(i)
		end := string(text[d.start(i)+len(line) : d.start(i+1)])
		out.WriteString(outline(form.FindStringSubmatch(line), line, own[i]) + end)
	}
	return []byte(out.String())
}

func outline(m []string, line string, own bool) string {
	switch bare := strings.TrimSpace(line); {
	case bare == "" || strings.Trim(bare, "[]{}, -") == "":
		return line
	case m == nil && own:
		return line
	case m == nil || !slices.Contains(strings.Fields(plainKeys), m[2]):
		return line[:len(line)-len(strings.TrimLeft(line, " \t"))] + hidden
	case own && m[2] == "certificate-authority-data":
		return line[:len(line)-len(m[3])] + fmt.Sprintf("(%d bytes)", len(m[3]))
	case own && m[2] != "value", strings.Trim(m[3], "[]{}, ") == "":
		return line
	case slices.Contains(strings.Fields(shownKeys), m[2]) && strings.Trim(m[3], `",`) != "" && !strings.ContainsAny(m[3], "{[#&*|>"):
		return line
	}
	return line[:len(line)-len(m[3])] + hidden
}

// ownLines are the lines of this program's entries, counted from 0.
func (d *document) ownLines(ours Program) map[int]bool {
	all := map[int]bool{}
	for _, section := range []string{clusters, contexts, users} {
		key, value := pair(d.root, section)
		if value == nil || value.Kind != yaml.SequenceNode {
			continue
		}
		for i, name := range d.names(section) {
			if !d.owns(name, ours) {
				continue
			}
			var from, to int
			switch n := value.Content[i]; {
			case value.Style&yaml.FlowStyle == 0:
				from, to = d.lines(key, value, i)
			case d.lined():
				_, end := d.extent(n)
				from, to = n.Line-1, n.Line+strings.Count(string(d.text[d.offset(n):max(end, d.offset(n))]), "\n")
			}
			for l := from; l < to; l++ {
				all[l] = true
			}
		}
	}
	return all
}
