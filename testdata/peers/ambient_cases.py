"""Environments for ambient.py: some written, others generated from a seed."""
import dataclasses, hashlib, json, random

from ambient_fake import made

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
CONFIG, CREDENTIALS = ".aws/config", ".aws/credentials"


@dataclasses.dataclass
class Case:
    name: str
    files: dict
    profile: str | None = None
    env: dict = dataclasses.field(default_factory=dict)
    differs: str = ""  # why the binary does something else
    expect: str = ""  # what it does then: "refused", or the access key id
    answered: bool = False  # by the binary


def keys(name):
    return f"aws_access_key_id = AK{name}\naws_secret_access_key = CANARYAK{name}\n"


def env_keys(name="ENV", **more):
    return {"AWS_ACCESS_KEY_ID": f"AK{name}", "AWS_SECRET_ACCESS_KEY": f"CANARYAK{name}"} | more


def output(**fields):
    answer = {"Version": 1, "AccessKeyId": "AKPROC", "SecretAccessKey": "CANARYAKPROC"} | fields
    return json.dumps({k: v for k, v in answer.items() if v != "(none)"})


def token_file(key):
    return f".aws/sso/cache/{hashlib.sha1(key.encode()).hexdigest()}.json"


def sso_token(access="good", expires="{LATER}", **more):
    return json.dumps({"startUrl": "https://corp/start", "region": "eu-central-1", "accessToken": access, "expiresAt": expires} | more)


RENEWABLE = {"clientId": "c", "clientSecret": "CANARYs", "registrationExpiresAt": "{LATER}", "refreshToken": "good"}
SSO = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
SESSION = "[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://corp/start\n"
PRINT = "#!/bin/sh\ncat \"$1\"\n"
CHAIN = "".join(f"[profile p{i}]\nrole_arn = {ROLE}R{i}\nsource_profile = p{i + 1}\n" for i in range(5)) + "[profile p5]\n" + keys("P5")
TRIMMED = made("ASIA", "AssumeRoleWithWebIdentity", "nobody", {"RoleArn": ROLE + "W", "RoleSessionName": "(default)", "WebIdentityToken": "jwt1", "DurationSeconds": "3600"})
IMDS = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{FAKE}"}


