package question

// The variables of the environment by which the ordinary path finds a cached
// answer. Package cli reads them by these lists, so that one which is new there
// is in the state of an answer here.
var (
	// Switches are true or false.
	Switches = [...]string{"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_CONNECTOR_ENABLE_IMPLICIT_AUTH_METHODS"}
	// Endpoints are [EndpointPrefix] for all services, and for one each.
	Endpoints = [...]string{EndpointPrefix, EndpointPrefix + "_STS", EndpointPrefix + "_ECR", EndpointPrefix + "_ECR_PUBLIC", EndpointPrefix + "_EKS", EndpointPrefix + "_S3", EndpointPrefix + "_IAM"}
	// Proxies say how net/http reaches servers; the first four name proxies.
	Proxies = [...]string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"}
	// Trust are those by which Go decides whose certificates are good and what
	// address a host has. They may name files, and directories of files.
	Trust = [...]string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "GODEBUG", "LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES"}
)

// EndpointPrefix begins the names of the variables in [Endpoints].
const EndpointPrefix = "AWS_ENDPOINT_URL"

func eachVariable(do func(name string)) {
	for _, names := range [...][]string{Switches[:], Endpoints[:], Proxies[:], Trust[:]} {
		for _, name := range names {
			do(name)
		}
	}
}

// Variables returns the names of all of them. Where connectors.toml and the cache
// are is found from other ones, and their paths are in the state.
func Variables() []string {
	var all []string
	eachVariable(func(name string) { all = append(all, name) })
	return all
}

// silencing are the variables with which the ordinary path must answer.
var silencing = [...]string{"AWS_CONNECTOR_LOG", "AWS_CONNECTOR_CHAIN"}
