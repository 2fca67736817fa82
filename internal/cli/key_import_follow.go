package cli

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"aws-connector/helper"
	"aws-connector/internal/awsconfig"
	"aws-connector/internal/connector"
	"aws-connector/internal/dotfile"
)

// follow does what comes after storing, in an order in which a crash leaves at
// worst an original beside what was stored: connectors, profiles, originals.
func (t *takeover) follow(ctx context.Context) error {
	if t.asked.remove && !t.asked.dryRun {
		t.seeStored(ctx)
	}
	if len(t.ready()) == 0 {
		return nil
	}
	if t.asked.connectors {
		if err := t.writeConnectors(); err != nil {
			return err
		}
	}
	switch {
	case t.asked.env:
		t.tellEnvironment()
	case t.asked.csv != "":
		if err := t.editConfig(nil); err != nil {
			return err
		}
		return t.removeCSV()
	case t.asked.vault != "":
		return t.editConfig(nil)
	}
	return t.editFiles()
}

// removable names the files from which originals are to go, empty for none.
func (t *takeover) removable() string {
	var all []string
	for _, file := range t.from.files {
		if file.csv && len(t.ready()) < len(t.from.found) {
			continue
		}
		if slices.ContainsFunc(t.ready(), func(c *candidate) bool { return c.file == file && c.found.Second == 0 }) && file.kept == "" {
			all = append(all, file.path)
		}
	}
	return strings.Join(all, " and ")
}

// writeConnectors adds a connector for each key to connectors.toml, in one edit.
func (t *takeover) writeConnectors() error {
	path, err := configPath()
	if err != nil {
		return err
	}
	var old []byte
	show := func(text []byte) []byte { return outlineOld(old)(text) }
	return t.app.edit(path, show, t.asked.dryRun, func(file *dotfile.File) (edited, error) {
		if err := checkText(file); err != nil {
			return edited{}, err
		}
		old = file.Text()
		out := edited{text: old}
		for _, c := range t.ready() {
			f, err := connector.Parse(t.file.Path, out.text)
			if err != nil {
				return edited{}, err
			}
			if slices.Contains(f.Names(), c.label) {
				there, err := f.Lookup(c.label)
				if c.settled = err == nil && handsOut(there, c); !c.settled {
					out.told = append(out.told, fmt.Sprintf("a different connector %q exists and was not changed: rename it, or import the key with --as NAME", c.label))
				}
				continue
			}
			d := t.draftOf(f, c)
			if out.text, err = d.appendTo(out.text); err != nil {
				return edited{}, err
			}
			c.settled = true
			if _, known := t.regionOf(c); !known {
				out.told = append(out.told, fmt.Sprintf("no region is configured for connector %q: it gets %s", c.label, anyRegion))
			}
		}
		return out, nil
	})
}

// handsOut reports whether a connector is for nothing but c's key, as the profile was.
func handsOut(there connector.Connector, c *candidate) bool {
	return there.Key == c.name && slices.Contains([]connector.Method{connector.SessionToken, connector.SecretKey, connector.STSToken}, there.Method)
}

// draftOf is the connector that init would offer for a key.
func (t *takeover) draftOf(f connector.File, c *candidate) draft {
	d := draft{file: f, name: c.label}
	method := connector.SessionToken
	if c.temporary() {
		method = connector.STSToken
	}
	d.set("auth_method", string(method))
	if region, _ := t.regionOf(c); region != f.Default("region") {
		d.set("region", region)
	}
	if endpoint := t.endpointOf(c); endpoint != "" {
		d.set("endpoint_url", endpoint)
	}
	d.set("key", c.name)
	return d
}

// editFiles writes profiles, and removes originals where they are stored.
func (t *takeover) editFiles() error {
	gone := removals{}
	for _, c := range t.ready() {
		switch {
		case !t.asked.remove:
		case c.found.Second > 0:
			t.fail(&usageError{fmt.Sprintf("%s: line %d has another value for a part of the key of profile %q, which was not imported: both stay, and the profile as it is", c.file.path, c.found.Second, c.profile), "remove the one that is not needed by hand"})
			c.settled = false
		case t.asked.connectors && !c.settled:
			t.fail(&usageError{fmt.Sprintf("the key of profile %q stays in %s: a different connector %q exists", c.profile, c.file.path, c.label), "rename that connector and try again"})
		default:
			gone[c] = true
		}
	}
	if err := t.editConfig(gone); err != nil {
		return err
	}
	for _, file := range t.from.files {
		if file.credentials && gone.of(file) {
			if err := t.removeFrom(file, gone); err != nil {
				return err
			}
		}
	}
	t.tellFiles(gone)
	return nil
}

