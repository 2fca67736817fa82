package connector

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestOutOfBounds(t *testing.T) {
	const (
		deep   = "its lists and tables are nested more than 16 deep"
		dots   = "a dotted key has more than 16 parts"
		long   = "a key is longer than 2048 bytes"
		strong = 17
	)
	brackets, braces := strings.Repeat("[", strong), strings.Repeat("{a=", strong)
	for text, want := range map[string]string{
		// Within bounds.
		"":                        "",
		"x=" + brackets[1:] + "]": "",
		"x=" + braces[3:]:         "",
		"x='" + brackets + "'":    "",
		`x="` + brackets + `"`:    "",
		`x="\"` + brackets + `"`:  "",
		`x="\\"` + "\ny=[[]]":     "",
		"x='''\n" + brackets + "\n'" + brackets + "''" + brackets + "'''":                       "",
		`x="""` + "\n" + brackets + `\"""` + brackets + `""` + brackets + `"""`:                 "",
		`x="""a"""""` + "\ny='" + brackets + "'":                                                "",
		"# " + brackets + "\nx=1 # " + brackets + "\ny=[1, # " + brackets + "\n]":               "",
		strings.Repeat("x=[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\n", 3):                               "",
		strings.Repeat("x={a=[{b=1},{b=1}],c={d=1}}\n", 30):                                     "",
		strings.Repeat("[a.b.c]\n[[d]]\n", 30):                                                  "",
		strings.Repeat("a.", 15) + "a=1":                                                        "",
		"[" + strings.Repeat("a . ", 15) + "a]":                                                 "",
		`"` + strings.Repeat("a.", 100) + `"=1`:                                                 "",
		"x=1." + strings.Repeat("1.", 40):                                                       "",
		strings.Repeat("k", 2048) + "=1":                                                        "",
		"x=" + strings.Repeat("]", strong) + brackets[1:]:                                       "",
		"x='" + strings.Repeat("k", 1<<20) + "'":                                                "",
		"x=\"unfinished\ny=" + brackets[1:]:                                                     "",
		"\xef\xbb\xbfx=1\n":                                                                     "",
		"x={\n# " + brackets + "\na=1, # " + braces + "\n b.c=[\n1,\n2]}\n" + "y=" + braces[3:]: "",
		`x="""` + brackets + `"""`:                                                              "", "x= + brackets + ": "",
		// Cut anywhere.
		"x": "", "x=": "", `x="`: "", `x=""`: "", `x="""`: "", `x="abc`: "", `x="abc\\`: "", "x='": "", "x={": "", "x={ ": "", "x={a=1,": "", "x=[": "", "[": "", "[a": "", "[a.": "", "a.": "", `"`: "", "#": "", "# c": "", "x=1 # c": "",

		// Beyond.
		"x=" + brackets + "\n": "1: " + deep, "x=" + braces + "\n": "1: " + deep, strings.Repeat("a.", 16) + "a=1\n": "1: " + dots,
		`x=['\', ` + brackets: "1: " + deep, strings.Repeat("a-a.", 16) + "a=1": "1: " + dots, strings.Repeat("a_a.", 16) + "a=1": "1: " + dots,
		"x=" + brackets:                                                           "1: " + deep,
		"a=1\n\nx=" + brackets:                                                    "3: " + deep,
		"x=" + braces:                                                             "1: " + deep,
		"x=[\n" + strings.Repeat("{a=[", 17):                                      "2: " + deep,
		"x='a'\ny=''\nz=" + brackets:                                              "3: " + deep,
		`x="\\"` + "\ny=" + brackets:                                              "2: " + deep,
		`x="""a\\"""` + "\ny=" + brackets:                                         "2: " + deep,
		`x="""a""""` + "\ny=" + brackets:                                          "2: " + deep,
		`x="""a"""""` + "\ny=" + brackets:                                         "2: " + deep,
		"x='''a'''''\ny=" + brackets:                                              "2: " + deep,
		"x='''\\'''\ny=" + brackets:                                               "2: " + deep,
		"x=['''\n''', \"\"\"\n\"\"\", " + brackets:                                "3: " + deep,
		"[\"a]\"]\nx=" + brackets:                                                 "2: " + deep,
		"'a=' = " + brackets:                                                      "1: " + deep,
		"x = 1 # '\ny=" + brackets:                                                "2: " + deep,
		strings.Repeat("a.", 16) + "a=1":                                          "1: " + dots,
		"[" + strings.Repeat("a.", 16) + "a]":                                     "1: " + dots,
		"[[" + strings.Repeat("'a' . ", 16) + "a]]":                               "1: " + dots,
		"x={" + strings.Repeat("a.", 16) + "a=1}":                                 "1: " + dots,
		"x={a=1,\n" + strings.Repeat("a.", 16) + "a=1}":                           "2: " + dots,
		"x=[{a=1},{" + strings.Repeat("a.", 16) + "a=1}]":                         "1: " + dots,
		strings.Repeat("k", 2049) + "=1":                                          "1: " + long,
		"['" + strings.Repeat("k", 2049) + "']":                                   "1: " + long,
		"x=[" + strings.Repeat("1,", 1<<20) + "]":                                 tooMuch,
		"x=[" + strings.Repeat("[],", 1<<19) + "]":                                tooMuch,
		"x=[" + strings.Repeat("{},", 1<<17) + "]":                                tooMuch,
		"x={" + strings.Repeat("a=1,", 1<<18) + "}":                               tooMuch,
		"[a]\n" + strings.Repeat("k=1\n", 1<<18):                                  tooMuch,
		strings.Repeat("[[a]]\n", 1<<17):                                          tooMuch,
		"[" + strings.Repeat("k", 2000) + "]\n" + strings.Repeat("k=1\n", 10_000): tooMuch,
	} {
		problem, line := outOfBounds(text)
		got := ""
		switch problem {
		case "":
		case tooMuch: // the line is where it was enough
			got = problem
		default:
			got = fmt.Sprintf("%d: %s", line, problem)
		}
		if got != want {
			t.Errorf("outOfBounds(%.60q) = %q, want %q", text, got, want)
		}
	}
}

