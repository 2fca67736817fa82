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
			{"AWS_CONNECTOR_CACHE_DIR", "directory in which aws-connector keeps its cache, in a directory of its own"},
			{"AWS_CONNECTOR_PASSPHRASE_FILE", "file or pipe that holds the passphrase of keys.age, and that others can't read"},
			{"AWS_CONNECTOR_PASSPHRASE", "the passphrase itself, only with allow_env_passphrase in connectors.toml; programs that are run don't get it"},
			{"AWS_CONNECTOR_LOG", "any value: print what happens to standard error, as -v does"},
			{"AWS_CONNECTOR_ENABLE_IMPLICIT_AUTH_METHODS", "true: allow auth_method implicit in every connector"},
			{"AWS_CONNECTOR_CHAIN", "set by aws-connector for the programs that it runs, to detect cycles"},
			{"AWS_CONNECTOR_EXEC", "set by exec to its connector, so that another exec inside it fails"},
		}},
		{"Endpoints and network", []variable{
			{"AWS_ENDPOINT_URL", "endpoint for every AWS service"},
			{"AWS_ENDPOINT_URL_STS", "endpoint for STS only"},
			{"AWS_ENDPOINT_URL_ECR", "endpoint for ECR"},
			{"AWS_ENDPOINT_URL_ECR_PUBLIC", "endpoint for ECR Public"},
			{"AWS_ENDPOINT_URL_EKS", "endpoint for EKS"},
			{"AWS_ENDPOINT_URL_S3", "endpoint for S3"},
			{"AWS_ENDPOINT_URL_IAM", "endpoint for IAM, which `key rotate` calls"},
			{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true: ignore these seven"},
			{"AWS_USE_FIPS_ENDPOINT", "true: use FIPS endpoints"},
			{"AWS_USE_DUALSTACK_ENDPOINT", "true: use dual-stack endpoints"},
			{"AWS_CA_BUNDLE", "file of PEM certificates to trust instead of the system's"},
			{"HTTPS_PROXY https_proxy", "proxy for https endpoints"},
			{"HTTP_PROXY http_proxy", "proxy for http endpoints"},
			{"NO_PROXY no_proxy", "hosts to connect to without a proxy"},
			{"SSL_CERT_FILE SSL_CERT_DIR", "where the system's certificates are"},
			{"GODEBUG LOCALDOMAIN RES_OPTIONS HOSTALIASES REQUEST_METHOD", "read by Go's TLS, DNS and proxy code"},
		}},
		{"auth_method implicit: what boto3 and the AWS CLI read, in their order", []variable{
			{"AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", "keys; they win over profiles, except over a profile_name"},
			{"AWS_SESSION_TOKEN AWS_SECURITY_TOKEN", "session token, if they are temporary"},
			{"AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID", "when they expire, and their account"},
			{"AWS_DEFAULT_PROFILE AWS_PROFILE", "profile, if the connector has no profile_name"},
			{"AWS_WEB_IDENTITY_TOKEN_FILE", "file with a web identity token"},
			{"AWS_ROLE_ARN AWS_ROLE_SESSION_NAME", "role to assume with it, and the session's name"},
			{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "credentials endpoint of ECS"},
			{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "credentials endpoint of EKS or of another tool"},
			{"AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "the endpoint's token"},
			{"AWS_EC2_METADATA_DISABLED", "true: don't ask the EC2 instance"},
			{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "address of the instance metadata service"},
			{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE AWS_IMDS_USE_IPV6", "whether to use its IPv4 or IPv6 address"},
			{"AWS_LOGIN_CACHE_DIRECTORY", "where `aws login` keeps its session"},
			{"AWS_REGION AWS_DEFAULT_REGION", "the region that `init` suggests; connectors have their own"},
			{"AWS_CONFIG_FILE", "file to read instead of ~/.aws/config"},
			{"AWS_SHARED_CREDENTIALS_FILE", "file to read instead of ~/.aws/credentials"},
		}},
		{"Other credentials, which exec and env remove", []variable{
			{"AWS_ACCESS_KEY AWS_SECRET_KEY AWS_CREDENTIAL_FILE", "keys, as older SDKs read them; exec and env remove the variables above that give credentials, too"},
			{"AWS_BEARER_TOKEN_BEDROCK", "API key of Amazon Bedrock"},
			{"AWS_SESSION_EXPIRATION", "when another tool's session ends"},
		}},
		{"Where `key import` finds keys", []variable{
			{"AWS_VAULT_FILE_DIR", "directory of aws-vault's file backend, instead of ~/.awsvault/keys"},
			{"AWS_VAULT_FILE_PASSPHRASE", "its passphrase, as aws-vault itself takes it"},
		}},
		{"AWS variables that don't affect sessions", []variable{
			{"AWS_DATA_PATH AWS_EXECUTION_ENV", "what the AWS CLI sets for its children, like all that begin with AWS_CLI_"},
			{"AWS_ACCESS_KEY AWS_SECRET_KEY", "older names for keys, removed by `serve`"},
			{"AWS_DEFAULT_OUTPUT AWS_PAGER", "how the AWS CLI prints results"},
			{"AWS_MAX_ATTEMPTS AWS_RETRY_MODE AWS_DEFAULTS_MODE AWS_SDK_UA_APP_ID", "how AWS SDKs send requests"},
		}},
		{"Places and the keyring", []variable{
			{"HOME", "home directory, which has ~/.aws and the directories below (Windows: USERPROFILE)"},
			{"XDG_CONFIG_HOME", "directory to use instead of ~/.config (Windows: AppData)"},
			{"XDG_CACHE_HOME", "directory to use instead of ~/.cache (Windows: LocalAppData)"},
			{"DOCKER_CONFIG", "directory of Docker's config.json"},
			{"KUBECONFIG", "kubectl's files, which `configure kube` edits"},
			{"KUBERNETES_EXEC_INFO", "set by kubectl: the kind of token it wants"},
			{"DBUS_SESSION_BUS_ADDRESS", "D-Bus address of the keyring"},
			{"XDG_RUNTIME_DIR", "where the D-Bus socket is if that isn't set"},
			{"CREDENTIALS_DIRECTORY", "where systemd puts a unit's credentials, such as aws-connector-passphrase"},
			{"DISPLAY WAYLAND_DISPLAY", "if either is set, the keyring, passphrase and MFA prompts can open a window"},
			{"SSH_CONNECTION", "if set, no prompt opens on the desktop of a Mac, or anywhere if there is a terminal"},
			{"LC_ALL LC_CTYPE LANG", "the terminal's characters, for pinentry"},
			{"LD_LIBRARY_PATH LD_LIBRARY_PATH_ORIG", "the second replaces the first for pinentry, which must not use the AWS CLI's own libraries"},
			{"PATH", "where programs are looked up"},
			{"SHELL", "shell that exec starts without a command, and that env prints for"},
			{"ComSpec", "shell that exec starts on Windows without SHELL"},
			{"BROWSER", "browsers for `console --open`, separated by : (Windows: ;); %s stands for the URL, which otherwise is the last argument"},
			{"GITHUB_ENV", "file to which `env --shell github-actions` adds variables"},
		}},
		{"The screen", []variable{
			{"NO_COLOR", "any value: no colors"},
			{"TERM", "dumb: no colors and no progress line"},
			{"LC_ALL LC_CTYPE LANG", "locale; if the first one set is UTF-8, `doctor` prints check marks"},
		}},
	}
}
