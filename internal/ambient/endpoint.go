package ambient

import (
	"fmt"
	"net/url"
	"strings"
)

// endpoint returns the URL that the environment or the session's profile names
// for service, an AWS service id in lower case with _ between its words; "" for
// AWS's own. It is botocore's ConfiguredEndpointProvider (configprovider.py).
func (f *finder) endpoint(service string) (string, error) {
	if f.boolean("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
		return "", nil
	}
	for _, name := range []string{"AWS_ENDPOINT_URL_" + strings.ToUpper(service), "AWS_ENDPOINT_URL"} {
		if v := f.env[name]; v != "" {
			return v, checkURL(name, v)
		}
	}
	if name, ok := f.session.Text("services"); ok {
		section, ok := f.files.Services[name]
		if !ok {
			return "", misconfigured(fmt.Sprintf("the profile's services section %q does not exist", name), "correct services in the profile, or add the section [services "+clean(name)+"]")
		}
		if v := section[service].Block["endpoint_url"]; v != "" {
			return v, checkURL("endpoint_url of services "+name, v)
		}
	}
	v, _ := f.session.Text("endpoint_url")
	if v == "" {
		return "", nil
	}
	return v, checkURL("endpoint_url of the profile", v)
}

func checkURL(what, s string) error {
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return misconfigured(clean(what)+" is not an http or https URL", "write it as https://HOST")
	}
	return nil
}

// boolean reads a setting that the environment or the session's profile may have.
func (f *finder) boolean(variable, option string) bool {
	v, ok := f.env[variable]
	switch strings.ToLower(v) {
	case "1", "yes", "on":
		// As for the endpoints of connectors: botocore takes it for false.
		return true
	}
	if !ok {
		v, _ = f.session.Text(option)
	}
	return strings.EqualFold(v, "true")
}

// setting reads a setting that the environment or the session's profile may have.
func (f *finder) setting(variable, option string) string {
	if v, ok := f.env[variable]; ok {
		return v
	}
	v, _ := f.session.Text(option)
	return v
}

// partitions are the domains of AWS's partitions by the beginning of their
// regions' names, as in botocore's partitions.json; the last is for all others.
var partitions = []struct{ prefix, domain, dualStack string }{
	{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
	{"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
	{"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
	{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
	{"", "amazonaws.com", "api.aws"},
}

// identityCenter returns AWS's own endpoint of the sso or sso-oidc service, whose
// host names begin with host.
func (f *finder) identityCenter(host, region string) string {
	fips := f.boolean("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
	dual := f.boolean("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
	for _, p := range partitions {
		if !strings.HasPrefix(region, p.prefix) {
			continue
		}
		domain := p.domain
		if dual {
			domain = p.dualStack
		}
		// GovCloud's plain endpoints are FIPS endpoints.
		if fips && (dual || !strings.HasPrefix(region, "us-gov-")) {
			host += "-fips"
		}
		return "https://" + host + "." + region + "." + domain
	}
	return ""
}

// isRegion reports whether s can be part of a host's name.
func isRegion(s string) bool {
	for _, c := range []byte(s) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && s[0] != '-' && s[len(s)-1] != '-' && len(s) < 64
}
