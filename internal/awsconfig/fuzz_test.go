package awsconfig

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// Whatever the file: what is not in the profile's section stays byte for byte,
// and in it every other key; setting twice is setting once; and removing a
// profile that was made gives the file back.
func FuzzSet(f *testing.F) {
	for _, c := range edits[:len(edits)-1] {
		f.Add(c.before, true)
		f.Add(c.after, false)
	}
	f.Add("[profile deploy]\r\ns3=\n\n \n  a=b\r # c\n\r\n[x]\nq", true)
	f.Add("a\r", true)
	f.Add("\r\n \n", false)
	forced := unforced
	forced.Force = true
	f.Fuzz(func(t *testing.T, before string, region bool) {
		p := deploy
		if !region {
			p.Region = ""
		}
		got, err := Set([]byte(before), nil, []Profile{p}, forced)
		if err != nil {
			return
		}
		again, err := Set(got.Config, nil, []Profile{p}, unforced)
		if err != nil || !bytes.Equal(again.Config, got.Config) {
			t.Errorf("Set(%q) = %q, %v", got.Config, again.Config, err)
		}
		back, err := Remove(got.Config, Selection{Connectors: []string{"deploy"}}, isOurs)
		if err != nil {
			t.Errorf("Remove(%q) = %v", got.Config, err)
		}
		if strings.Contains(string(back.Config), process) && !strings.Contains(before, process) {
			t.Errorf("Remove(%q) = %q", got.Config, back.Config)
		}
		if n, want := bytes.Count(Outline(got.Config, isOurs), []byte("\n")), bytes.Count(got.Config, []byte("\n")); n != want {
			t.Errorf("Outline(%q) has %d lines, want %d", got.Config, n, want)
		}
		checkSections(t, before, string(got.Config), p)
		lower := strings.ToLower(before)
		had := strings.Contains(lower, processKey) || strings.Contains(lower, "by aws-connector")
		if !had && string(back.Config) != before {
			t.Errorf("Remove(Set(%q)) = %q", before, back.Config)
		}
	})
}

func checkSections(t *testing.T, before, after string, p Profile) {
	t.Helper()
	old, now := pieces(before), pieces(after)
	for i, s := range old {
		if s.profile != p.Name {
			if i >= len(now) || now[i].text != s.text && (i != len(old)-1 || !strings.HasPrefix(now[i].text, s.text)) {
				t.Fatalf("Set(%q) = %q: section %d changed", before, after, i)
			}
			continue
		}
		for _, k := range now[i].others {
			if !slices.Contains(s.others, k) {
				t.Errorf("Set(%q) = %q: key %q is new", before, after, k)
			}
		}
		if len(now[i].others) != len(s.others) {
			t.Errorf("Set(%q) = %q: keys %q became %q", before, after, s.others, now[i].others)
		}
	}
	i := slices.IndexFunc(now, func(s piece) bool { return s.profile == p.Name })
	if i < 0 || now[i].command != p.Command || p.Region != "" && now[i].region == "" {
		t.Errorf("Set(%q) = %q: the profile is not set", before, after)
	}
}

type piece struct {
	profile, text, command, region string
	others                         []string
}

// pieces cuts a file at its headers; the first piece is what comes before.
func pieces(file string) []piece {
	mark, text := cutMark([]byte(file))
	d := parse(text)
	from := 0
	list := []piece{{text: string(mark)}}
	for _, s := range d.sections {
		list[len(list)-1].text += string(text[from:d.starts[s.header]])
		from = d.starts[s.header]
		next := piece{profile: s.profile}
		for _, k := range s.props {
			switch raw := string(text[k.keyStart:k.valueEnd]); k.key {
			case processKey:
				next.command = k.value
			case regionKey:
				next.region = raw
			default:
				next.others = append(next.others, raw)
			}
		}
		list = append(list, next)
	}
	list[len(list)-1].text += string(text[from:])
	return list
}

func FuzzParseGet(f *testing.F) {
	f.Add("get a --resource-type s3-bucket --resource-id=b -v")
	f.Add("get -- -v --scope= --scope")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		g, ok := ParseGet(args)
		if !ok {
			return
		}
		again, ok := ParseGet(g.Arguments())
		if !ok || again != g || g.Connector == "" {
			t.Errorf("ParseGet(%q) = %+v, then %+v, %t", args, g, again, ok)
		}
		if flags := strings.Contains(line, "--resource") || strings.Contains(line, "--scope"); g.Narrow() && !flags || g.Written() && g.Narrow() && g.ResourceType == "" {
			t.Errorf("ParseGet(%q) = %+v, which nothing asks for", args, g)
		}
	})
}
