package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"aws-connector/helper"
	"aws-connector/keystore"
)

var faults = []fault{
	// The program.
	{"not on PATH", false, Warning, "is not on the PATH", "add ", func(p *planted) {
		p.env["PATH"] = p.path("other")
		p.write(".aws/config", "", 0o600)
	}},
	{"another runs", true, Warning, "PATH leads to", "remove one", func(p *planted) {
		p.write("first/aws-connector", "other", 0o755)
		p.env["PATH"] = p.path("first") + string(os.PathListSeparator) + p.path("bin")
		p.write(".aws/config", "[profile deploy]\ncredential_process = "+p.Self+" get deploy\n", 0o600)
	}},
	{"another behind", false, Warning, "another aws-connector later", "remove it", func(p *planted) {
		p.write("last/"+exe("aws-connector"), "other", 0o755)
		p.env["PATH"] += string(os.PathListSeparator) + p.path("last")
	}},
	{"Docker helper missing", false, Broken, "is not on the PATH", "./install.sh", func(p *planted) {
		p.DockerHelper = func(context.Context) (string, error) {
			return "", hinted{"docker-credential-ecr is not on the PATH", "./install.sh"}
		}
	}},
	{"Docker helper of another version", false, Warning, "it is version v1.0.0, and this is v1.2.3", "ln -sf", func(p *planted) {
		p.DockerHelper = func(context.Context) (string, error) { return "v1.0.0", nil }
	}},
	{"dangling Docker helper", true, Warning, "is a broken link", "ln -sf", func(p *planted) {
		must(p.t, os.Symlink(p.path("gone"), p.path("bin/docker-credential-ecr")))
	}},
	{"ancient docker", false, Broken, "docker 17.9.1 does not ask", "18.06", dockerVersion("17.9.1")},
	{"leaking docker", false, Warning, "CVE-2021-41092", "20.10.9", dockerVersion("20.10.8")},
	{"silent docker", false, Note, "docker 28.2.2 continues without credentials", "docker 29", dockerVersion("28.2.2")},
	{"docker that fails", false, Warning, "--version fails", "reinstall", func(p *planted) {
		p.Run = func(context.Context, string, ...string) (string, error) { return "", errors.New("exit status 1") }
	}},

	// connectors.toml.
	{"no connectors.toml", false, Note, "connectors.toml", "add a table", func(p *planted) {
		must(p.t, os.Remove(p.path("connectors.toml")))
		p.write(".aws/config", "", 0o600)
		p.write(".docker/config.json", "", 0o600)
		p.load()
	}},
	{"empty connectors.toml", false, Note, "has no connectors", "add a table", func(p *planted) {
		p.toml("")
		p.write(".aws/config", "", 0o600)
		p.write(".docker/config.json", "", 0o600)
	}},
	{"not TOML", false, Broken, "a secret does not belong in this file", "key add", func(p *planted) {
		p.toml("[connectors.deploy]\nsecret = CANARY\n")
		p.write(".aws/config", "", 0o600)
		p.write(".docker/config.json", "", 0o600)
	}},
	{"a region with a slip", false, Warning, `aws-connector does not know region "eu-wets-1": did you mean "eu-west-1"?`, "correct it", func(p *planted) {
		p.toml(connectors + "[connectors.b]\nauth_method = \"process\"\ncredential_process = [\"/bin/true\"]\nregion = \"eu-wets-1\"\n")
	}},
	{"a path in a bucket", false, Warning, "its resource is all of s3://reports", "correct it", field("resource_type = \"s3-bucket\"\nresource_id = \"s3://reports/team/\"")},
	{"everybody can write", true, Broken, "everybody can write to it", "chmod go-w", func(p *planted) {
		must(p.t, os.Chmod(p.path("connectors.toml"), 0o606))
		p.write(".aws/config", "", 0o600)
		p.write(".docker/config.json", "", 0o600)
		p.load()
	}},
	{"the group can write", true, Warning, "its group can change", "chmod go-w", func(p *planted) {
		must(p.t, os.Chmod(p.path("connectors.toml"), 0o660))
	}},
	{"open directory", true, Warning, "can be written by everybody", "chmod go-w", func(p *planted) {
		must(p.t, os.Chmod(p.home, 0o757))
		p.t.Cleanup(func() { must(p.t, os.Chmod(p.home, 0o700)) })
	}},
	{"broken connector", false, Broken, `unknown key "regoin"`, "region", func(p *planted) {
		p.toml(connectors + "[connectors.b]\nauth_method = \"session-token\"\nregoin = \"x\"\n")
	}},

	{"program for codes missing", false, Broken, "mfa_process: ykman-of-nobody is not on the PATH", "its absolute path", field("mfa_serial = \"arn:aws:iam::123456789012:mfa/alice\"\nmfa_process = [\"ykman-of-nobody\"]")},
	{"implicit not allowed", false, Broken, "auth_method implicit is not allowed", "allow_implicit_auth_methods = true", func(p *planted) {
		p.toml(connectors + "[connectors.b]\nauth_method = \"implicit\"\nregion = \"eu-central-1\"\n")
	}},
	{"short sessions", false, Warning, "sessions of 900 s", "1800", field("expiration_seconds = 900")},
	{"no tolerance", false, Warning, "expires_skew_tolerance is 30 s", "60", field("expires_skew_tolerance = 30")},
	{"profile of a connector missing", false, Broken, `profile "gone" does not exist`, "correct profile_name", func(p *planted) {
		p.ambient("")
		p.toml(connectors + implicit + "profile_name = \"gone\"\n")
	}},
	{"cycle", false, Broken, "the connector starts itself: ambient -> ambient", "profile_name", func(p *planted) {
		p.write(".aws/config", "[profile me]\ncredential_process = "+p.Self+" get ambient\n", 0o600)
		p.env["AWS_PROFILE"] = "me"
		p.ambient("me")
		p.toml(connectors + implicit)
	}},

	// The keystore.
	{"key missing", false, Broken, "not in the OS keyring, and used by deploy", "aws-connector key add main", func(p *planted) {
		p.Keys = keys{state: keystore.State{Listed: true}}
	}},
	{"locked keyring", false, Broken, "the keyring is locked", "about the keyring is locked", probe(keystore.ErrLocked)},
	{"locked keyring with a display", false, Warning, "its dialog will ask", "unlock it now", func(p *planted) {
		p.Display, p.Keys = true, keys{err: keystore.ErrLocked}
	}},
	{"no keyring made", false, Broken, "this user has no keyring yet", "about this user has no keyring", probe(keystore.ErrNotMade)},
	{"no keyring", false, Broken, "no OS keyring can be reached", "about no OS keyring", probe(keystore.ErrUnavailable)},
	{"no keyring, no choice", false, Broken, "makes no choice", "about no OS keyring", func(p *planted) {
		p.Connectors.Keystore, p.Keys = "", keys{err: keystore.ErrUnavailable}
	}},
	{"hanging keyring", false, Broken, "did not answer in time", "about the keyring", probe(keystore.ErrTimeout)},
	{"keyring asleep", false, Note, "no keyring is running yet", "key list", func(p *planted) { p.Keys = keys{state: keystore.State{Asleep: true}} }},
	{"keyring that says something else", false, Broken, "OS keyring: odd", "key list", func(p *planted) {
		p.Hint, p.Keys = func(error) string { return "" }, keys{err: errors.New("OS keyring: odd")}
	}},
	{"slow keyring", false, Warning, "it took 3.0 s to answer", "restart the keyring", func(p *planted) {
		now := time.Unix(1_800_000_000, 0)
		p.Now = func() time.Time { return now }
		p.Keys = keys{state: keystore.State{Names: []string{"main"}, Listed: true}, wait: func() { now = now.Add(3 * time.Second) }}
	}},
	{"no keys.age", false, Broken, "does not exist yet, and connectors use main", "aws-connector key add main", func(p *planted) { keysFile(p, false) }},
	{"no passphrase", false, Broken, "no passphrase for it and no terminal", "AWS_CONNECTOR_PASSPHRASE_FILE", func(p *planted) { keysFile(p, true) }},
	{"open keys.age", true, Broken, "has mode 0644", "about ", func(p *planted) {
		keysFile(p, true)
		p.CanAsk = true
		must(p.t, os.Chmod(p.path("keys.age"), 0o644))
	}},
	{"no passphrase file", false, Broken, "passphrase does not exist", "about ", passphrase("", 0)},
	{"open passphrase file", true, Broken, "passphrase can be read by everybody (mode 0604)", "about ", passphrase("CANARY\n", 0o604)},
	{"passphrase of two lines", false, Broken, "has more than one line", "about ", passphrase("CANARY\nCANARY\n", 0o600)},
	{"not of age", false, Broken, "not a file that age encrypted", "about ", func(p *planted) {
		keysFile(p, false)
		p.write("keys.age", "x", 0o600)
	}},
	{"wrong passphrase", false, Broken, "wrong passphrase", "about ", passphrase("CANARY\n", 0o600)},

	// The cache.
	{"no place for the cache", false, Warning, "there is no place for it", "AWS_CONNECTOR_CACHE_DIR", func(p *planted) { p.CacheDir = "" }},
	{"the cache's variable", false, Broken, "AWS_CONNECTOR_CACHE_DIR is not", "begin it with ~/", func(p *planted) {
		p.CacheDir, p.CacheErr = "", hinted{"AWS_CONNECTOR_CACHE_DIR is not an absolute path", "begin it with ~/"}
	}},
	{"the variable of the AWS files", false, Broken, "AWS_CONFIG_FILE is not", "begin it with ~/", func(p *planted) {
		p.AWSConfig, p.AWSErr = "", hinted{"AWS_CONFIG_FILE is not an absolute path", "begin it with ~/"}
	}},
	{"the variable of Docker's directory", false, Broken, "DOCKER_CONFIG is not", "begin it with ~/", func(p *planted) {
		p.DockerConfig, p.DockerErr = "", hinted{"DOCKER_CONFIG is not an absolute path", "begin it with ~/"}
	}},
	{"cache is a link", true, Broken, "is a symbolic link", "remove the link", func(p *planted) {
		must(p.t, os.Rename(p.path("cache"), p.path("elsewhere")))
		must(p.t, os.Symlink(p.path("elsewhere"), p.path("cache")))
	}},
	{"cache is a file", false, Broken, "is not a directory", "remove it", func(p *planted) {
		must(p.t, os.Remove(p.path("cache")))
		p.write("cache", "", 0o600)
	}},
	{"open cache", true, Warning, "has mode 0722", "chmod 700", func(p *planted) { must(p.t, os.Chmod(p.path("cache"), 0o722)) }},
	{"read-only cache", true, Warning, "cannot be written to", "AWS_CONNECTOR_CACHE_DIR", func(p *planted) {
		p.Writable = func(string) error { return fs.ErrPermission }
	}},
	{"cache without locks", false, Warning, "does not support locks", "local disk", func(p *planted) {
		p.TryLock = func(string) error { return errors.New("no locks available") }
	}},
	{"not sealed", false, Note, "they are plain files: the kernel refused", `seal = "off"`, func(p *planted) {
		p.Sealing = func() string { return "plain files: the kernel refused: operation not permitted" }
	}},
	{"cannot seal", false, Broken, "nothing is kept: the kernel refused", `seal = "auto"`, func(p *planted) {
		p.Sealing = func() string { return "nothing is kept: the kernel refused: operation not permitted" }
	}},

	// Clock and network; what errors there are is in TestUnreachable.
	{"clock behind", false, Warning, "clock is 1m30s behind AWS's", "NTP", drifting(90 * time.Second)},
	{"clock ahead", false, Warning, "clock is 1m30s ahead of AWS's", "NTP", drifting(-90 * time.Second)},
	{"clock wrong", false, Broken, "beyond 5 minutes AWS refuses", "NTP", drifting(-time.Hour)},
	{"STS unreachable", false, Broken, "used by deploy", "firewall", func(p *planted) { p.Fetch = answer(errors.New("EOF CANARY")) }},
	{"STS ill", false, Warning, "answers with status 503", "later", func(p *planted) {
		p.Fetch = func(context.Context, string) (Answer, error) { return Answer{Status: 503}, nil }
	}},
	{"proxy wants a password", false, Broken, "requires a user name and a password", "USER:PASSWORD", func(p *planted) {
		p.Proxy = func(string) (string, error) { return "http://proxy:3128", nil }
		p.Fetch = func(context.Context, string) (Answer, error) { return Answer{Status: 407}, nil }
	}},
	{"malformed proxy", false, Broken, "is not the URL of a proxy", "http://HOST:PORT", func(p *planted) {
		p.Proxy = func(string) (string, error) { return "", errors.New("CANARY") }
	}},
	{"CA bundle", false, Broken, "AWS_CA_BUNDLE: no PEM certificate", "PEM certificates", func(p *planted) {
		p.write("bundle.pem", "nothing", 0o600)
		p.sts.CABundle = p.path("bundle.pem")
		_, p.FetchErr = helper.Client{CABundle: p.sts.CABundle}.HTTPClient(0)
	}},
	{"FIPS and an endpoint", false, Broken, "AWS_USE_FIPS_ENDPOINT and an endpoint URL are both set", "unset", func(p *planted) {
		p.sts.FIPS, p.sts.EndpointURL = true, "http://127.0.0.1:1"
		p.load()
	}},

	// The environment.
	{"a switch that SDKs read otherwise", false, Warning, `it is "1": aws-connector takes it for true, the AWS CLI and boto3 take it for false`, "set it to true", func(p *planted) {
		p.env["AWS_USE_FIPS_ENDPOINT"] = "1"
	}},
	{"a switch that nobody takes for true", false, Warning, `it is "yes", which no SDK takes for true`, "set it to true", func(p *planted) {
		p.env["AWS_EC2_METADATA_DISABLED"] = "yes"
	}},
	{"malformed boolean", false, Broken, "AWS_USE_FIPS_ENDPOINT is", "true or false", func(p *planted) {
		p.EnvironmentErr, p.Helper = hinted{`AWS_USE_FIPS_ENDPOINT is "ja"`, "set it to true or false"}, nil
	}},
	{"keys in the environment", false, Warning, "credentials in the environment win", "unset AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID", "CANARY")},
	{"keys beside AWS_PROFILE", false, Warning, "win over AWS_PROFILE=deploy", "unset AWS_SECRET_ACCESS_KEY", func(p *planted) {
		p.env["AWS_SECRET_ACCESS_KEY"], p.env["AWS_PROFILE"] = "CANARY", "deploy"
	}},
	{"profile of the environment missing", false, Broken, `there is no profile "gone"`, "unset AWS_PROFILE", variable("AWS_PROFILE", "gone")},
	{"chain", false, Warning, "as a cycle", "unset AWS_CONNECTOR_CHAIN", variable("AWS_CONNECTOR_CHAIN", "deploy")},

	// ~/.aws/config and ~/.aws/credentials.
	{"connector of a profile missing", false, Broken, `no connector "deplyo"`, `did you mean "deploy"`, profile("credential_process = aws-connector get deplyo")},
	{"program of a profile missing", true, Broken, "its program does not exist: /nowhere/aws-connector", "credential_process = ", profile("credential_process = /nowhere/aws-connector get deploy")},
	{"program of a profile is another", true, Warning, "it runs ", "credential_process = ", func(p *planted) {
		p.write("old/aws-connector", "old", 0o755)
		profile("credential_process = " + p.path("old/aws-connector") + " get deploy")(p)
	}},
	{"space in a path", true, Warning, "has a space, which minio", "without spaces", func(p *planted) {
		must(p.t, os.Mkdir(p.path("my tools"), 0o700))
		must(p.t, os.Link(p.Self, p.path("my tools/aws-connector")))
		profile(`credential_process = "` + p.path("my tools/aws-connector") + `" get deploy`)(p)
	}},
	{"space in a path, after a backslash", true, Warning, "has a space, which minio", "without spaces", func(p *planted) {
		must(p.t, os.Mkdir(p.path("my tools"), 0o700))
		must(p.t, os.Link(p.Self, p.path("my tools/aws-connector")))
		profile(`credential_process = ` + p.path(`my\ tools/aws-connector`) + ` get deploy`)(p)
	}},
	{"space without quotes, no such program", true, Broken, "its program does not exist: /no", "get", profile("credential_process = /no where/aws-connector get deploy")},
	{"space without quotes", true, Broken, "has a space and no quotes", "without spaces", func(p *planted) {
		must(p.t, os.Mkdir(p.path("my tools"), 0o700))
		must(p.t, os.Link(p.Self, p.path("my tools/aws-connector")))
		profile("credential_process = " + p.path("my tools/aws-connector") + " get deploy")(p)
	}},
	{"no argument", false, Broken, "has no argument", "get NAME", profile("credential_process = aws-connector")},
	{"not get", false, Broken, "is not `get NAME`", "get deploy", profile("credential_process = aws-connector show deploy")},
	{"quotes at both ends", true, Broken, "begins and ends with a quote", "get NAME", func(p *planted) {
		profile(`credential_process = '` + p.Self + `' get 'deploy'`)(p)
	}},
	{"an argument too many", false, Broken, "more arguments than `get NAME`", "get deploy", profile("credential_process = aws-connector get deploy x")},
	{"program of a narrowed profile missing", true, Broken, "its program does not exist: /nowhere/at/all/aws-connector", "get role --resource-type s3-bucket --resource-id s3://logs", func(p *planted) {
		p.toml(connectors + "[connectors.role]\nauth_method = \"iam-role\"\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\nregion = \"eu-central-1\"\nkey = \"main\"\n")
		profile("credential_process = /nowhere/at/all/aws-connector get role --resource-id s3://logs --resource-type s3-bucket")(p)
	}},
	{"narrowed where it cannot be", false, Broken, `connector "deploy": its sessions cannot be narrowed`, "use a connector with a role", profile("credential_process = aws-connector get deploy --resource-type s3-bucket")},
	{"quoted argument", false, Broken, "its arguments have quotes", "get NAME", profile(`credential_process = aws-connector get "deploy" x`)},
	{"tilde", false, Broken, "expand neither ~", "get deploy", profile("credential_process = ~/bin/aws-connector get deploy")},
	{"source_profile beside", false, Broken, "source_profile does not go together", "another profile", profile("credential_process = aws-connector get deploy\nsource_profile = x")},
	{"key in the section", false, Broken, "aws_secret_access_key is used by some SDKs", "another profile", profile("credential_process = aws-connector get deploy\naws_secret_access_key = CANARY")},
	{"key in credentials", false, Broken, "wins over credential_process", "another profile", func(p *planted) {
		p.write(".aws/credentials", "[deploy]\naws_session_token = CANARY\n", 0o600)
	}},
	{"long-term key", false, Warning, "it has a long-term key in plain text, in work", "aws-connector key add work", func(p *planted) {
		p.write(".aws/credentials", "[work]\naws_access_key_id = AKIACANARY\naws_secret_access_key = CANARY\n", 0o600)
	}},
	{"open credentials", true, Warning, "has mode 0644 and others may be able to read the keys", "chmod 600", func(p *planted) {
		p.write(".aws/credentials", "[work]\nregion = eu-central-1\n", 0o644)
	}},
	{"unreadable config", false, Broken, "the AWS CLI refuses the whole file", "remove that line", func(p *planted) {
		p.write(".aws/config", "[profile deploy]\ncredential_process = aws-connector get deploy\n[profile x]\na = 1\na = 2\n", 0o600)
	}},
	{"byte order mark", false, Broken, "begins with a byte order mark, for which the AWS CLI", "does not write one", func(p *planted) {
		p.write(".aws/config", "\ufeff[profile deploy]\ncredential_process = aws-connector get deploy\n", 0o600)
	}},
	{"config is a directory", false, Broken, "is not a regular file", "that you can read", func(p *planted) {
		must(p.t, os.Remove(p.AWSConfig))
		must(p.t, os.Mkdir(p.AWSConfig, 0o700))
	}},

	// Docker's config.json.
	{"no entry", false, Note, "Docker does not use aws-connector for", "aws-connector configure docker", config("{}")},
	{"another helper", false, Warning, `uses another helper, "pass"`, "--force", config(`{"credHelpers":{"` + registry + `":"pass"}}`)},
	{"the incumbent", false, Warning, `uses another helper, "ecr-login"`, "configure docker --take-over", func(p *planted) {
		p.write("bin/"+exe("docker-credential-ecr-login"), "amazon", 0o755)
		config(`{"credHelpers":{"` + registry + `":"ecr-login"}}`)(p)
	}},
	{"the incumbent's name, by this one, for a host that nobody claims", true, Warning, "888888888888.dkr.ecr.eu-central-1.amazonaws.com, for which there is no connector", "--remove", func(p *planted) {
		must(p.t, os.Symlink(p.Self, p.path("bin/docker-credential-ecr-login")))
		config(`{"credHelpers":{"888888888888.dkr.ecr.eu-central-1.amazonaws.com":"ecr-login","` + registry + `":"ecr-login"}}`)(p)
	}},
	{"dangling incumbent", true, Warning, "docker-credential-ecr-login is a broken link", "--ecr-login", func(p *planted) {
		must(p.t, os.Symlink(p.path("gone"), p.path("bin/docker-credential-ecr-login")))
	}},
	{"unclaimed host", false, Warning, "for which there is no connector", "--remove", config(`{"credHelpers":{"` + registry + `":"ecr","999999999999.dkr.ecr.eu-central-1.amazonaws.com":"ecr"}}`)},
	{"credsStore", false, Warning, `credsStore is "ecr"`, "remove", config(`{"credsStore":"ecr","credHelpers":{"` + registry + `":"ecr"}}`)},
	{"URL in credHelpers", false, Warning, "but docker looks for the host alone", "remove the entry", config(`{"credHelpers":{"https://` + registry + `":"ecr-login","` + registry + `":"ecr"}}`)},
	{"credHelpers twice", false, Warning, "credHelpers is there more than once", "keep only one of them", config(`{"credHelpers":{"r.example":"x"},"credHelpers":{"` + registry + `":"ecr"}}`)},
	{"stored password", false, Warning, "auths has a password", "docker logout", config(`{"auths":{"` + registry + `":{"auth":"CANARY"}},"credHelpers":{"` + registry + `":"ecr"}}`)},
	{"open config.json", true, Warning, "may be able to read the passwords", "chmod 600", func(p *planted) {
		p.write(".docker/config.json", `{"auths":{"r.example":{"auth":"CANARY"}},"credHelpers":{"`+registry+`":"ecr"}}`, 0o644)
	}},
	{"byte order mark in config.json", false, Broken, "begins with a byte order mark, which docker", "does not write one", config("\ufeff" + `{"credHelpers":{"` + registry + `":"ecr"}}`)},
	{"invalid config.json", false, Broken, "1:2: invalid JSON", "", config(`{CANARY`)},
}
