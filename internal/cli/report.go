package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"time"

	"aws-connector/internal/plain"
	"aws-connector/internal/resource"
)

// patience is how long a report is held back for those before it in the order of names.
const patience = time.Second

// telling tells reports in the order of their names, but none much later than it
// is there: one connector that hangs hides no other.
type telling struct {
	out     io.Writer
	screen  screen
	line    *progress
	names   []string
	reports []*resource.Report
	quiet   bool

	mu    sync.Mutex
	told  []bool
	some  bool
	held  int   // how many questions are on the screen
	due   []int // what is to be told once there are none
	first int   // the first one that is not told
	err   error
}

func (t *telling) done(i int, r resource.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reports[i] = &r
	for t.first < len(t.reports) && t.reports[t.first] != nil {
		t.tell(t.first)
		t.first++
	}
	if i > t.first {
		time.AfterFunc(patience, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			for j := t.first; j <= i; j++ {
				t.tell(j)
			}
		})
	}
	t.line.say(t.waiting())
}

func (t *telling) tell(i int) {
	if t.told == nil {
		t.told = make([]bool, len(t.names))
	}
	if t.reports[i] == nil || t.told[i] || t.quiet || t.err != nil {
		return
	}
	if t.held > 0 {
		t.due = append(t.due, i)
		return
	}
	t.told[i] = true
	defer t.line.hold()()
	text := t.screen.report(*t.reports[i])
	if t.some {
		text = "\n" + text
	}
	t.some = true
	_, t.err = io.WriteString(t.out, text)
}

// hold keeps the screen free for a question until release is called.
func (t *telling) hold() (release func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held++
	line := t.line.hold()
	return func() {
		line()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.held--
		due := t.due
		t.due = nil
		for _, i := range due {
			t.tell(i)
		}
	}
}

// waiting says how far the check is and for which connectors it waits.
func (t *telling) waiting() string {
	var open []string
	for i, r := range t.reports {
		if r == nil {
			open = append(open, plain.Line(t.names[i]))
		}
	}
	if len(open) == 0 {
		return ""
	}
	return fmt.Sprintf("checked %d of %d, waiting for %s", len(t.names)-len(open), len(t.names), strings.Join(open, ", "))
}

func (t *telling) failures() []error {
	var errs []error
	for _, r := range t.reports {
		for _, s := range r.Steps {
			errs = append(errs, s.Err)
		}
	}
	return errs
}

func (t *telling) summary(took time.Duration) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	failed := 0
	for _, r := range t.reports {
		if !r.Passed() {
			failed++
		}
	}
	if t.err != nil {
		return t.err
	}
	_, err := fmt.Fprintf(t.out, "\n%s: %d passed, %d failed%s\n", count(len(t.names), "connector"), len(t.names)-failed, failed, after(", ", seconds(took)))
	return err
}

// report returns a report as a person reads it: a line for the connector, one
// for each step, and below what does not fit.
func (s screen) report(r resource.Report) string {
	const margin = 2
	var b strings.Builder
	outcome := resource.Passed
	if !r.Passed() {
		outcome = resource.Failed
	}
	fmt.Fprintf(&b, "%s: %s%s\n", plain.Line(r.Connector), s.outcome(outcome), after(", ", seconds(r.Took)))
	for _, step := range r.Steps {
		row := fmt.Sprintf("  %-11s  %s%*s  %6s  ", step.Name, s.outcome(step.Outcome), len(resource.Skipped)-len(step.Outcome), "", took(step))
		column := len("  credentials  skipped  55.00s  ")
		b.WriteString(s.beside(row, column, 3*margin, plain.Line(detail(r, step))))
		if hint := plain.Line(hintFor(step.Err)); hint != "" {
			b.WriteString(s.fold(2*margin, "hint: "+hint) + "\n")
		}
	}
	return b.String()
}

func (s screen) outcome(o resource.Outcome) string {
	mark := map[resource.Outcome]rune{resource.Passed: greenMark, resource.Failed: redMark, resource.Skipped: yellowMark}[o]
	return s.paint(mark, string(o))
}

// detail is what a step found, or what is wrong.
func detail(r resource.Report, s resource.Step) string {
	if s.Err == nil {
		return s.Detail
	}
	text := problem(r, s)
	if s.Name == resource.StepToken || s.Name == resource.StepRegistry {
		text = s.Resource + ": " + text
	}
	return text
}

// problem is a step's error without the name of its connector, which is told already.
func problem(r resource.Report, s resource.Step) string {
	text := strings.TrimPrefix(describe(s.Err), fmt.Sprintf("connector %q: ", r.Connector))
	if len(text) > messageLimit {
		text = strings.ToValidUTF8(text[:messageLimit], "") + "…"
	}
	return text
}

func took(s resource.Step) string {
	if s.Outcome == resource.Skipped {
		return "-"
	}
	return seconds(s.Took)
}

// seconds is empty where nothing that a person would notice was waited for.
func seconds(d time.Duration) string {
	if d < 5*time.Millisecond {
		return ""
	}
	return fmt.Sprintf("%.2fs", d.Seconds())
}

// after returns text after what separates it, nothing without text.
func after(separator, text string) string {
	if text == "" {
		return ""
	}
	return separator + text
}

// checked is a connector as `check --json` tells it.
type checked struct {
	Name    string  `json:"name"`
	Outcome string  `json:"outcome"` // passed or failed
	Seconds float64 `json:"seconds"`
	// AccountID and ARN are who the credentials are of.
	AccountID string `json:"account_id,omitempty"`
	ARN       string `json:"arn,omitempty"`
	// ExitStatus is what checking this connector alone would end with.
	ExitStatus int           `json:"exit_status"`
	Steps      []checkedStep `json:"steps"`
}

type checkedStep struct {
	Step     string  `json:"step"`
	Resource string  `json:"resource,omitempty"` // id or host
	Outcome  string  `json:"outcome"`            // passed, failed or skipped
	Seconds  float64 `json:"seconds"`
	Detail   string  `json:"detail,omitempty"`
	Problem  string  `json:"problem,omitempty"`
	Hint     string  `json:"hint,omitempty"`
}

func (t *telling) json() []checked {
	all := []checked{}
	for _, r := range t.reports {
		c := checked{Name: r.Connector, Outcome: string(resource.Passed), Seconds: rounded(r.Took), AccountID: r.Account, ARN: r.ARN}
		var errs []error
		for _, s := range r.Steps {
			step := checkedStep{Step: s.Name, Resource: s.Resource, Outcome: string(s.Outcome), Seconds: rounded(s.Took), Detail: s.Detail}
			if s.Err != nil {
				c.Outcome = string(resource.Failed)
				step.Problem, step.Hint = problem(*r, s), hintFor(s.Err)
			}
			errs = append(errs, s.Err)
			c.Steps = append(c.Steps, step)
		}
		c.ExitStatus = worst(errs...)
		all = append(all, c)
	}
	return all
}

// rounded returns d in seconds, to the millisecond.
func rounded(d time.Duration) float64 {
	return math.Round(d.Seconds()*1000) / 1000
}
