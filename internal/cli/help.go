package cli

const rootHelp = `aws-connector gives AWS tools their credentials. It keeps long-term keys in the
OS keyring, reads connectors from a TOML file, answers credential_process for
the AWS CLI and every AWS SDK, logs Docker in to ECR, and caches what it got
until it is about to expire.

  aws-connector init          asks for a key and a connector, and writes both
  aws-connector get deploy    what credential_process calls

Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 3 a person is
needed, 4 try again later.`

const getHelp = `Prints the credentials of connector NAME as one line of JSON, from the session
cache or newly made. AWS SDKs and the AWS CLI call it; in ~/.aws/config:

  [profile deploy]
  credential_process = aws-connector get deploy

With --resource-type the session is limited to resources of that type, with
--resource-id to one, as if the connector itself said so, for this call alone:

  aws-connector get deploy --resource-type s3-bucket --resource-id reports

Every such session is cached by itself. It needs a method that takes a session
policy: a role or a federation-token without a written one. A connector that has
a resource of its own can be narrowed further, never widened.

It never reads standard input. On failure standard output stays empty.`

const consoleHelp = `Prints a URL that signs in to the AWS console with the session of connector
NAME. It leads to the home page in the connector's region, or to that of
--service, the first part of a page's path, as s3, ec2 or cloudwatch. --duration
says how long the console stays open, 15 minutes to 12 hours, as 1h or 3600;
without it AWS decides.

The URL is a secret: whoever has it is signed in, for 15 minutes. With --open it
is not printed but opened, in --browser, else in one of $BROWSER, else in the
system's. The browser gets it as an argument, which other processes of this
machine can see.

AWS opens the console to the sessions of roles and of GetFederationToken: to
auth_method iam-role, web-identity and federation-token, and to implicit,
process and sts-token where they give such a session. --duration is for roles
that no other role has assumed.`

const envHelp = `Prints text that puts the session of connector NAME into a shell's environment:
the variables of exec, but for its mark, and the removal of those that exec
takes out. How each --shell takes it:

  bash, zsh, sh    eval "$(aws-connector env deploy)"
  fish             aws-connector env deploy | source
  powershell       aws-connector env deploy | Out-String | Invoke-Expression
  cmd              for /f "delims=" %i in ('aws-connector env deploy') do @%i
  dotenv           docker run --env-file <(aws-connector env deploy \
                     --shell dotenv) …
  json             an object of names and values
  github-actions   masks the secrets in the log, and adds the variables to the
                   file $GITHUB_ENV, for later steps

Without --shell it is that of $SHELL, sh if that is not known; on Windows
without $SHELL it is powershell. A value that a language cannot say is an error.

--unset prints what takes the variables out again and asks for no session; it
needs no NAME. A universal variable of fish is left to you, and told.

What is printed are live credentials. The session is not renewed; for a single
command exec is safer.`

const execHelp = `Runs COMMAND with the session of connector NAME in its environment:

  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
  AWS_REGION, AWS_DEFAULT_REGION
  AWS_CREDENTIAL_EXPIRATION     when the session ends, in RFC 3339
  AWS_CONNECTOR_EXEC            NAME

A long-term key has neither token nor expiration. AWS_PROFILE and the other
variables from which AWS SDKs take credentials are taken out; everything else
stays. Without a COMMAND it is $SHELL.

The session is not renewed: a COMMAND that outlives it needs a profile with
credential_process instead. Whoever may read COMMAND's environment, as root and
your own processes may, can read the session.

Flags stand before COMMAND; -- ends them. The command takes the place of this
process, with its id, terminal and signals, and ends with its own exit status.
126 says that it could not be run, 127 that there is none. Within exec it
refuses to run another one, unless --nested is given.`

const keyHelp = `Keeps long-term AWS keys in the OS keyring, or, with keystore = "file" in
connectors.toml, in one file encrypted under a passphrase. Connectors name a key
by their field key; several may share one.`

const keyAddHelp = `Stores an access key under NAME. It asks for the key on the terminal, which
shows the id alone, once it was read; a key of that name is replaced only
after you agreed. With --stdin it reads

  {"AccessKeyId":"…","SecretAccessKey":"…"}

from standard input, for temporary credentials with "SessionToken" and
"Expiration", and replaces. No secret is ever an argument. No caller is
answered with a session of the replaced key any more.

With --totp it stores the seed of the user's virtual MFA device with the key,
and asks for the key too if there is none of that name: aws-connector then
makes the codes itself. The seed is what AWS shows as the device's secret key,
or the text of the QR code (otpauth://…). --totp --stdin reads it from
standard input; in the object above it is "TOTP". A key that is replaced keeps
it. Key and seed in one place are one factor: ` + "`aws-connector help mfa`" + ` says
what that means.`