def written():
    cases = []

    def case(name, config="", credentials="", profile=None, env=None, files=None, differs="", expect=""):
        all_ = {CONFIG: config, CREDENTIALS: credentials} | (files or {})
        cases.append(Case(name, {k: v for k, v in all_.items() if v}, profile, env or {}, differs, expect))

    def process(name, out, differs="", expect="", code=0, err="", **more):
        script = f"#!/bin/sh\ncat out\nprintf '%s' '{err}' >&2\nexit {code}\n"
        case("process: " + name, "[default]\ncredential_process = {HOME}/cp.sh\n", files={"cp.sh": script.replace("cat out", 'cat "{HOME}/out"'), "out": out}, differs=differs, expect=expect, **more)

    # Order
    case("nothing")
    case("environment keys", env=env_keys())
    case("environment keys with everything", env=env_keys(AWS_SESSION_TOKEN="T", AWS_CREDENTIAL_EXPIRATION="{LATER}", AWS_ACCOUNT_ID=ACCOUNT))
    case("environment keys, AWS_SECURITY_TOKEN first", env=env_keys(AWS_SESSION_TOKEN="T", AWS_SECURITY_TOKEN="S"))
    case("environment keys expired", env=env_keys(AWS_CREDENTIAL_EXPIRATION="{PAST}"))
    case("environment keys, time without a zone", env=env_keys(AWS_CREDENTIAL_EXPIRATION="2099-01-01T00:00:00"))
    case("half a key in the environment", "[default]\n" + keys("D"), env={"AWS_ACCESS_KEY_ID": "AK"})
    case("empty key in the environment", "[default]\n" + keys("D"), env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "x"})
    case("explicit profile over keys", "[profile x]\n" + keys("X"), profile="x", env=env_keys())
    case("AWS_PROFILE under keys", "[profile x]\n" + keys("X"), env=env_keys(AWS_PROFILE="x"))
    case("AWS_DEFAULT_PROFILE first", "[profile x]\n" + keys("X") + "[profile y]\n" + keys("Y"), env={"AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "y"})
    case("AWS_PROFILE missing, with keys", "[profile x]\n" + keys("X"), env=env_keys(AWS_PROFILE="nope"))
    case("AWS_PROFILE=default missing", env={"AWS_PROFILE": "default"})
    case("AWS_PROFILE empty", "[default]\n" + keys("D"), env={"AWS_PROFILE": ""}, differs="an empty AWS_PROFILE is no profile: CI systems set it so", expect="AKD")
    case("credentials file first", "[default]\n" + keys("C"), "[default]\n" + keys("S"))
    case("process before keys of the config file", "[default]\ncredential_process = {HOME}/print {HOME}/out\n" + keys("C"), files={"print": PRINT, "out": output()})
    case("role before web identity of the environment", f"[default]\nrole_arn = {ROLE}R\nsource_profile = b\n[profile b]\n" + keys("B"), env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t", "AWS_ROLE_ARN": ROLE + "W"}, files={"t": "jwt"})
    # Files
    case("byte order mark", b"\xef\xbb\xbf[default]\n" + keys("D").encode(), differs="a byte order mark is skipped: editors on Windows write it", expect="AKD")
    case("byte order mark, credentials", "", b"\xef\xbb\xbf[default]\n" + keys("D").encode(), differs="a byte order mark is skipped: editors on Windows write it", expect="AKD")
    case("UTF-16", "[default]\n".encode("utf-16"), env=env_keys())
    case("CRLF and tabs", ("[profile x]\r\n" + keys("X").replace("\n", "\r\n").replace(" = ", "\t=\t")), profile="x")
    case("quoted names", '[profile "my x"]\n' + f"role_arn = {ROLE}R\nsource_profile = plain\n[profile 'plain']\n" + keys("P"), profile="my x")
    case("profile of the credentials file", "", "[x]\n" + keys("X"), profile="x")
    case("[profile x] in the credentials file", "", "[profile x]\n" + keys("X"), profile="x")
    case("role in the credentials file", "[profile b]\n" + keys("B"), f"[x]\nrole_arn = {ROLE}R\nsource_profile = b\n", profile="x")
    case("broken line stops environment keys", "[default]\nbroken\n", env=env_keys())
    case("same section twice", "[profile x]\n" + keys("X") + "[profile x]\nregion = y\n", profile="x")
    case("same profile twice", "[profile x]\nregion = y\n[profile 'x']\n" + keys("X"), profile="x")
    case("DEFAULT", "[DEFAULT]\n" + keys("D") + "[profile x]\nregion = y\n", profile="x")
    case("files elsewhere", files={"c": f"[profile x]\nrole_arn = {ROLE}R\nsource_profile = b\n", "d/k": "[b]\n" + keys("B")}, profile="x", env={"AWS_CONFIG_FILE": "~/c", "AWS_SHARED_CREDENTIALS_FILE": "{HOME}/d/k"})
    case("no files", env={"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} | env_keys())
    case("config is a directory", "", "[default]\n" + keys("D"), files={".aws/config/x": "y"}, differs="a file that cannot be read is not taken for an empty one", expect="refused")
    case("secret with a blank", "[default]\naws_access_key_id = A\naws_secret_access_key = CANARY b\n", differs="what no key has is not handed out", expect="refused")
    # Roles
    case("chain of five", CHAIN, profile="p0")
    case("role of a role that is denied", CHAIN.replace("R3", "Denied"), profile="p0")
    case("parameters", f"[default]\nrole_arn = {ROLE}R\nsource_profile = default\nexternal_id = ex\nrole_session_name = me\nduration_seconds = 7200\n" + keys("D"))
    case("duration that is no number", f"[default]\nrole_arn = {ROLE}R\nsource_profile = default\nduration_seconds = 1h\n" + keys("D"))
    case("duration too short", f"[default]\nrole_arn = {ROLE}R\nsource_profile = default\nduration_seconds = 60\n" + keys("D"))
    case("circle", f"[profile a]\nrole_arn = {ROLE}R\nsource_profile = b\n[profile b]\nrole_arn = {ROLE}R\nsource_profile = a\n", profile="a")
    case("itself without keys", f"[default]\nrole_arn = {ROLE}R\nsource_profile = default\n")
    case("both sources", f"[default]\nrole_arn = {ROLE}R\nsource_profile = default\ncredential_source = Environment\n" + keys("D"), env=env_keys())
    case("no source", f"[default]\nrole_arn = {ROLE}R\n" + keys("D"))
    case("source does not exist", f"[default]\nrole_arn = {ROLE}R\nsource_profile = x\n")
    case("credential_source Environment", f"[profile x]\nrole_arn = {ROLE}R\ncredential_source = Environment\n", profile="x", env=env_keys())
    case("credential_source in other letters", f"[profile x]\nrole_arn = {ROLE}R\ncredential_source = environment\n", profile="x", env=env_keys())
    case("credential_source Ec2InstanceMetadata", f"[profile x]\nrole_arn = {ROLE}R\ncredential_source = Ec2InstanceMetadata\n", profile="x", env=IMDS)
    case("credential_source EcsContainer", f"[profile x]\nrole_arn = {ROLE}R\ncredential_source = EcsContainer\n", profile="x", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/6h"})
    case("MFA", f"[default]\nrole_arn = {ROLE}R\nsource_profile = default\nmfa_serial = arn:aws:iam::{ACCOUNT}:mfa/x\n" + keys("D"))
    case("a role from SSO", f"[profile x]\nrole_arn = {ROLE}R\nsource_profile = s\n[profile s]\nsso_session = corp\n" + SSO + SESSION, profile="x", files={token_file("corp"): sso_token()})
    case("a role from a process", f"[profile x]\nrole_arn = {ROLE}R\nsource_profile = s\n[profile s]\ncredential_process = {{HOME}}/print {{HOME}}/out\n", profile="x", files={"print": PRINT, "out": output()})
    case("endpoint of a services section", f"[default]\nservices = s\nrole_arn = {ROLE}R\nsource_profile = default\n" + keys("D") + "[services s]\nsts =\n  endpoint_url = {FAKE}\n", env={"AWS_ENDPOINT_URL": "(unset)"})
    case("endpoint of the profile", f"[default]\nendpoint_url = {{FAKE}}\nrole_arn = {ROLE}R\nsource_profile = default\n" + keys("D"), env={"AWS_ENDPOINT_URL": "(unset)"})
    # Web identity
    case("web identity of the environment", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t", "AWS_ROLE_ARN": ROLE + "W", "AWS_ROLE_SESSION_NAME": "ci"}, files={"t": "jwt1"})
    case("web identity, relative", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "t", "AWS_ROLE_ARN": ROLE + "W"}, files={"cwd/t": "jwt1"})
    case("web identity without a role", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t"}, files={"t": "jwt1"})
    case("web identity without a token", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t", "AWS_ROLE_ARN": ROLE + "W"})
    case("web identity of a profile", f"[profile w]\nrole_arn = {ROLE}W\nweb_identity_token_file = {{HOME}}/t\nduration_seconds = 7200\n", profile="w", files={"t": "jwt2"})
    case("the environment's role for a profile's token", f"[profile w]\nrole_arn = {ROLE}W\nweb_identity_token_file = {{HOME}}/t\n", env={"AWS_PROFILE": "w", "AWS_ROLE_ARN": ROLE + "E"}, files={"t": "jwt2"})
    case("web identity, a line end", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t", "AWS_ROLE_ARN": ROLE + "W"}, files={"t": "jwt1\n"}, differs="white space around a token is not sent", expect=TRIMMED)
    case("web identity, ~", f"[profile w]\nrole_arn = {ROLE}W\nweb_identity_token_file = ~/t\n", profile="w", files={"t": "jwt1"}, differs="~ in a token file's path is the home directory", expect=TRIMMED)
    # SSO
    case("SSO", "[profile s]\nsso_session = corp\n" + SSO + SESSION, profile="s", files={token_file("corp"): sso_token()})
    case("SSO, quoted session", "[profile s]\nsso_session = My Corp\n" + SSO + SESSION.replace("corp]", "'My Corp']").replace("sso-session c", "sso-session c"), profile="s", files={token_file("My Corp"): sso_token()})
    case("SSO, legacy", "[profile s]\nsso_region = eu-central-1\nsso_start_url = https://corp/start\n" + SSO, profile="s", files={token_file("https://corp/start"): sso_token()})
    case("SSO, legacy, expired, renewable", "[profile s]\nsso_region = eu-central-1\nsso_start_url = https://corp/start\n" + SSO, profile="s", files={token_file("https://corp/start"): sso_token(expires="{PAST}", **RENEWABLE)})
    for name, token in {"expired": sso_token(expires="{PAST}"), "expired, renewable": sso_token("old", "{PAST}", **RENEWABLE), "ends soon, renewable": sso_token("old", "{SOON}", **RENEWABLE),
                        "ends soon, revoked": sso_token("good", "{SOON}", **RENEWABLE | {"refreshToken": "revoked"}), "expired, revoked": sso_token("good", "{PAST}", **RENEWABLE | {"refreshToken": "revoked"}),
                        "registration expired": sso_token("old", "{PAST}", **RENEWABLE | {"registrationExpiresAt": "{PAST}"}), "refused": sso_token("bad"), "not JSON": "{", "empty": "", "no token": "{}"}.items():
        case("SSO, " + name, "[profile s]\nsso_session = corp\n" + SSO + SESSION, profile="s", files={token_file("corp"): token})
    case("SSO, wrong role", "[profile s]\nsso_session = corp\n" + SSO.replace("Admin", "Denied") + SESSION, profile="s", files={token_file("corp"): sso_token()})
    case("SSO, session does not exist", "[profile s]\nsso_session = corp\n" + SSO, profile="s", files={token_file("corp"): sso_token()})
    case("SSO, session says something else", "[profile s]\nsso_session = corp\nsso_region = eu-west-1\n" + SSO + SESSION, profile="s", files={token_file("corp"): sso_token()})
    case("SSO, no role", "[profile s]\nsso_session = corp\nsso_account_id = 123456789012\n" + SESSION, profile="s", files={token_file("corp"): sso_token()})
    # Containers and instances
    case("container", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/100"})
    case("container, token", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/880", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t1"})
    case("container, token file first", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/6h", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t1", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{HOME}/t"}, files={"t": "t2"})
    case("container, line end in the token", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/6h", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{HOME}/t"}, files={"t": "t2\n"})
    case("container, elsewhere without TLS", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/"})
    case("container, denied", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/denied"})
    case("container, broken answer", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/broken"})
    case("container, empty", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": ""} | IMDS, differs="an empty AWS_CONTAINER_CREDENTIALS_… names no endpoint", expect=made("ASIA", "/latest/meta-data/iam/security-credentials/Worker"))
    case("instance", env=IMDS)
    case("instance, disabled", env=IMDS | {"AWS_EC2_METADATA_DISABLED": "TrUe"})
    case("a profile before the container", "[default]\n" + keys("D"), env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/6h"})
    # Processes
    process("static", output())
    process("all", output(SessionToken="TOKEN", Expiration="{LATER}", AccountId=ACCOUNT))
    process("nulls", output(SessionToken=None, Expiration=None, AccountId=None))
    process("numeric account", output(AccountId=int(ACCOUNT)))
    process("account of the profile", output())
    for name, fields in {"Version 1.0": {"Version": 1.0}, "Version text": {"Version": "1"}, "Version 2": {"Version": 2}, "no Version": {"Version": "(none)"}, "no key": {"AccessKeyId": "(none)"}, "no secret": {"SecretAccessKey": "(none)"},
                         "empty Expiration": {"Expiration": ""}, "Expiration without a zone": {"Expiration": "2099-01-01T00:00:00"}, "numeric Expiration": {"Expiration": 4070908800}, "expired": {"Expiration": "{PAST}", "SessionToken": "T"},
                         "offset": {"Expiration": "2099-01-01T02:00:00+02:00", "SessionToken": "T"}, "fraction": {"Expiration": "2099-01-01T00:00:00.987Z", "SessionToken": "T"}, "basic": {"Expiration": "20990101T000000Z", "SessionToken": "T"},
                         "UTC": {"Expiration": "2099-01-01 00:00:00 UTC", "SessionToken": "T"}, "other case": {"AccessKeyId": "(none)", "accessKeyId": "CANARY"}}.items():
        process(name, output(**fields))
    process("Version true", output(Version=True), differs="Version true is not 1", expect="refused")
    process("key with a blank", output(AccessKeyId="A B"), differs="what no key has is not handed out", expect="refused")
    process("notice before", "Welcome CANARY\n" + output())
    process("text after", output() + " CANARY")
    process("byte order mark", b"\xef\xbb\xbf" + output().encode())
    process("nothing", "")
    process("no JSON", "CANARY")
    process("list", "[" + output() + "]")
    process("fails", output(), code=3, err="sign in first")
    case("process: quotes", '[default]\ncredential_process = "{HOME}/my dir/print" "{HOME}/a b"\n', files={"my dir/print": PRINT, "a b": output()})
    case("process: no shell", "[default]\ncredential_process = {HOME}/print {HOME}/out ; echo CANARY | cat # x\n", files={"print": PRINT, "out": output()})
    case("process: backslash", "[default]\ncredential_process = {HOME}/my\\ dir/print {HOME}/out\n", files={"my dir/print": PRINT, "out": output()})
    case("process: ~", "[default]\ncredential_process = ~/print {HOME}/out\n", files={"print": PRINT, "out": output()})
    case("process: open quote", "[default]\ncredential_process = \"{HOME}/print {HOME}/out\n", files={"print": PRINT, "out": output()})
    case("process: empty", "[default]\ncredential_process =\n" + keys("D"))
    case("process: does not exist", "[default]\ncredential_process = {HOME}/absent\n")
    return cases


NAMES = ["default", "base", "my x", "a.b", "team/dev", "p1", "p2", "p3"]


def generated(seed, count):
    rng = random.Random(seed)
    return [generate(rng, f"{seed}/{i}") for i in range(count)]


def generate(rng, name):
    config, credentials, files = [], [], {"print": PRINT, "jwt": "jwt" + str(rng.randint(1, 3))}
    names = rng.sample(NAMES, rng.randint(1, 5))
    for n in names:
        options, stored = source(rng, n, names, files)
        for _ in range(rng.randint(0, 2)):
            options.append(rng.choice(["region = eu-west-1", "output = json", "s3 =\n  max_concurrent_requests = 2\n  nested = yes", "cli_pager =", "# a comment", "aws_account_id = 210987654321"]))
        rng.shuffle(options)
        if options or rng.random() < 0.5:
            config.append(section(rng, n, options))
        if stored:
            credentials.append(f"[{n}]\n" + "\n".join(stored) + "\n")
    config += [SESSION, "[services elsewhere]\nsts =\n  endpoint_url = {FAKE}\n"]
    rng.shuffle(config)
    if rng.random() < 0.7:
        files[token_file("corp")] = sso_token(*rng.choice([("good", "{LATER}"), ("old", "{PAST}"), ("good", "{SOON}"), ("bad", "{LATER}")]), **rng.choice([{}, RENEWABLE]))
        files[token_file("https://corp/start")] = sso_token("good-legacy")
    for path, parts in ((CONFIG, config), (CREDENTIALS, credentials)):
        text = rng.choice(["\n", "", "# head\n\n"]).join(parts)
        files[path] = text.replace("\n", "\r\n") if rng.random() < 0.15 else text
    env = environment(rng, names)
    profile = rng.choice([None, None, *names]) if "AWS_PROFILE" not in env else None
    return Case(name, {k: v for k, v in files.items() if v}, profile, env)


def section(rng, name, options):
    quoted = rng.choice(["'{}'", '"{}"']).format(name) if " " in name or rng.random() < 0.3 else name
    head = "[default]" if name == "default" and rng.random() < 0.8 else f"[profile {quoted}]"
    separator = rng.choice([" = ", "=", " =", "\t= ", ": "])
    return head + "\n" + "\n".join(o.replace(" = ", separator, 1) for o in options) + "\n"


def source(rng, name, names, files):
    """Options of a profile in the config file, and in the credentials file."""
    safe = "".join(c for c in name if c.isalnum())
    static = keys(safe).strip().split("\n") + rng.choice([[], ["aws_session_token = T" + safe]])
    kind = rng.choice(["static", "stored", "both", "role", "role", "role", "self", "credential_source", "web", "sso", "legacy", "process", "process", "half", "nothing"])
    role = [f"role_arn = {ROLE}{safe}" if rng.random() < 0.95 else f"role_arn = {ROLE}Denied"]
    for option in ["external_id = ex-" + safe, "role_session_name = s-" + safe, f"duration_seconds = {rng.choice(['900', '3600', '5400', 'x', ' 7200', '100'])}", "services = elsewhere", "mfa_serial = arn:aws:iam::123456789012:mfa/m"]:
        if rng.random() < (0.03 if option.startswith("mfa") else 0.2):
            role.append(option)
    if kind == "static":
        return static, []
    if kind == "stored":
        return [], static
    if kind == "both":
        return static, [line.replace("AK", "AKS") for line in static]
    if kind == "role":
        return role + [f"source_profile = {rng.choice(names + ['absent'] if rng.random() < 0.1 else names)}"] + rng.choice([[], [], static]), []
    if kind == "self":
        return role + [f"source_profile = {name}"], rng.choice([static, []])
    if kind == "credential_source":
        return role + [f"credential_source = {rng.choice(['Environment', 'EcsContainer', 'Ec2InstanceMetadata'])}"], []
    if kind == "web":
        return rng.choice([role, []]) + ["web_identity_token_file = {HOME}/" + rng.choice(["jwt", "jwt", "absent"])], []
    if kind == "sso":
        return ["sso_session = corp", *SSO.strip().split("\n")] + rng.choice([[], ["sso_region = eu-central-1"], ["sso_region = eu-west-2"]]), []
    if kind == "legacy":
        return ["sso_start_url = https://corp/start", "sso_region = eu-central-1", *SSO.strip().split("\n")][rng.choice([0, 0, 0, 1]):], []
    if kind == "process":
        out = f"out {safe}"
        files[out] = output(AccessKeyId="AK" + safe, SecretAccessKey="CANARYAK" + safe, **rng.choice([{}, {}, {"Version": 2}, {"Expiration": ""}, {"AccountId": ACCOUNT}]))
        return [rng.choice(['credential_process = {HOME}/print "{HOME}/%s"', "credential_process = '{HOME}/print' {HOME}/out\\ %.0s" + safe, 'credential_process = "{HOME}/print" \'{HOME}/%s\' ; x']) % out] + rng.choice([[], static]), []
    if kind == "half":
        return [static[rng.randint(0, 1)]], []
    return [], []


def environment(rng, names):
    env = {}
    if rng.random() < 0.2:
        env |= env_keys(**rng.choice([{}, {"AWS_SESSION_TOKEN": "TENV"}, {"AWS_ACCOUNT_ID": ACCOUNT}, {"AWS_CREDENTIAL_EXPIRATION": "{LATER}"}]))
    if rng.random() < 0.3:
        env["AWS_PROFILE"] = rng.choice(names)
    if rng.random() < 0.1:
        env["AWS_DEFAULT_PROFILE"] = rng.choice(names)
    if rng.random() < 0.15:
        env |= {"AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/jwt", "AWS_ROLE_ARN": ROLE + "Env"} | rng.choice([{}, {"AWS_ROLE_SESSION_NAME": "ci"}])
    if rng.random() < 0.1:
        env["AWS_ROLE_ARN"] = ROLE + "Env2"
    if rng.random() < 0.2:
        env |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{FAKE}/container/6h"} | rng.choice([{}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{HOME}/jwt"}])
    if rng.random() < 0.2:
        env |= IMDS
    return env
