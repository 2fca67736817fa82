package cli

import (
	"errors"
	"slices"
	"sync"

	"aws-connector/helper"
	"aws-connector/internal/audit"
	"aws-connector/internal/connector"
)

const (
	getAction   = "get"
	dockerGet   = "docker get"
	kubeAction  = "kube-token"
	checkAction = "check"
)

// trail is what this call adds to the audit trail.
type trail struct {
	to     string // as [audit.Append] takes it, empty for nowhere
	action string

	mu      sync.Mutex // check asks for many at once
	records []audit.Record
	told    bool // that they cannot be recorded
}

// outcomes are the exit statuses in words.
var outcomes = map[int]string{exitFailed: "failed", exitUsage: "misconfigured", exitPerson: "person-needed", exitLater: "temporary"}

// note keeps an answer until it is given.
func (a *App) note(got helper.Answer) {
	const shown = 4
	r := audit.Record{Time: a.Now(), Version: version(), Connector: got.Connector, Action: a.trail.action, Answer: audit.Mint, Outcome: "ok"}
	switch {
	case got.Err != nil:
		r.Answer, r.Outcome = audit.Failed, outcomes[exitStatus(got.Err)]
	case got.Cached:
		r.Answer = audit.Hit
	}
	if id := got.AccessKeyID; len(id) > shown {
		r.Key = id[len(id)-shown:]
	}
	a.trail.mu.Lock()
	defer a.trail.mu.Unlock()
	a.trail.records = append(a.trail.records, r)
}

// noteFailure keeps a failure that came before any connector was asked.
func (a *App) noteFailure(err error) {
	asked := []string{getAction, dockerGet, consoleAction, envAction, execAction, kubeAction}
	if slices.Contains(asked, a.trail.action) && a.trail.to != "" && len(a.trail.records) == 0 {
		got := helper.Answer{Err: err}
		if narrow := (*connector.NarrowingError)(nil); errors.As(err, &narrow) {
			got.Connector = narrow.Connector
		}
		a.note(got)
	}
}

// record writes what was noted and not written yet. That it cannot be written fails
// no answer: a person who asks for a check is told, others who want to know everything.
func (a *App) record() {
	a.trail.mu.Lock()
	defer a.trail.mu.Unlock()
	records := a.trail.records
	a.trail.records = nil
	for _, r := range records {
		r.Caller = audit.Parent()
		err := audit.Append(a.trail.to, r)
		if err == nil {
			continue
		}
		if a.trail.action == checkAction && !a.trail.told {
			a.say("aws-connector: audit: this answer is not recorded: %v", err)
			a.trail.told = true
		}
		if log := a.log(); log != nil {
			log.Debug("not in the audit trail", "err", err)
		}
	}
	a.trail.records = nil
}
