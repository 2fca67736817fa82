package doctor

import (
	"fmt"
	"strings"
)

func (m *Machine) environment() []check {
	return []check{
		one("environment", m.variables).or(func() string { return "every variable has a valid value" }),
		one("AWS_ACCESS_KEY_ID", m.keysInEnvironment),
		one("AWS_PROFILE", m.profileVariable),
		one("AWS_CONNECTOR_CHAIN", m.chain),
	}
}

func (m *Machine) variables() []Finding {
	if m.EnvironmentErr == nil {
		return nil
	}
	return list(fromError(Broken, "environment", m.EnvironmentErr, "unset or correct it"))
}

func (m *Machine) keysInEnvironment() []Finding {
	var set []string
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		if m.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return nil
	}
	text := "credentials in the environment win over every profile"
	if profile := m.Getenv("AWS_PROFILE"); profile != "" {
		text = fmt.Sprintf("credentials in the environment win over AWS_PROFILE=%s in the AWS CLI, boto3 and Go", profile)
	}
	return list(Finding{Warning, strings.Join(set, ", "), text, "unset " + strings.Join(set, " ")})
}

func (m *Machine) profileVariable() []Finding {
	for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
		profile := m.Getenv(name)
		if profile == "" {
			continue
		}
		in, err := m.readAWS()
		if err != nil || in.has(profile) || profile == "default" {
			return nil // an unreadable file is told elsewhere
		}
		return list(Finding{Broken, name, fmt.Sprintf("there is no profile %q in %s", profile, m.AWSConfig), fmt.Sprintf("unset %s, or add the profile", name)})
	}
	return nil
}

func (m *Machine) chain() []Finding {
	if m.Getenv("AWS_CONNECTOR_CHAIN") == "" {
		return nil
	}
	return list(Finding{Warning, "AWS_CONNECTOR_CHAIN", "it is set. aws-connector sets it for programs that it runs, and refuses connectors named in it as a cycle", "unset AWS_CONNECTOR_CHAIN, and remove it from your shell's startup files"})
}
