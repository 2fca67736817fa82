package cli

import (
	"regexp"
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain":           "plain",
		".SH x":           `\&.SH x`,
		"'br":             `\&\(aqbr`,
		`a\nb`:            `a\enb`,
		"--json":          `\-\-json`,
		"~/.aws":          `\(ti/.aws`,
		"`x` “…”":         `\(gax\(ga \[u201C]...\[u201D]`,
		`"a" ^`:           `\(dqa\(dq \(ha`,
		"wide \U0001f40b": `wide \[u1F40B]`,
	} {
		if got := escape(in); got != want {
			t.Errorf("escape(%q) = %q, want %q", in, got, want)
		}
	}
}

var macro = regexp.MustCompile(`^\.(TH|SH|SS|PP|TP|B|I|nf|fi|nh|ad)( |$)`)

func TestManual(t *testing.T) {
	page := run(t, "man")
	filled := true
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' }) {
			t.Errorf("%q is not for roff", line)
		}
		if strings.HasPrefix(line, ".") && !macro.MatchString(line) || strings.HasPrefix(line, "'") {
			t.Errorf("%q is an unknown request", line)
		}
		if line == ".nf" || line == ".fi" {
			if filled == (line == ".fi") {
				t.Errorf("%s without its counterpart", line)
			}
			filled = line == ".fi"
		}
		if strings.HasPrefix(line, ".S") && !filled {
			t.Errorf("%q in a literal block", line)
		}
	}
	for _, want := range []string{
		".SS \"aws\\-connector get NAME [flags]\"\n", ".SS \"aws\\-connector key add NAME [flags]\"\n", ".B \\-\\-dry\\-run\n", ".B \\-v, \\-\\-verbose\n",
		".SH \"ENVIRONMENT\"\n", ".SH \"EXIT STATUS\"\n", ".SH \"FILES\"\n", ".SH \"EXAMPLES\"\n", ".SH \"SEE ALSO\"\n", "aws(1), docker(1)", "AWS_CONNECTOR_CACHE_DIR", "expires_skew_tolerance",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the manual page lacks %q", want)
		}
	}
	if strings.Contains(page, "aws\\-connector man") {
		t.Error("the manual page tells of a hidden command")
	}
}
