package cli

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"aws-connector/internal/awsconfig"
	"aws-connector/internal/dotfile"
)

// editConfig writes profiles into the SDKs' config file and removes keys from it,
// in one edit. The keys of a profile that cannot be written are no longer in gone.
func (t *takeover) editConfig(gone removals) error {
	inConfig := slices.ContainsFunc(t.from.files, func(f *keyFile) bool { return !f.credentials && !f.csv && gone.of(f) })
	if !t.asked.connectors && !inConfig {
		return nil
	}
	path, err := awsConfigPath()
	if err != nil {
		return err
	}
	p := profiles{takeover: t}
	if t.asked.connectors {
		if p.program, err = installedPath(); err != nil {
			return err
		}
	}
	err = t.app.edit(path, outlineAWS, t.asked.dryRun, func(config *dotfile.File) (edited, error) {
		p.config, p.gone, p.refused = config, maps.Clone(gone), nil
		return p.edit()
	})
	for _, no := range p.refused {
		if no.plain {
			t.app.say("%s; %s", no.text, no.advice)
			continue
		}
		t.fail(no)
		if !no.otherProcess && gone.keep(no.profile) {
			t.app.say("the key of profile %q was not removed, since the profile would have no credentials without it", no.profile)
		}
	}
	return err
}

// profiles is an edit of the config file.
type profiles struct {
	*takeover
	program string
	config  *dotfile.File
	gone    removals
	refused []*profileError
}

// profileError is why a profile is not given its connector.
type profileError struct {
	usageError
	profile string
	// otherProcess: the profile has a credential_process of another program, and
	// with it credentials.
	otherProcess bool
	// plain: the plain key is all that is in the way, and it was to stay.
	plain bool
}

// Unwrap makes it an error of usage.
func (e *profileError) Unwrap() error { return &e.usageError }

// edit returns the config file as it is to be. A profile that would have no
// credentials then keeps its key, for which it begins again.
func (p *profiles) edit() (edited, error) {
	for {
		out := edited{}
		var err error
		if out.text, err = without(p.config.Path(), p.config.Text(), false, p.gone); err != nil {
			return out, err
		}
		again := false
		for _, c := range p.ready() {
			if !p.asked.connectors || !c.settled || p.isRefused(c) {
				continue
			}
			no, err := p.set(&out, c)
			if err != nil {
				return out, err
			}
			if no != nil {
				p.refused = append(p.refused, no)
				again = again || !no.otherProcess
			}
		}
		if !again {
			if len(p.refused) > 0 {
				out.unchanged = "nothing was changed"
			}
			return out, nil
		}
		for _, no := range p.refused {
			if !no.otherProcess {
				p.gone.keep(no.profile)
			}
		}
	}
}

func (p *profiles) isRefused(c *candidate) bool {
	return slices.ContainsFunc(p.refused, func(no *profileError) bool { return no.profile == c.profile })
}

// set gives c's profile its connector.
func (p *profiles) set(out *edited, c *candidate) (*profileError, error) {
	path := ambient().CredentialsFile
	credentials, err := awsconfig.ReadFile(path)
	if err == nil {
		credentials, err = without(path, credentials, true, p.gone)
	}
	if err != nil {
		return nil, err
	}
	profile := awsconfig.Profile{Name: p.profileOf(c)}
	if region, known := p.regionOf(c); known {
		profile.Region = region
	}
	if profile.Command, err = awsconfig.Command(runtime.GOOS, p.program, "get", c.label); err != nil {
		return nil, err
	}
	r, err := awsconfig.Set(out.text, credentials, []awsconfig.Profile{profile}, awsconfig.Options{Ours: isProgram})
	if bad := checkText(p.config); bad != nil {
		return nil, bad
	}
	if err != nil {
		return p.refuse(profile.Name, c, err), nil
	}
	out.text = r.Config
	for _, f := range r.Findings {
		if f.Profile == profile.Name {
			out.told = append(out.told, fmt.Sprintf("%s: %s", p.config.Path(), f))
		}
	}
	return nil, nil
}

// profileOf is the profile in the config file for a key.
func (p *profiles) profileOf(c *candidate) string {
	if p.asked.csv != "" || p.asked.env {
		return c.label
	}
	return strings.TrimPrefix(c.profile, "profile ")
}

// refuse words why a profile is not given its connector.
func (p *profiles) refuse(name string, c *candidate, err error) *profileError {
	no := &profileError{profile: c.profile, usageError: usageError{fmt.Sprintf("profile %q does not get connector %q: %v", name, c.label, err),
		"choose another profile for it: `aws-connector configure aws " + c.label + " --profile NAME`"}}
	var bad *awsconfig.RefusedError
	if !errors.As(err, &bad) {
		return no
	}
	process := func(f awsconfig.Finding) bool {
		return f.Kind == awsconfig.OtherProcess || f.Kind == awsconfig.InCredentials && f.Key == "credential_process"
	}
	key := func(f awsconfig.Finding) bool {
		return f.Kind == awsconfig.StaticKey || f.Kind == awsconfig.InCredentials && strings.HasPrefix(f.Key, "aws_")
	}
	no.otherProcess = all(bad.Findings, process)
	switch {
	case all(bad.Findings, key) && !p.asked.remove:
		no.text = fmt.Sprintf("profile %q does not get connector %q yet: its key in plain text would win", name, c.label)
		no.advice = "the same command with --remove removes that key"
		no.plain = true
	case no.otherProcess:
		no.text = fmt.Sprintf("profile %q does not get connector %q: it has another program's credential_process", name, c.label)
		no.advice = "remove that, then `aws-connector configure aws " + c.label + " --profile " + name + "`"
	}
	return no
}

func all(findings []awsconfig.Finding, are func(awsconfig.Finding) bool) bool {
	return !slices.ContainsFunc(findings, func(f awsconfig.Finding) bool { return !are(f) })
}
