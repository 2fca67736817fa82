package doctor

import (
	"fmt"
	"strings"

	"aws-connector/internal/question"
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
		return m.switches()
	}
	return list(fromError(Broken, "environment", m.EnvironmentErr, "unset or correct it"))
}

// switches tells of values that aws-connector takes for true or false and the SDKs
// do not, or not alike.
func (m *Machine) switches() []Finding {
	var all []Finding
	for _, name := range append(question.Switches[:], metadataDisabled) {
		value := m.Getenv(name)
		meant := map[string]string{"1": "true", "yes": "true", "on": "true", "0": "false", "no": "false", "off": "false"}[strings.ToLower(value)]
		switch {
		case meant == "" || strings.HasPrefix(name, "AWS_CONNECTOR_"):
		case name == metadataDisabled && meant == "true":
			all = append(all, Finding{Warning, name, fmt.Sprintf("it is %q, which no SDK takes for true, so the instance is asked", value), "set it to true"})
		case name != metadataDisabled:
			all = append(all, Finding{Warning, name, fmt.Sprintf("it is %q: aws-connector takes it for %s, the AWS CLI and boto3 take it for false, and the AWS SDK for Go refuses it", value, meant), "set it to " + meant})
		}
	}
	return all
}

const metadataDisabled = "AWS_EC2_METADATA_DISABLED"

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
