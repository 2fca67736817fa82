package awsconfig

import (
	"bytes"
	"slices"
)

// Selection says of which profiles [Remove] takes the credential_process; the
// zero value is all that run this program.
type Selection struct {
	// Connectors are those that the profiles run, narrowed or not; none is any.
	Connectors []string
	// Narrowed are what the profiles ask for, of Connectors alone; none is any.
	Narrowed []Get
	// Profile is the name of the only one; "" is any.
	Profile string
}

func (s Selection) has(profile string, get Get) bool {
	return (s.Profile == "" || s.Profile == profile) && (len(s.Connectors) == 0 || slices.Contains(s.Connectors, get.Connector)) &&
		(len(s.Narrowed) == 0 || slices.Contains(s.Narrowed, get))
}

// about tells whether a person who selected so would want to know of a profile
// that is not taken away.
func (s Selection) about(profile string) bool {
	return s.Profile == profile || len(s.Narrowed) == 0 && slices.Contains(s.Connectors, profile)
}

// Remove takes away what [Set] put into the selected profiles: the
// credential_process, and with it the section or the region that a mark tells of
// and that are as they were. Whatever else is there stays, and what Set had
// replaced does not come back. A credential_process of a profile in question
// that stays is a finding. Its error is that of [Check].
func Remove(config []byte, selected Selection, ours func(program string) bool) (Result, error) {
	if err := Check(config); err != nil {
		return Result{}, err
	}
	mark, text := cutMark(config)
	r := Result{Config: config}
	d := parse(text)
	out := make([]byte, 0, len(text))
	at := 0
	for _, s := range d.sections {
		var gone []property
		for _, p := range s.props {
			if s.profile == "" || p.key != processKey {
				continue
			}
			process, runsUs := ParseProcess(d.valueOf(p), ours)
			wanted := runsUs && selected.has(s.profile, process.Get)
			switch {
			case wanted && !p.odd:
				gone = append(gone, p)
			case wanted:
				r.Findings = append(r.Findings, Finding{Kind: OddIndent, Line: p.line + 1, Profile: s.profile})
			case selected.about(s.profile):
				r.Findings = append(r.Findings, Finding{Kind: OtherCommand, Line: p.line + 1, Profile: s.profile})
			}
			if runsUs && (!wanted || p.odd) {
				r.Left++
			}
		}
		if len(gone) == 0 {
			continue
		}
		if !slices.Contains(r.Profiles, s.profile) {
			r.Profiles = append(r.Profiles, s.profile)
		}
		out = append(out, text[at:d.starts[s.header]]...)
		out, at = d.withoutOurs(out, s, gone)
	}
	if len(r.Profiles) > 0 {
		r.Config = slices.Concat(mark, out, text[at:])
	}
	return r, nil
}

// withoutOurs writes s to out, which ends before it, without those of its keys
// and what marks tell of. It returns out and how far it has read.
func (d doc) withoutOurs(out []byte, s section, gone []property) (_ []byte, at int) {
	drop := map[int]bool{}
	for _, p := range gone {
		for i := p.line; i < p.end; i++ {
			drop[i] = true
		}
	}
	all := false
	for _, i := range within(d.comments, s.header, s.end) {
		made, region, ok := d.readMark(i)
		if !ok {
			continue
		}
		drop[i] = true
		all = all || made
		if p, found := s.find(regionKey); found && region != "" && d.isRegion(p, region) {
			drop[p.line] = true
		}
	}
	if all && d.body(s.header) == headerOf(s.profile) && d.nothingElse(s, drop) {
		return d.dropSection(out, s)
	}
	at = d.starts[s.header]
	for i := s.header; i < s.end; i++ {
		from, to := d.starts[i], d.starts[i+1]
		if !drop[i] {
			continue
		}
		out = append(out, d.text[at:from]...)
		at = to
		if to == len(d.text) && d.text[to-1] != '\n' {
			out = out[:len(out)-len(lineEnding(out))] // what was the last line has no ending again
		}
	}
	return out, at
}

// nothingElse tells whether s has no other lines than those, and not even a
// comment behind them.
func (d doc) nothingElse(s section, lines map[int]bool) bool {
	return len(lines) == s.last()-s.header-1 && (s.last() == s.end || trim(d.body(s.last())) == "")
}

// dropSection leaves s out, and of the blank lines around it the one that
// appendProfile made.
func (d doc) dropSection(out []byte, s section) (_ []byte, at int) {
	to := d.starts[s.last()]
	nl := lineEnding(d.text[:d.starts[s.header+1]])
	switch {
	case (len(out) == 0 || endsBlank(out)) && bytes.HasPrefix(d.text[to:], []byte(nl)):
		to += len(nl) // of two blank lines the one before stays: it may have been there
	case !bytes.HasSuffix(d.text[:to], []byte("\n")) && bytes.HasSuffix(out, []byte(nl+nl)):
		out = out[:len(out)-2*len(nl)]
	case bytes.HasSuffix(out, []byte("\n"+nl)) || string(out) == nl:
		out = out[:len(out)-len(nl)]
	}
	return out, to
}
