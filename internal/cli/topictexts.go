package cli

const tomlTopicHead = `connectors.toml says how credentials are had. It lies in aws-connector/ in
~/.config ($XDG_CONFIG_HOME), on macOS in ~/Library/Application Support, on
Windows in %AppData%; $AWS_CONNECTOR_CONFIG names another file.

  keystore = "system"          # where keys are: the OS keyring, or "file":
                               # keys.age beside this file, encrypted
  audit = "~/aws-audit.jsonl"  # off unless given: record each answer there, or
                               # with "syslog" in the system's log

  [cache]
  seal = "auto"                # cached sessions are sealed where the OS keeps a
                               # key; "keyring": or not kept; "off": plain files

  [defaults]                   # any field but resource_id and source
  region = "eu-central-1"

  [connectors.deploy]          # as many as you like
  auth_method = "iam-role"
  key         = "main"
  role_arn    = "arn:aws:iam::123456789012:role/Deploy"

A connector's own field wins over the default. An unknown key, a field that the
method does not use and a secret are errors; one broken connector does not stop
the others. Names of connectors and keys have at most 64 letters, digits, dots,
dashes and underscores, the first a letter or digit.

With audit each answer to get and to Docker is one line of JSON: time, version,
pid and program of the caller, connector, action, answer ("hit" from the cache,
"mint", "failed"), the last four characters of the access key id, outcome ("ok",
"failed", "misconfigured", "person-needed", "temporary"). It never holds a
secret. The file is made with mode 0600, its directory is not made; what cannot
be recorded fails no answer: doctor, check and -v tell.

Fields of a connector

`

const tomlTopicFoot = `
` + "`aws-connector init --example` prints a file with each method." + `
`

const dockerTopic = `docker, podman, buildah, skopeo, crane, oras, regctl and other container tools
ask docker-credential-ecr, a link to aws-connector, for logins to ECR. As
docker-credential-ecr-login, which ./install.sh --ecr-login links, it answers
where Docker was told to ask amazon-ecr-credential-helper.

1. Say in a connector which registries it answers for:

     registries = ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"]

   An element is a registry's host, an account id (its registries in every
   region), public.ecr.aws, or * for all. The closest claim answers; two
   connectors with the same claim are an error. With resource_type =
   "docker-registry" the resource_id is claimed too.

2. Tell Docker, which looks helpers up by host:

     aws-connector configure docker

   --dry-run shows the change, --remove undoes it. By hand it is, in
   ~/.docker/config.json ($DOCKER_CONFIG):

     {"credHelpers":
       {"123456789012.dkr.ecr.eu-central-1.amazonaws.com": "ecr"}}

3. docker pull and docker push then need no login.

The connector's user or role needs ecr:GetAuthorizationToken (for ECR Public
ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken). A token is kept
for half of its 12 hours; docker logout HOST drops it.

"no basic auth credentials": no connector claims that registry, or Docker does
not ask. ` + "`aws-connector docker list`" + ` shows the claims. public.ecr.aws falls back
to anonymous pulls; AWS_CONNECTOR_LOG=debug tells why.
`

const mfaTopic = `A connector whose role or user asks for MFA names the device:

  [connectors.deploy]
  auth_method = "iam-role"
  key         = "main"
  role_arn    = "arn:aws:iam::123456789012:role/Deploy"
  mfa_serial  = "arn:aws:iam::123456789012:mfa/alice"

One code is enough for all connectors with the same key and device, in every
region: it makes an MFA session of 12 hours (mfa_session_seconds, 900 to
129600), from which their roles are assumed. mfa = "role" gives a code for
each role's session instead, as a role needs whose trust policy bounds the
code's age. A session-token's session is the MFA session itself. Profiles of
~/.aws/config with mfa_serial that an implicit connector starts from share the
MFA session of their access key in the same way.

Where the code comes from, the first that there is:

  1. the seed stored with the key: ` + "`aws-connector key add main --totp`" + `
  2. mfa_process, a program that prints it; no shell reads the list:
       mfa_process = ["ykman", "oath", "accounts", "code", "--single", "aws"]
  3. where there is a display, a window: pinentry, zenity or kdialog, on macOS
     pinentry-mac or osascript
  4. the terminal from which the program was started that needs credentials;
     never its standard input

Whoever needs a code and can ask nobody fails with exit status 3 and says

  aws-connector login deploy

which asks on the terminal, so that later calls, of whatever program, are
silent.

A code is good once. None is sent a second time, not even where its answer was
lost: then it may be used up. Processes tell one another which were sent; the
next one waits for the device's next step, up to 30 s, and says so on a
terminal. On a terminal a wrong code is asked for again, three times in all.
Codes are those of AWS's clock, as far as AWS has told it.

With the seed beside the key both factors are in one place: whoever opens the
keystore has both. Use it where the account asks for MFA and no person is
there, or where the keystore is as well kept as the device.
`

const headlessTopic = `On a machine without a keyring or without a person:

Keys in an encrypted file. At the top of connectors.toml:

  keystore = "file"

Keys are then in keys.age beside it, under a passphrase. It is asked for on a
terminal, or read from a file of mode 0600:

  export AWS_CONNECTOR_PASSPHRASE_FILE=/run/secrets/aws-connector

Keys without a terminal. They come on standard input, never as arguments:

  aws iam create-access-key | aws-connector key add main --stdin

Connectors without a terminal:

  aws-connector init --example >~/.config/aws-connector/connectors.toml

No key at all. On EC2, ECS, EKS and with a web identity there are credentials
already; a connector can start from them and assume a role:

  [connectors.deploy]
  auth_method                 = "implicit"
  allow_implicit_auth_methods = true
  region                      = "eu-central-1"
  role_arn                    = "arn:aws:iam::123456789012:role/Deploy"

In CI the identity provider's token may lie in a file, or a program gets it:

  [connectors.ci]
  auth_method                = "web-identity"
  region                     = "eu-central-1"
  role_arn                   = "arn:aws:iam::123456789012:role/CI"
  web_identity_token_process = ["/opt/ci/print-token"]

Services and cron jobs have neither your HOME nor your PATH: set HOME, or
AWS_CONNECTOR_CONFIG and AWS_CONNECTOR_CACHE_DIR, and write the whole path of
aws-connector into credential_process.

Nothing waits for a person who is not there: exit status 3 says that one is
needed, and the hint what for. A call ends within 55 s.
`

const exitCodesTopic = `Standard output carries only the answer; on failure it is empty, and standard
error says what is wrong and, after "hint:", what to do.

  0  done
  1  failed: AWS said no, or anything that has no status of its own
  2  wrong usage or configuration: edit the command line, connectors.toml or
     the environment
  3  a person is needed: no such key, keystore locked, no terminal to ask on
  4  try again later: network, throttling, no answer in time

exec has the status of the command that it runs, 126 if that cannot be run and
127 if there is none; those above where no session was to be had.

docker-credential-ecr, and so ` + "`aws-connector docker`" + `, has Docker's own: 0 done,
1 anything else, with the reason on standard output.
`

const environmentTopicHead = `Variables that are read. A connector's own fields win over them. Those of AWS
are part of what a cached session is known by: another value, another session.
A path is written from the root or begins with ~/; another one is refused.
`

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
			{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true: none of these six is used"},
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
