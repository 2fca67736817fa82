// Package console makes the URL that signs in to the AWS console with a session.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
package console

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"aws-connector/helper"
	"aws-connector/internal/connector"
)

// The bounds of [Page.Duration].
const (
	Shortest = 15 * time.Minute
	Longest  = 12 * time.Hour
)

// Page is what is opened.
type Page struct {
	// Service is the first part of its path, such as s3; empty means the console's home.
	Service string
	// Duration is how long the console stays open; zero leaves that to AWS.
	Duration time.Duration
}

// ValidService reports whether s can be [Page.Service].
func ValidService(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}

// hosts are where the console of a partition is, and where one signs in to it.
// https://github.com/aws/aws-sdk-go-v2/blob/main/service/signin/endpoints.go
type hosts struct {
	signin, console string
	// regional: there are none for all regions.
	regional bool
}

func hostsOf(c connector.Connector) hosts {
	h := map[string]hosts{
		"aws":        {"signin.aws.amazon.com", "console.aws.amazon.com", false},
		"aws-cn":     {"signin.amazonaws.cn", "console.amazonaws.cn", false},
		"aws-us-gov": {"signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com", false},
		"aws-eusc":   {"signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu", true},
		"aws-iso":    {"signin.c2shome.ic.gov", "console.c2shome.ic.gov", false},
		"aws-iso-b":  {"signin.sc2shome.sgov.gov", "console.sc2shome.sgov.gov", false},
		"aws-iso-e":  {"signin.csphome.adc-e.uk", "console.csphome.adc-e.uk", false},
		"aws-iso-f":  {"signin.csphome.hci.ic.gov", "console.csphome.hci.ic.gov", false},
	}[c.Partition()]
	if h.regional {
		h.signin, h.console = c.Region+"."+h.signin, c.Region+"."+h.console
	}
	return h
}

// destination returns the URL of p, as c sees it.
func (p Page) destination(c connector.Connector) string {
	service := p.Service
	if service == "" {
		service = "console"
	}
	return "https://" + hostsOf(c).console + "/" + service + "/home?region=" + url.QueryEscape(c.Region)
}

// Check says, before anything is asked for, why the sessions of c cannot open p.
// Those of which only AWS knows it pass.
func Check(c connector.Connector, p Page) error {
	misconfigured := func(text, advice string) error {
		return &helper.Error{Reason: helper.Misconfigured, Text: text, Advice: advice}
	}
	switch {
	case c.Method == connector.SecretKey:
		return longTerm()
	case c.Method == connector.SessionToken:
		return misconfigured("AWS opens the console to no session of GetSessionToken (auth_method session-token)", otherMethod)
	case p.Duration == 0:
		return nil
	case p.Duration < Shortest || p.Duration > Longest || p.Duration%time.Second != 0:
		return misconfigured(fmt.Sprintf("a console stays open for %d to %d seconds", int(Shortest.Seconds()), int(Longest.Seconds())), "give another --duration, such as 1h or 3600")
	case c.Method == connector.FederationToken:
		return misconfigured("with auth_method federation-token the console stays open for as long as the session lives", "leave --duration out; the connector's expiration_seconds is what counts")
	case c.Chained:
		return misconfigured(fmt.Sprintf("AWS takes no duration for the session of a role that another role has assumed (source %q)", c.Source), "leave --duration out")
	}
	return nil
}

const otherMethod = `use a connector with auth_method = "iam-role" and a role_arn, or with "federation-token"; either may have the same key`

func longTerm() error {
	return &helper.Error{Reason: helper.Misconfigured, Text: "AWS opens the console to no long-term key, only to the session of a role or of a federated user", Advice: otherMethod}
}
