package doctor

import (
	"fmt"
	"os"
	"strings"
)

// What is told of things that are in order: each is asked for after a look that
// found nothing.

// or gives a check what it tells where it finds nothing.
func (c check) or(fact func() string) check {
	c.fact = fact
	return c
}

func (m *Machine) pathFact() string {
	found, _ := m.onPath(program)
	if len(found) == 0 {
		return ""
	}
	return "leads to " + found[0]
}

func (m *Machine) dockerHelperFact() string {
	if !m.usesDocker() {
		return ""
	}
	return "on the PATH, the same version as aws-connector"
}

func (m *Machine) connectorsFact() string {
	if n := len(m.Connectors.Names()); n != 1 {
		return fmt.Sprintf("%s defines %d connectors", m.Connectors.Path, n)
	}
	return m.Connectors.Path + " defines 1 connector"
}

// connectorFact says what a connector gives.
func (m *Machine) connectorFact(name string) string {
	c, err := m.Connectors.Lookup(name)
	if err != nil {
		return ""
	}
	text := string(c.Method)
	if c.RoleARN != "" {
		text += " with role " + c.RoleARN[strings.LastIndexByte(c.RoleARN, '/')+1:] + " in account " + c.AccountID()
	}
	return text
}

func (m *Machine) keysFact() string {
	used, _ := m.usedKeys()
	if len(used) == 0 {
		return m.Keys.String() + "; no connector uses a key"
	}
	return m.Keys.String() + "; connectors use " + some(used)
}

func (m *Machine) cacheFact() string {
	if _, err := os.Lstat(m.CacheDir); err != nil {
		return m.CacheDir + " will be made with the first session"
	}
	return m.CacheDir + " is private, and you can write to it"
}

// configFact names the profiles that run this program.
func (m *Machine) configFact(in sharedFiles) string {
	var names []string
	for _, p := range in.Config {
		if m.runsUs(p.Command) {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "aws-connector answers for " + some(names)
}

func (a sharedFiles) credentialsFact() string {
	if !a.credentials.Exists() {
		return ""
	}
	return "has no long-term key"
}

func registriesFact(ours []string) string {
	if len(ours) == 0 {
		return ""
	}
	return "Docker asks aws-connector for " + some(ours)
}