const loginHelp = `Makes the sessions of the connectors named now, asks for the MFA codes that
they take, and says until when later calls need none:

  deploy: until 18:04 (in 11 h 59 min)

Connectors with the same key and MFA device take one code together. What is
still good is kept; with --new it is made anew. It waits for you as long as
you need, though not more than 10 minutes, and asks on this terminal first.`

const keyListHelp = `Prints the names of the stored keys, one a line. It shows no key.`

const keyRemoveHelp = `Forgets the key NAME and drops every cached session that was made from it. It
tells which connectors use the key and asks on the terminal; where there is none
it needs --force. The key stays valid in AWS until it is deleted there, but AWS
never shows its secret again.`

const serveHelp = `Runs COMMAND with a place on this machine where AWS SDKs get the credentials of
connector NAME, and get newer ones for as long as COMMAND runs: what a job needs
that outlives a session.

  aws-connector serve deploy -- terraform apply

It is the container credentials endpoint of ECS and EKS, on a random port of
127.0.0.1 with a random token. COMMAND inherits no credentials, and has:

  AWS_CONTAINER_CREDENTIALS_FULL_URI      http://127.0.0.1:PORT/NAME
  AWS_CONTAINER_AUTHORIZATION_TOKEN       the token
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE  a file of mode 0600 with the token
  AWS_REGION, AWS_DEFAULT_REGION          the connector's region

An SDK that knows the file takes that; the one for JavaScript warns where it
finds both. --token env leaves out the file, --token file the variable.
SDKs prefer credentials of the profile "default", where there are some.

The first session is there before COMMAND starts, and MFA codes are asked for
then. Sessions are renewed in the background, where nobody is asked for a code:
the old one serves until its end, then SDKs are told to run

  aws-connector login NAME

which the endpoint notices. Of several connectors the first is in the variables;
each has its NAME as path. Signals are passed on, and its exit status is
COMMAND's: 127 where there is none of that name, 126 where it cannot be run.

Without COMMAND it prints the variables as NAME=VALUE, on standard error the
paths of the other connectors, and serves until it is interrupted:

  aws-connector serve deploy >serve.env &`

const listHelp = `Lists the connectors of connectors.toml with their method, region, key and
cached session, and says what is wrong with those that are broken.`

const showHelp = `Prints connector NAME as resolved: defaults filled in, resource id in canonical
form, the session policy that is sent, the endpoints that are called, and of the
cached session who it is of, until when it is valid and from when on it is made
anew. Account id and ARN are told where they are known: nobody is asked.`

const cacheHelp = `Lists or drops cached sessions, and cached tokens of ECR and of clusters.`

const cacheListHelp = `Lists the cached sessions and tokens that are still valid, NAME@TYPE/ID where
they are narrowed to a resource. "unused" are those that no connector, as
it is now, would be answered with. An MFA session is of a key and a device, and
roles are assumed from it. Says on standard error how they are protected, and
why not better.`

const cacheClearHelp = `Drops what is cached for the connectors named, or all of it. An MFA session is
of a key and a device, not of a connector: it is dropped without names alone.
A process that is making a session at this moment is waited for. Sessions and
tokens stay valid in AWS until they expire.`

const dockerHelp = `Speaks Docker's credential-helper protocol for the registries of ECR that
connectors claim. Docker, podman, skopeo, crane, oras and others run it as
docker-credential-ecr, which is a link to this program. ~/.docker/config.json
asks for it so:

  {"credHelpers": {"123456789012.dkr.ecr.eu-central-1.amazonaws.com": "ecr"}}

A connector claims what its registries list says: hosts, account ids,
public.ecr.aws, or * for all; and with resource_type = "docker-registry" its
resource_id. get prints the login; store keeps nothing and succeeds for ECR;
erase drops the cached token; list tells the claimed hosts and asks nobody.`

const kubeTokenHelp = `Prints a token for a cluster of EKS as an ExecCredential, in the apiVersion that
kubectl asks for in KUBERNETES_EXEC_INFO. helm, k9s and every other client-go
program ask the same way; ` + "`aws-connector configure kube`" + ` lets them.

The cluster is the connector's resource_id, or named by --cluster, its name or
ARN. Without a NAME the connector is the one whose resource_type is
kubernetes-cluster and whose resource_id is the cluster.

The token is made here from the connector's session, and AWS is not asked for
it. It is good for 14 minutes, not longer than the session, and cached until
then. It never reads standard input. On failure standard output stays empty.`

const configureHelp = `Edits the configuration of the clients that aws-connector answers, shows what it
changes, and keeps everything else in the file as it is.`

const configureAWSHelp = `Gives each connector a profile in ~/.aws/config ($AWS_CONFIG_FILE) whose
credential_process is this program, with the connector's region. Without a NAME
it takes every connector; --profile names the profile of one. With the flags
that narrow a session, as of get, the profile is called NAME@TYPE/ID.

A profile that exists keeps everything else. One that would not work in every
SDK then, for what stands beside it there or in ~/.aws/credentials, is refused
and told why; so is one with another program's credential_process, which --force
replaces. Of the file it shows the lines that it changes, and names around them.

--remove takes out what this put in: from all profiles that run NAME, whatever
they are called and narrowed to, from those narrowed so, or from --profile. What
--force had replaced does not come back.`

