package doctor

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"aws-connector/internal/connector"
	"aws-connector/internal/dockerconfig"
	"aws-connector/internal/dotfile"
)

// readDocker reads Docker's config.json, and the hosts whose helper we are.
func (m *Machine) readDocker() (file *dotfile.File, ours []string, err error) {
	if m.DockerErr != nil {
		return nil, nil, m.DockerErr
	}
	if file, err = dotfile.Read(m.DockerConfig); err != nil {
		return nil, nil, err
	}
	r, err := dockerconfig.Remove(file.Text(), nil) // in memory: its Hosts are those with our helper
	if err != nil {
		return nil, nil, fmt.Errorf("%s:%w", m.DockerConfig, err)
	}
	ours = r.Hosts
	if m.isIncumbent() {
		more, _ := dockerconfig.Incumbents(file.Text()) // it was read just now
		ours = append(ours, more...)
	}
	return file, ours, nil
}

// isIncumbent reports whether Docker asks this program where it asks ecr-login.
func (m *Machine) isIncumbent() bool {
	found, _ := m.onPath(incumbent)
	return len(found) > 0 && sameFile(found[0], m.Self)
}

func (m *Machine) docker() []check {
	file, ours, err := m.readDocker()
	if err != nil {
		return []check{one("Docker's config.json", func() []Finding {
			return list(fromError(Broken, "Docker's config.json", err, "make sure that it is a file and that you can read it"))
		})}
	}
	return []check{
		one(m.DockerConfig, func() []Finding { return m.helperEntries(file.Text()) }),
		one(m.DockerConfig, func() []Finding { return m.unclaimed(ours) }).or(func() string { return registriesFact(ours) }),
		one(m.DockerConfig, func() []Finding { return m.storedPasswords(file) }),
	}
}

// helperEntries tells of hosts that connectors claim and Docker does not ask us
// for, and of what stands beside.
func (m *Machine) helperEntries(config []byte) []Finding {
	hosts := m.Connectors.RegistryHosts()
	var all []Finding
	_, err := dockerconfig.Add(config, hosts, false)
	var conflict *dockerconfig.ConflictError
	if errors.As(err, &conflict) {
		isUs := m.isIncumbent()
		for _, e := range conflict.Entries {
			fix := "aws-connector configure docker --force " + e.Host
			if e.Helper == dockerconfig.Incumbent {
				fix = "aws-connector configure docker --take-over"
			}
			if e.Helper != dockerconfig.Incumbent || !isUs {
				all = append(all, Finding{Warning, m.DockerConfig, fmt.Sprintf("line %d: %s uses another helper, %q", e.Line, e.Host, e.Helper), fix})
			}
			hosts = slices.DeleteFunc(hosts, func(h string) bool { return h == e.Host })
		}
	}
	r, err := dockerconfig.Add(config, hosts, false)
	if err != nil {
		return append(all, fromError(Broken, m.DockerConfig, err, "correct config.json"))
	}
	if len(r.Hosts) > 0 {
		all = append(all, Finding{Note, m.DockerConfig, "Docker does not use aws-connector for these registries of your connectors: " + some(r.Hosts), "aws-connector configure docker"})
	}
	for _, f := range r.Findings {
		severity, fix := Warning, ""
		switch f.Kind {
		case dockerconfig.StoreIsHelper:
			fix = `remove "credsStore": "ecr"`
		case dockerconfig.URLEntry:
			fix = fmt.Sprintf("remove the entry of %q", f.Name)
		case dockerconfig.SeveralHelpers:
			fix = "keep only one of them"
		case dockerconfig.ByteOrderMark:
			severity, fix = Broken, "save it in an editor that does not write one"
		default: // storedPasswords tells of those
			continue
		}
		all = append(all, Finding{severity, m.DockerConfig, f.String(), fix})
	}
	return all
}

// unclaimed tells of hosts that Docker asks us for and no connector answers for.
func (m *Machine) unclaimed(ours []string) []Finding {
	if m.ConnectorsErr != nil && len(ours) > 0 {
		return list(Finding{Warning, m.DockerConfig, "Docker asks aws-connector for " + some(ours) + ", but there is no valid connectors.toml", "create or correct " + m.Connectors.Path})
	}
	var none []string
	for _, host := range ours {
		r, ok := connector.ParseRegistry(host)
		claimed := false
		if ok {
			_, claimed, _ = m.Connectors.ForRegistry(r) // what is wrong with it is told of the connector
		}
		if !claimed {
			none = append(none, host)
		}
	}
	if len(none) == 0 {
		return nil
	}
	return list(Finding{Warning, m.DockerConfig, "Docker asks aws-connector for " + some(none) + ", for which there is no connector: it answers \"not found\"", "add it to the registries of a connector, or: aws-connector configure docker --remove " + none[0]})
}

// storedPasswords tells of passwords for registries of ECR, and of a file with
// any password that others can read.
func (m *Machine) storedPasswords(file *dotfile.File) []Finding {
	stored, err := dockerconfig.Passwords(file.Text())
	if err != nil || len(stored) == 0 {
		return nil // what cannot be read is told already
	}
	var all []Finding
	var ecr []string
	for _, host := range stored {
		if _, ok := connector.ParseRegistry(host); ok {
			ecr = append(ecr, host)
		}
	}
	if len(ecr) > 0 {
		all = append(all, Finding{Warning, m.DockerConfig, "auths has a password for " + some(ecr) + ", which expires after 12 hours", "docker logout " + ecr[0]})
	}
	if info, err := os.Stat(file.Path()); err == nil && m.UID >= 0 && info.Mode().Perm()&0o077 != 0 {
		all = append(all, Finding{Warning, m.DockerConfig, fmt.Sprintf("it has mode %04o and others may be able to read the passwords in it", info.Mode().Perm()), "chmod 600 " + word(m.DockerConfig)})
	}
	return all
}
