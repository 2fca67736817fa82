package cli

const helpTemplate = `{{.Long}}

usage: {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{if .HasAvailableSubCommands}}
commands:
{{range .Commands}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}}  {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}`

const rootHelp = `aws-connector gives AWS tools their credentials. It keeps long-term keys in the
OS keyring, reads connectors from a TOML file, answers credential_process for
the AWS CLI and every AWS SDK, logs Docker in to ECR, and caches what it got until
it is about to expire.

  aws-connector key add main          store a key
  $EDITOR ~/.config/aws-connector/connectors.toml
  aws-connector get deploy            what credential_process calls

Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 a person is
needed, 4 try again later.`

const getHelp = `Prints the credentials of connector NAME as one line of JSON, from the session
cache or newly made. AWS SDKs and the AWS CLI call it; in ~/.aws/config:

  [profile deploy]
  credential_process = aws-connector get deploy

It never reads standard input. On failure standard output stays empty.`

const keyHelp = `Keeps long-term AWS keys in the OS keyring, or, with keystore = "file" in
connectors.toml, in one file encrypted under a passphrase. Connectors name a key
by their field key; several may share one.`

const keyAddHelp = `Stores an access key under NAME. It asks for the key on the terminal; a key of
that name is replaced only after you agreed. With --stdin it reads

  {"AccessKeyId":"…","SecretAccessKey":"…"}

from standard input, for temporary credentials with "SessionToken" and
"Expiration", and replaces. No secret is ever an argument. Cached sessions that
were made from the replaced key are dropped.`

const keyListHelp = `Prints the names of the stored keys, one a line. It shows no key.`

const keyRemoveHelp = `Forgets the key NAME and drops every cached session that was made from it. The
key itself stays valid in AWS until it is deleted there.`

const listHelp = `Lists the connectors of connectors.toml with their method, region, key and cached
session, and says what is wrong with those that are broken.`

const showHelp = `Prints connector NAME as resolved: defaults filled in, resource id in canonical
form, with its account id where it is known and the session policy that is sent.`

const cacheHelp = `Lists or drops cached sessions, and cached tokens of ECR.`

const cacheListHelp = `Lists the cached sessions and tokens of ECR that are still valid. "unused" are those
that no connector, as it is now, would be answered with. Says on standard error how
they are protected, and why not better.`

const cacheClearHelp = `Drops what is cached for the connectors named, or all of it. A process that is
making a session at this moment is waited for. Sessions and tokens stay valid in
AWS until they expire.`

const dockerHelp = `Speaks Docker's credential-helper protocol for the registries of ECR that connectors
claim. Docker, podman, skopeo, crane, oras and others run it as
docker-credential-ecr, which is a link to this program. In ~/.docker/config.json:

  {"credHelpers": {"123456789012.dkr.ecr.eu-central-1.amazonaws.com": "ecr"}}

A connector claims what its registries list says: hosts, account ids,
public.ecr.aws, or * for all; and with resource_type = "docker-registry" its
resource_id. get prints the login; store keeps nothing and succeeds for ECR;
erase drops the cached token; list tells the claimed hosts and asks nobody.`

const configureHelp = `Edits the configuration of the clients that aws-connector answers, shows what it
changes, and keeps everything else in the file as it is.`

const configureDockerHelp = `Adds the registries that connectors claim to credHelpers in ~/.docker/config.json
($DOCKER_CONFIG), which podman, skopeo, crane and oras read too. Without a NAME it
takes every connector; a NAME is a connector or the host of a registry. Docker
looks helpers up by host: claims of an account id are added for the connector's
region, those of * not at all.

It shows the changes and keeps everything else in the file as it is. A host that
has another helper is left and told, unless --force is given. --remove undoes it.`

const doctorHelp = `Looks at everything that has to be right before clients get their credentials: the
program on the PATH and Docker's link to it, connectors.toml, the keystore, the
cache, the network and the clock against AWS, the environment, ~/.aws/config,
~/.aws/credentials and Docker's config.json. It changes nothing, opens no dialog,
makes no session and shows no secret; it takes 12 seconds at most.

A finding says what is wrong and, in the line after it, what to do. "broken" does not
work, "warning" works not as it should or not always, "note" could be better.
With --json it prints, broken ones first,

  {"findings":[{"severity":"…","about":"…","text":"…","fix":"…"}],"checked":N}

Exit status: 1 if anything is broken, else 0.`