const configureDockerHelp = `Adds the registries that connectors claim to credHelpers in Docker's config.json
in ~/.docker ($DOCKER_CONFIG), which podman, skopeo, crane and oras read too.
Without a NAME it takes every connector; a NAME is a connector or the host of a
registry. Docker looks helpers up by host: claims of an account id are added for
the connector's region, those of * not at all.

It shows the changes and keeps everything else in the file as it is. A host that
has another helper is left and told, unless --force is given. --remove takes the
entries out again.

With --take-over it also replaces ecr-login, amazon-ecr-credential-helper's,
wherever a connector claims the host, by any claim, and tells where not. What
was there is not kept: --remove puts it back nowhere.`

const configureKubeHelp = `Lets kubectl, helm, k9s and other client-go programs ask aws-connector for their
tokens. It asks EKS where the cluster is, and gives the first file of KUBECONFIG
that exists (~/.kube/config) a cluster, a user and a context, all called as the
connector; NAME@CLUSTER where the cluster is not its resource_id. --context
names them. NAME and --cluster are as of kube-token.

Everything else in the file stays as it is, and so does what others added to
the entries, such as a context's namespace. The current context changes only
with --use. What has the name and is another program's is left and told, unless
--force is given.

--remove takes out the entries that run aws-connector: of NAME, of --cluster,
the one called --context, or all. It asks nobody.`

const checkHelp = `Proves that connectors work: of all, or of those named, many at once. Each step
is told with what was found or what is wrong, and how long it took:

  credentials  cached ones, or new ones
  identity     STS GetCallerIdentity: who they are of
  bucket       S3 HeadBucket, where resource_id is a bucket: it is there, may be
               used, and lies in the connector's region
  cluster      EKS DescribeCluster, where resource_id is a cluster
  token        ECR GetAuthorizationToken, for each registry that is claimed
  registry     the registry itself lets that token in

With --resource-type and its like, as of get, it is the narrowed session that is
proved. A connector that is broken in the file fails with the step config. A
step after one that failed is skipped. With --json it prints a list of objects:

  {"name","outcome","seconds","account_id","arn","exit_status","steps":
    [{"step","resource","outcome","seconds","detail","problem","hint"}]}

Exit status: 0 if nothing failed, else that of the gravest failure: 2 the file
must be edited, then 3 a person is needed, 1 AWS said no, 4 try again later.`

const resourcesHelp = `Lists what AWS shows to the credentials of connector NAME: the buckets of its
account, the clusters of its region, and its registry with the URIs of the
repositories. A connector with a resource_type lists that type. The ids are in
the form of resource_id. With --json it prints a list of objects:

  {"resource_type","resources":[{"resource_id","region","repository_uris"}],
    "problem","hint"}

A type that is refused is told on standard error, and the others are listed; the
exit status is then 1, or 4 if it may pass.`

const completionHelp = `Prints a script that lets a shell complete commands, flags, and the names of
connectors and keys in connectors.toml. Load it in the shell's start-up file:

  bash         ~/.bashrc       source <(aws-connector completion bash)
  zsh          ~/.zshrc        source <(aws-connector completion zsh)
                               after the line with compinit
  fish         aws-connector completion fish \
                 > ~/.config/fish/completions/aws-connector.fish
  PowerShell   $PROFILE        aws-connector completion powershell |
                                 Out-String | Invoke-Expression

bash needs the package bash-completion. Completing asks neither AWS nor the
keyring.`

const initHelp = `Asks on the terminal for a method, a region, a role, a name and a key, stores
the key, and writes the connector, commented, to connectors.toml. A file that
exists keeps all that is in it, and the connector comes behind; a name that
exists is refused. Ctrl-C at any question before that ends it, and nothing is
stored or written.

Then it can try the connector: it gets credentials, and tells whose they are.

Without a terminal, start from a file with each method:

  aws-connector init --example >~/.config/aws-connector/connectors.toml`

const doctorHelp = `Looks at everything that has to be right before clients get their credentials:
the program on the PATH and Docker's link to it, connectors.toml, the keystore,
the cache, the network and the clock against AWS, the environment, the AWS
SDKs' files in ~/.aws and Docker's config.json. It changes nothing, opens no
dialog, makes no session and shows no secret; it takes 12 seconds at most.

A finding says what is wrong and, in the line after it, what to do. "broken"
does not work, "warning" works not as it should or not always, "note" could be
better. With --json it prints, broken ones first,

  {"findings":[{"severity":"…","about":"…","text":"…","fix":"…"}],"checked":N}

Exit status: 1 if anything is broken, else 0.`