// tellFiles says what is left to do.
func (t *takeover) tellFiles(gone removals) {
	if t.asked.dryRun {
		return
	}
	if !t.asked.remove {
		for _, file := range t.from.files {
			t.app.say("%s still has keys in plain text: the same command with --remove removes those that are stored", file.path)
		}
		return
	}
	if len(gone) > 0 {
		t.app.say("no copy was kept; backups, snapshots and the disk may have one: `aws-connector key rotate NAME` makes the old key useless")
	}
	for c := range gone {
		if !t.asked.connectors {
			t.app.say("profile %q has no access key any more: make a connector with key = %q, then `aws-connector configure aws NAME --profile %s`", c.profile, c.name, c.profile)
		}
	}
}

// removals are keys that are to go from where they lie.
type removals map[*candidate]bool

// of reports whether there are any in a file.
func (r removals) of(file *keyFile) bool {
	for c := range r {
		if c.file == file {
			return true
		}
	}
	return false
}

// keep takes a profile's keys out, if there are any.
func (r removals) keep(profile string) bool {
	had := len(r)
	maps.DeleteFunc(r, func(c *candidate, _ bool) bool { return c.profile == profile })
	return len(r) < had
}

// without returns the text of a file of ~/.aws without those of the keys that are
// there still as they were imported.
func without(path string, text []byte, credentials bool, gone removals) ([]byte, error) {
	keys, err := parseKeys(path, text, credentials)
	if err != nil {
		return nil, err
	}
	var drop []awsconfig.AccessKey
	for _, k := range keys.Keys {
		for c := range gone {
			if c.file.credentials == credentials && c.profile == k.Profile && k.Second == 0 && k.Problem == "" && c.same(inFile(c.file, k)) {
				drop = append(drop, k)
			}
		}
	}
	return keys.Without(drop), nil
}

// removeFrom removes keys from the credentials file.
func (t *takeover) removeFrom(file *keyFile, gone removals) error {
	return t.app.edit(file.path, outlineAWS, t.asked.dryRun, func(f *dotfile.File) (edited, error) {
		text, err := without(file.path, f.Text(), true, gone)
		if err != nil {
			return edited{}, err
		}
		out := edited{text: text, unchanged: "its keys are no longer those that were imported"}
		left, err := parseKeys(file.path, text, true)
		for _, k := range left.Keys {
			for c := range gone {
				if c.file == file && c.profile == k.Profile {
					out.told = append(out.told, fmt.Sprintf("the key of profile %q changed meanwhile and was not removed", k.Profile))
				}
			}
		}
		return out, err
	})
}

// removeCSV removes the CSV file if all that it has is stored.
func (t *takeover) removeCSV() error {
	file := t.from.files[0]
	if !t.asked.remove {
		t.app.say("%s still has the keys in plain text: remove it, or use --remove", file.path)
		return nil
	}
	if len(t.ready()) < len(t.from.found) || len(t.asked.profiles) > 0 {
		file.kept = first(file.kept, "not every row was imported")
	}
	if file.kept != "" {
		return &helper.Error{Text: file.path + " was not removed: " + file.kept, Advice: "remove it yourself when you no longer need anything in it"}
	}
	if t.asked.dryRun {
		t.app.say("it would remove %s", file.path)
		return nil
	}
	now, err := dotfile.Read(file.path)
	if err == nil {
		err = now.MayReplace()
	}
	if err == nil && !bytes.Equal(now.Text(), file.text) {
		err = fmt.Errorf("%s was not removed: %w", file.path, dotfile.ErrChanged)
	}
	if err == nil {
		err = os.Remove(now.Path())
	}
	if err == nil {
		t.app.say("removed %s; the trash, backups and the browser's folder may have a copy", file.path)
	}
	return err
}

// tellEnvironment says what is left to do by hand: no process can change the
// environment of another.
func (t *takeover) tellEnvironment() {
	t.app.say("the variables are still set here and win over every profile: unset %s", strings.Join(keyVariables, " "))
	lines := startupLines()
	for _, line := range lines {
		t.app.say("%s sets one of them in plain text: remove that line", line)
	}
	if len(lines) == 0 {
		t.app.say("none of your shells' usual startup files sets them: remove the line from whatever does")
	}
}
