package cli

// variable is one or more environment variables of one meaning.
type variable struct{ names, meaning string }

type variableGroup struct {
	title     string
	variables []variable
}

func variables() []variableGroup {
	return []variableGroup{
		{"aws-connector's own", []variable{
			{"AWS_CONNECTOR_CONFIG", "path of connectors.toml"},
			{"AWS_CONNECTOR_CACHE_DIR", "directory in which aws-connector makes its own, for cached sessions"},
			{"AWS_CONNECTOR_PASSPHRASE_FILE", "file of mode 0600 with the passphrase of keys.age"},
			{"AWS_CONNECTOR_LOG", "any value: say on standard error what happens, as -v does"},
			{"AWS_CONNECTOR_ENABLE_IMPLICIT_AUTH_METHODS", "true allows auth_method implicit to every connector"},
			{"AWS_CONNECTOR_CHAIN", "set for the programs that connectors run, to find cycles; not for you to set"},
			{"AWS_CONNECTOR_EXEC", "the connector of the exec that this runs in, which refuses another one; not for you to set"},
		}},
		{"Endpoints and network", []variable{
			{"AWS_ENDPOINT_URL", "endpoint for every AWS service"},
			{"AWS_ENDPOINT_URL_STS", "the same for STS alone"},
			{"AWS_ENDPOINT_URL_ECR", "for ECR"},
			{"AWS_ENDPOINT_URL_ECR_PUBLIC", "for ECR Public"},
			{"AWS_ENDPOINT_URL_EKS", "for EKS"},
			{"AWS_ENDPOINT_URL_S3", "for S3"},
			{"AWS_ENDPOINT_URL_IAM", "for IAM, which `key rotate` calls"},
			{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true: none of these seven is used"},
			{"AWS_USE_FIPS_ENDPOINT", "true: FIPS endpoints"},
			{"AWS_USE_DUALSTACK_ENDPOINT", "true: dual-stack endpoints"},
			{"AWS_CA_BUNDLE", "file of PEM certificates that replace the system's roots"},
			{"HTTPS_PROXY https_proxy", "proxy for https endpoints"},
			{"HTTP_PROXY http_proxy", "proxy for http endpoints"},
			{"NO_PROXY no_proxy", "hosts to reach without a proxy"},
			{"SSL_CERT_FILE SSL_CERT_DIR", "where Go finds the system's certificates"},
			{"GODEBUG LOCALDOMAIN RES_OPTIONS HOSTALIASES REQUEST_METHOD", "read by Go's TLS, DNS and proxy code"},
		}},
		{"auth_method implicit: what botocore reads, in its order", []variable{
			{"AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", "keys in the environment, which win over profiles but a profile_name"},
			{"AWS_SESSION_TOKEN AWS_SECURITY_TOKEN", "the token of temporary ones"},
			{"AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID", "when they expire, whose they are"},
			{"AWS_DEFAULT_PROFILE AWS_PROFILE", "profile where the connector has no profile_name"},
			{"AWS_WEB_IDENTITY_TOKEN_FILE", "file with a web identity token"},
			{"AWS_ROLE_ARN AWS_ROLE_SESSION_NAME", "the role that it is for, the session's name"},
			{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "endpoint of ECS"},
			{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "endpoint of EKS or of another tool"},
			{"AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "its token"},
			{"AWS_EC2_METADATA_DISABLED", "true: the instance is not asked"},
			{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "where the instance answers"},
			{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE AWS_IMDS_USE_IPV6", "the same, by the version of IP"},
			{"AWS_LOGIN_CACHE_DIRECTORY", "where `aws login` keeps its session"},
			{"AWS_REGION AWS_DEFAULT_REGION", "what `init` suggests; a connector has a region of its own"},
			{"AWS_CONFIG_FILE", "instead of ~/.aws/config"},
			{"AWS_SHARED_CREDENTIALS_FILE", "instead of ~/.aws/credentials"},
		}},
		{"Other credentials, which exec and env take out", []variable{
			{"AWS_ACCESS_KEY AWS_SECRET_KEY AWS_CREDENTIAL_FILE", "keys, as older SDKs read them; all of the above that give credentials go too"},
			{"AWS_BEARER_TOKEN_BEDROCK", "a key of Bedrock's API"},
			{"AWS_SESSION_EXPIRATION", "when another tool's session ends"},
		}},
		{"AWS variables that change no session", []variable{
			{"AWS_DATA_PATH AWS_EXECUTION_ENV", "what the AWS CLI gives its children, and all that begin with AWS_CLI_"},
			{"AWS_ACCESS_KEY AWS_SECRET_KEY", "older names of keys, which no command of `serve` inherits"},
			{"AWS_DEFAULT_OUTPUT AWS_PAGER", "how the AWS CLI prints"},
			{"AWS_MAX_ATTEMPTS AWS_RETRY_MODE AWS_DEFAULTS_MODE AWS_SDK_UA_APP_ID", "how AWS SDKs call"},
		}},
		{"Places and the keyring", []variable{
			{"HOME", "where the directories below and ~/.aws are (Windows: USERPROFILE)"},
			{"XDG_CONFIG_HOME", "instead of ~/.config, for connectors.toml (Windows: AppData)"},
			{"XDG_CACHE_HOME", "instead of ~/.cache (Windows: LocalAppData)"},
			{"DOCKER_CONFIG", "directory of the config.json that `configure docker` edits"},
			{"KUBECONFIG", "files that kubectl reads, and `configure kube` edits"},
			{"KUBERNETES_EXEC_INFO", "what kubectl asks `kube-token` for"},
			{"DBUS_SESSION_BUS_ADDRESS", "bus of the keyring"},
			{"XDG_RUNTIME_DIR", "where the bus is if that is not set"},
			{"DISPLAY WAYLAND_DISPLAY", "with either the keyring may open a dialog, and MFA codes are asked for in one"},
			{"SSH_CONNECTION", "with it no MFA code is asked for on the desktop of a Mac"},
			{"PATH", "where exec looks for a command, and `configure docker` for docker-credential-ecr"},
			{"SHELL", "what exec runs without a command (Windows: ComSpec), and for whom env prints"},
			{"ComSpec", "the shell of exec on Windows without SHELL"},
			{"BROWSER", "commands that open a URL for `console --open`, with : between them (Windows: ;); %s is the URL, else it is their last argument"},
			{"GITHUB_ENV", "file to which `env --shell github-actions` adds"},
		}},
		{"The screen", []variable{
			{"NO_COLOR", "any value: no colours"},
			{"TERM", "dumb: neither colours nor a line of progress"},
		}},
	}
}