// What a table costs does not depend on how its name is written.
func TestNewTablesCostMore(t *testing.T) {
	cost := func(unit func(i int) string) int {
		var b strings.Builder
		for i := range 1000 {
			b.WriteString(unit(i))
		}
		m := meter{text: b.String()}
		for m.pos < len(m.text) {
			if problem := m.statement(); problem != "" {
				t.Fatal(problem)
			}
		}
		return m.cost
	}
	for _, unit := range []func(i int) string{
		func(i int) string { return fmt.Sprintf("[x%d.b.c.d]\n", i) },
		func(i int) string { return fmt.Sprintf("[a.x%d.b.c.d]\n", i) },
		func(i int) string { return fmt.Sprintf("x%d.b.c.d.e=1\n", i) },
		func(i int) string { return fmt.Sprintf("[x%d]\na.b.c.d=1\n", i) },
		func(i int) string { return fmt.Sprintf("x%d={a={b={c={}}}}\n", i) },
		func(i int) string { return fmt.Sprintf("x%d=[{a.b.c.d=1}]\n", i) },
		func(int) string { return "[[a]]\n[a.b]\n[a.b.c.d]\n" },
	} {
		if got := cost(unit); got < 4*1000*ofTable {
			t.Errorf("%q costs %d each, less than four tables", unit(0), got/1000)
		}
	}
	if got := cost(func(i int) string { return fmt.Sprintf("a.b.c.d.e.f.x%d={a.b.c.d.e.f.g=1}\n", i) }); got < 7*1000*ofTable {
		t.Errorf("an inline table costs %d, as if its own tables were those around it", got/1000)
	}
	if got := cost(func(i int) string { return fmt.Sprintf("connectors.a.k%d=1\n", i) }); got > 1000*2*ofTable {
		t.Errorf("a dotted key costs %d, as much as if its tables were new", got/1000)
	}
}

func TestWhatKeysCost(t *testing.T) {
	const key, table = ofKey, ofTable
	for text, want := range map[string]int{
		"# x":               0,
		"a.b=1":             key/2 + table + 2*ofPath + key + 4*ofPath,
		"[a]\n":             table + 2*ofPath,
		"[a]\nk.l=1":        table + 2*ofPath + table + 4*ofPath + key + 6*ofPath,
		"[a]\nk=1\n":        table + 2*ofPath + key + 4*ofPath,
		"[a]\nk=[1,2]":      table + 2*ofPath + key + 4*ofPath + 2*ofElement,
		"[a]\nk={l=1,m=2}":  table + 2*ofPath + key + 4*ofPath + 2*ofElement + table + 2*(key/2+key+6*ofPath),
		"[a.b]\n[a.b.c]":    2*table + (2+4)*ofPath + 2*ofSameTable + table + (2+4+6)*ofPath,
		"[a.b]\n[[a.b]]":    2*table + (2+4)*ofPath + ofSameTable + table + (2+4)*ofPath,
		"[ab-c_d.'x y']\n#": 2*table + (7+13)*ofPath,
	} {
		m := meter{text: text}
		for m.pos < len(text) {
			if problem := m.statement(); problem != "" {
				t.Fatal(problem)
			}
		}
		if m.cost != want {
			t.Errorf("%q costs %d, want %d", text, m.cost, want)
		}
	}
}

func TestAHostileFileIsAnError(t *testing.T) {
	for _, text := range []string{"a=1\nx=" + strings.Repeat("[", 4<<20-10), "\n" + strings.Repeat("a.", 10_000) + "a=1", "\nx=" + strings.Repeat("{a=", 1<<20)} {
		_, err := Parse("f", []byte(text))
		var e *Error
		if !errors.As(err, &e) || e.Line != 2 || e.Advice == "" || len(err.Error()) > 200 {
			t.Errorf("Parse(%.20q) = %v, want an *Error about line 2", text, err)
		}
	}
}

// nesting returns how many lists are in one another in v.
func nesting(v any) int {
	most := 0
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			most = max(most, nesting(e))
		}
	case []map[string]any:
		for _, e := range v {
			most = max(most, nesting(e))
		}
	case []any:
		for _, e := range v {
			most = max(most, nesting(e))
		}
		most++
	}
	return most
}

// FuzzOutOfBounds looks for a text whose brackets the meter does not see.
func FuzzOutOfBounds(f *testing.F) {
	deep := strings.Repeat("[", 17) + strings.Repeat("]", 17)
	for _, s := range []string{"x=" + deep, `x="""a""""` + "\ny=" + deep, `x='''a'''''` + "\ny=" + deep, "x={a=[1,{b='''\n'''}],\n# c\n'd'.e=" + deep + "}", `x="""\""""""` + "\ny=" + deep, "[[a]]\n\"b\\\"]\"=" + deep, "x=1#\r\ny=" + deep} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		problem, _ := outOfBounds(text)
		if len(text) > 4096 || strings.Count(text, "[")+strings.Count(text, "{") > 300 || strings.Count(text, ".") > 300 {
			return // the parser would take too long
		}
		top, err := decode(text)
		if err != nil {
			return
		}
		if n := nesting(top); n > deepest && problem == "" {
			t.Errorf("%q nests %d deep and is within bounds", text, n)
		}
	})
}
