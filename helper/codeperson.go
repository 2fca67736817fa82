package helper

import (
	"context"
	"errors"
	"strings"
)

// asker asks a person.
type asker struct {
	h     *Helper
	f     factor
	again bool
	tries int
}

func (a *asker) code(ctx context.Context, l *ledger, before *attempt) (string, int64, error) {
	problem := ""
	if before != nil {
		problem = "AWS refused that code"
		if before.lost {
			problem = "AWS did not answer, and that code may be used up: wait for the next one"
		} else if !before.refused {
			problem = describeFirst(before.err)
		}
	}
	for {
		code, err := a.ask(ctx, problem)
		if err != nil {
			return "", 0, err
		}
		switch {
		case !isCode(code):
			problem = "a code has 6 digits"
		case l.has(code):
			problem = "that code was used already: wait for the next one"
		default:
			return code, 0, nil
		}
		if !a.again || a.tries >= codeTries {
			return "", 0, &Error{Reason: NeedsPerson, Text: "MFA code of " + Clean(a.f.device) + ": " + problem, Advice: a.wrong(a.f), costly: true}
		}
	}
}

func (a *asker) ask(ctx context.Context, problem string) (string, error) {
	a.tries++
	asking, cancel := ctx, context.CancelFunc(func() {})
	if deadline, ok := ctx.Deadline(); ok {
		asking, cancel = context.WithDeadline(ctx, deadline.Add(-toSend))
	}
	defer cancel()
	code, again, err := a.h.Person.Code(asking, Question{Connector: a.f.connector.Name, Device: a.f.device, Problem: problem})
	a.again = again
	advice := "run `aws-connector login " + a.f.connector.Name + "` in a terminal, which waits longer"
	switch {
	case err == nil:
		return strings.Join(strings.Fields(code), ""), nil
	case errors.Is(ctx.Err(), context.Canceled):
		return "", ctx.Err()
	case errors.Is(err, ErrNobody):
		return "", needsLogin(a.f)
	case asking.Err() != nil:
		return "", &Error{Reason: NeedsPerson, Text: "no MFA code was given in time", Advice: advice, Err: err, costly: true}
	}
	return "", &Error{Reason: NeedsPerson, Text: "no MFA code was given", Advice: advice, Err: err, costly: true}
}

// another: on a terminal a person is asked again, where that may help.
func (a *asker) another(before *attempt, _ int) bool {
	return a.again && a.tries < codeTries && (before.refused || before.lost || before.off > offClock)
}

func (a *asker) wrong(f factor) string {
	return "wait for the device's next code, then `aws-connector login " + f.connector.Name + "`"
}

func (a *asker) person() bool { return true }

func describeFirst(err error) string {
	const most = 200
	s := err.Error()
	return Clean(s[:min(len(s), most)])
}
