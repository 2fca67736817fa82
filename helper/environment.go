package helper

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"aws-connector/internal/ambient"
	"aws-connector/internal/connector"
)

// Environment is what the caller's environment adds to a connector. All of it
// shapes the session, and so is part of the cache's key.
type Environment struct {
	// EndpointURL and EndpointURLs are $AWS_ENDPOINT_URL and, by service, $AWS_ENDPOINT_URL_STS
	// and its like. The connector's own fields win over them.
	EndpointURL  string
	EndpointURLs map[string]string
	// FIPS and DualStack choose the kind of AWS's own endpoints.
	FIPS, DualStack bool
	// CABundle is a file of PEM certificates that replace the system's roots; "" means the system's.
	CABundle string
	// Roots are the authorities that CABundle or the system names, for all clients of
	// this process; nil means that each reads them.
	Roots *Roots
	// Proxy tells one proxy configuration from another.
	Proxy string
	// Proxies are the variables behind it, for messages.
	Proxies Proxies
	// Trust tells apart what else decides whom a connection reaches and trusts.
	Trust string
	// AllowImplicit allows auth_method implicit for every connector.
	AllowImplicit bool
	// Ambient describes, for auth_method implicit, where to look.
	Ambient Ambient
	// Chain is what this process was started from.
	Chain Chain
	// User and Host tell who runs this program and where, for role_session_name.
	// They are asked only where that has a place for them; nil knows nothing.
	User, Host func() string
}

// named fills in the placeholders of c's role_session_name.
func (e Environment) named(c connector.Connector) connector.Connector {
	c.RoleSessionName = c.SessionName(func(placeholder string) string {
		if placeholder == "pid" {
			return strconv.Itoa(os.Getpid())
		}
		return e.who(placeholder)
	})
	return c
}

// who returns the value of a placeholder that is the same for all of a person's
// processes, "" for others.
func (e Environment) who(placeholder string) string {
	ask := map[string]func() string{"user": e.User, "host": e.Host}[placeholder]
	if ask == nil {
		return ""
	}
	return ask()
}

// Ambient is where the credentials of the environment are looked for.
type Ambient struct {
	// ConfigFile and CredentialsFile are the shared files, as $AWS_CONFIG_FILE and $AWS_SHARED_CREDENTIALS_FILE say.
	ConfigFile, CredentialsFile string
	// Home and Dir are the home and the working directory, empty where there is none.
	Home, Dir string
	// Err is why there are no such paths, for whoever needs them; nil for nothing.
	Err error
	// Self is the path of this program.
	Self string
	// Environ returns the environment, as programs that are started for this chain have it.
	Environ func(Chain) []string
}

// Chain names the connectors that started this process, outermost first: a
// credential_process may be this program again.
type Chain []string

// maxChain is how many connectors may start one another, by their sources,
// profiles and programs together.
const maxChain = connector.MaxChain

// ParseChain reads the form that [Chain.String] writes.
func ParseChain(s string) Chain {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// String returns the names with commas between, as $AWS_CONNECTOR_CHAIN holds them.
func (c Chain) String() string { return strings.Join(c, ",") }

func (c Chain) add(name string) (Chain, error) {
	longer := append(slices.Clone(c), name)
	switch {
	case slices.Contains(c, name):
		return nil, cycle(longer)
	case len(longer) > maxChain:
		return nil, &Error{Reason: Misconfigured, Text: fmt.Sprintf("more than %d connectors start one another: %s", maxChain, strings.Join(longer, " -> "))}
	}
	return longer, nil
}

func cycle(c Chain) error {
	return &Error{Reason: Misconfigured, Text: "the connector starts itself: " + strings.Join(c, " -> "),
		Advice: "let one of them have credentials that come from elsewhere: a key, another profile_name or source"}
}

// endpoint returns the endpoint URL of service, "" for AWS's own, and whether
// the connector itself names it.
func (e Environment) endpoint(c connector.Connector, service string) (url string, own bool) {
	for _, u := range []string{c.EndpointURLs[service], c.EndpointURL} {
		if u != "" {
			return u, true
		}
	}
	if u := e.EndpointURLs[service]; u != "" {
		return u, false
	}
	return e.EndpointURL, false
}

// fingerprint changes with everything in the environment that shapes c's session,
// but for what only auth_method implicit looks at.
func (e Environment) fingerprint(c connector.Connector) string {
	return digest(e.wayToSTS(c), c.SessionName(e.who))
}

// wayToSTS changes with everything that decides which STS is asked for c's session,
// and by what way.
func (e Environment) wayToSTS(c connector.Connector) string {
	url, _ := e.endpoint(c, serviceSTS)
	return digest(url, strconv.FormatBool(e.FIPS), strconv.FormatBool(e.DualStack), e.CABundle, e.Proxy, e.Trust)
}

// digest returns 32 hexadecimal digits of the SHA-256 over parts, unambiguously joined.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Stamp tells which file lies at path, and changes whenever that is written,
// replaced or put back; "" where there is none.
func Stamp(path string) string { return ambient.Stamp(path) }
