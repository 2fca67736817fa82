package helper

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"aws-connector/cache"
)

// The callers that a failure is kept for, as people know them.
const (
	askedGet    = "get"
	askedDocker = "docker get"
	askedKube   = "kube-token"
)

const (
	// lastLife is how long a last failure is worth showing.
	lastLife = 7 * 24 * time.Hour
	// lastWait is how long a disk may hold a failure back to keep it.
	lastWait = 200 * time.Millisecond
	// lastLimit bounds the text of one, in bytes, and as much again of what to do.
	lastLimit = 1000
	// lastSuffix ends the names of their slots, which are those of failures too.
	lastSuffix = ".last" + failedSuffix
)

// LastFailure is why a connector had no answer when it was last asked for one of its
// kind: many programs do not show what this one says.
type LastFailure struct {
	Connector string
	// Asked is what was asked for, as the command's name: get, docker get or kube-token.
	Asked string
	At    time.Time
	// Kind is what [Helper.Explain] says of it, empty where there is none.
	Kind string
	// Text and Hint are one line each; Hint may be empty.
	Text, Hint string
	// Edited means that the connector was another one then.
	Edited bool
}

// lastEntry is a LastFailure in the cache.
type lastEntry struct {
	owner
	Asked string `json:"asked"`
	At    int64  `json:"at"` // seconds since 1970
	Kind  string `json:"kind,omitempty"`
	Text  string `json:"text"`
	Hint  string `json:"hint,omitempty"`
	Print string `json:"print"`
}

// finish tells of a's answer, and keeps its failure or forgets the one before it. An
// answer that the cache had costs nothing.
func (h *Helper) finish(asked string, a Answer) {
	switch {
	case a.Err != nil:
		h.NoteFailure(asked, a.Connector, a.Err)
	case !a.Cached:
		h.forgetFailure(asked, a.Connector)
	}
	h.tell(a)
}

// NoteFailure keeps err as the last failure of the connector called name to answer what
// was asked, as the command's name. It waits
// for no disk; that the failure cannot be kept changes nothing.
func (h *Helper) NoteFailure(asked, name string, err error) {
	if h.Cache == nil || errors.Is(err, context.Canceled) || again(err) {
		return
	}
	e := lastEntry{owner: owner{File: h.Connectors.Path, Connector: name}, Asked: asked, At: h.now().Unix(), Text: clipped(err.Error()), Print: h.print(name)}
	if h.Explain != nil {
		e.Kind, e.Hint = h.Explain(err)
		e.Hint = clipped(e.Hint)
	}
	data, wrong := json.Marshal(e)
	kept, inTime := within(context.Background(), lastWait, func() error {
		return h.lastSlot(name, asked).Put(h.now(), cache.Entry{Expires: h.now().Add(lastLife), Data: data})
	})
	if wrong != nil || !inTime || kept != nil {
		h.log().Debug("last failure not kept", "connector", name, "in time", inTime, "err", errors.Join(wrong, kept))
	}
}

// again reports whether err is one that somebody else had, who keeps it.
func again(err error) bool {
	var e *Error
	var d *dialogError
	return errors.As(err, &e) && e.shared || errors.As(err, &d)
}

func (h *Helper) forgetFailure(asked, name string) {
	if h.Cache != nil {
		within(context.Background(), lastWait, func() error { return h.lastSlot(name, asked).Remove() })
	}
}

func (h *Helper) lastSlot(name, asked string) cache.Slot {
	return h.Cache.Slot(name + "-" + digest("last failure", h.Connectors.Path, asked) + lastSuffix)
}

// print tells apart the versions of a connector in which it may fail in other ways.
func (h *Helper) print(name string) string {
	c, err := h.Connectors.AsWritten().Lookup(name)
	if err != nil {
		return ""
	}
	parts := []string{c.Fingerprint()}
	if c.AllowImplicit {
		parts = append(parts, "implicit")
	}
	if c.SkewTolerance != nil {
		parts = append(parts, c.SkewTolerance.String())
	}
	return digest(parts...)
}

// clipped is text from elsewhere as one line of at most lastLimit bytes.
func clipped(s string) string {
	s = oneLine(s)
	if len(s) > lastLimit {
		s = strings.ToValidUTF8(s[:lastLimit], "") + "…"
	}
	return s
}

// LastFailures returns the last failures of the connector called name, latest first: one
// at most for each of what it can be asked for. Those that were followed by a new answer
// are forgotten. It asks nobody.
func (h *Helper) LastFailures(name string) []LastFailure {
	if h.Cache == nil {
		return nil
	}
	var all []LastFailure
	for _, asked := range []string{askedGet, askedDocker, askedKube} {
		entry, ok := h.lastSlot(name, asked).Get(h.now())
		var e lastEntry
		if !ok || json.Unmarshal(entry.Data, &e) != nil || e.Connector != name || e.File != h.Connectors.Path || e.Text == "" {
			continue
		}
		all = append(all, LastFailure{name, e.Asked, time.Unix(e.At, 0).UTC(), e.Kind, clipped(e.Text), clipped(e.Hint), e.Print != h.print(name)})
	}
	slices.SortStableFunc(all, func(a, b LastFailure) int { return b.At.Compare(a.At) })
	return all
}
