"""The built binary with real parts: gnome-keyring, moto with signatures and IAM
checked, the fake AWS, the AWS CLI and boto3.

    keyring.sh unlocked python credential_process.py PROGRAM FAKEAWSD
"""
import base64, json, os, pathlib, shutil, signal, socket, subprocess, sys, tempfile, time, unittest, urllib.request

PROGRAM, FAKEAWSD = sys.argv[1:3]
HERE = pathlib.Path(__file__).parent
ACCOUNT = "123456789012"
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


def post(url, body, kind="application/json"):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": kind})) as r:
        return r.read()


def eventually(check):
    for _ in range(500):
        try:
            return check()
        except OSError:
            time.sleep(0.02)
    raise TimeoutError


class World(unittest.TestCase):
    """A fresh home, a fake AWS, and everything that was printed."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        for name in (".config/aws-connector", ".aws"):
            (self.home / name).mkdir(parents=True)
        keep = ("PATH", "LANG", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME")
        self.env = {k: v for k, v in os.environ.items() if k in keep}
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
        self.printed = []
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.terminate)
        self.aws = fake.stdout.readline().strip()
        post(self.aws + "/_fake/user", {"arn": ALICE, "access_key_id": KEY_ID, "secret": SECRET})
        post(self.aws + "/_fake/role", {"arn": f"arn:aws:iam::{ACCOUNT}:role/dev"})

    def run_(self, *args, input=None, stdin=None, check=True, env={}, canary=True):
        p = subprocess.run(args, input=input, stdin=stdin, capture_output=True, text=True, env=self.env | env, timeout=120)
        if check:
            self.assertEqual(p.returncode, 0, p.stderr)
        if canary:
            self.assertNotIn("CANARY", p.stdout + p.stderr)
        return p

    def add_key(self, name="main", key_id=KEY_ID, secret=SECRET, **more):
        key = {"AccessKeyId": key_id, "SecretAccessKey": secret} | more
        self.run_(PROGRAM, "key", "add", name, "--stdin", input=json.dumps(key))

    def connectors(self, text, url=None):
        head = f'[defaults]\nregion = "eu-central-1"\nkey = "main"\nendpoint_url = "{url or self.aws}"\n'
        (self.home / ".config/aws-connector/connectors.toml").write_text(head + text)
        names = [line[12:-1] for line in text.splitlines() if line.startswith("[connectors.")]
        profiles = "".join(f"[profile {n}]\ncredential_process = {PROGRAM} get {n}\n" for n in names)
        (self.home / ".aws/config").write_text(profiles + f"[profile static]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
        return names

    def cli(self, profile, url=None):
        out = self.run_(sys.executable, "-m", "awscli", "--endpoint-url", url or self.aws, "--profile", profile, "sts", "get-caller-identity")
        return json.loads(out.stdout)["Arn"]

    def boto3(self, profile, url=None):
        script = ("import boto3, sys; s = boto3.Session(profile_name=sys.argv[1]);"
                  "print(s.client('sts', endpoint_url=sys.argv[2]).get_caller_identity()['Arn'])")
        return self.run_(sys.executable, "-c", script, profile, url or self.aws).stdout.strip()

    def calls(self, action):
        with urllib.request.urlopen(f"{self.aws}/_fake/calls?action={action}") as r:
            return int(r.read())


METHODS = f"""
[connectors.role]
auth_method = "iam-role"
role_arn = "arn:aws:iam::{ACCOUNT}:role/dev"
[connectors.secret]
auth_method = "secret-key"
[connectors.stored]
auth_method = "sts-token"
key = "temporary"
[connectors.ambient]
auth_method = "implicit"
allow_implicit_auth_methods = true
profile_name = "static"
[connectors.ambientrole]
auth_method = "implicit"
allow_implicit_auth_methods = true
profile_name = "static"
role_arn = "arn:aws:iam::{ACCOUNT}:role/dev"
"""
TOKENS = """
[connectors.token]
auth_method = "session-token"
[connectors.federated]
auth_method = "federation-token"
resource_type = "s3-bucket"
"""


def session(name):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/aws-connector-{name}"


WANT = {"role": session("role"), "secret": ALICE, "stored": session("role"), "ambient": ALICE, "ambientrole": session("ambientrole"),
        "token": ALICE, "federated": f"arn:aws:sts::{ACCOUNT}:federated-user/aws-connector-federated"}


class Clients(World):
    def test_all_methods_against_the_fake(self):
        names = self.connectors(METHODS + TOKENS)
        self.add_key()
        got = json.loads(self.run_(PROGRAM, "get", "role").stdout)
        self.add_key("temporary", got["AccessKeyId"], got["SecretAccessKey"], SessionToken=got["SessionToken"], Expiration=got["Expiration"])
        for client in (self.cli, self.boto3):
            for name in names:
                with self.subTest(client=client.__name__, method=name):
                    self.assertEqual(client(name), WANT[name])
        self.assertEqual(self.calls("AssumeRole"), 2)
        self.assertEqual(self.calls("GetSessionToken"), 1)

    def test_all_methods_that_moto_checks(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        moto = subprocess.Popen([sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)],
                                env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(moto.wait)
        self.addCleanup(moto.terminate)
        eventually(lambda: urllib.request.urlopen(url + "/moto-api/data.json").close())
        import boto3
        iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        iam.create_user(UserName="alice")
        allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:*"], "Resource": "*"}]}
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}]}
        iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=json.dumps(allow))
        iam.create_role(RoleName="dev", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName="dev", PolicyName="p", PolicyDocument=json.dumps(allow))
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        post(url + "/moto-api/reset-auth", "0", "text/plain")

        names = self.connectors(METHODS, url)
        config = self.home / ".aws/config"
        config.write_text(config.read_text().replace(KEY_ID, key["AccessKeyId"]).replace(SECRET, key["SecretAccessKey"]))
        self.add_key(key_id=key["AccessKeyId"], secret=key["SecretAccessKey"])
        got = json.loads(self.run_(PROGRAM, "get", "role").stdout)
        self.add_key("temporary", got["AccessKeyId"], got["SecretAccessKey"], SessionToken=got["SessionToken"], Expiration=got["Expiration"])
        for client in (self.cli, self.boto3):
            for name in names:
                with self.subTest(client=client.__name__, method=name):
                    self.assertEqual(client(name, url), WANT[name])
        self.add_key(key_id=key["AccessKeyId"], secret="CANARYwrong")
        p = self.run_(PROGRAM, "get", "role", check=False)
        # moto wraps its errors otherwise than AWS, so that the SDK alone would read no more than the status.
        self.assertIn("AssumeRole: SignatureDoesNotMatch: ", p.stderr)
        self.assertEqual((p.returncode, p.stdout), (3, ""))

    def test_chains_and_a_broker_that_is_a_client_itself(self):
        """boto3 is the program of a connector, asks us for the start of its own chain, and leads back to us once."""
        broker = ("import boto3, json, sys; c = boto3.Session(profile_name=sys.argv[1]).get_credentials(); f = c.get_frozen_credentials();"
                  "print(json.dumps({'Version': 1, 'AccessKeyId': f.access_key, 'SecretAccessKey': f.secret_key, 'SessionToken': f.token, 'Expiration': c._expiry_time.isoformat()}))")
        role = f'auth_method = "iam-role"\nrole_arn = "arn:aws:iam::{ACCOUNT}:role/dev"\n'
        program = lambda profile: f'auth_method = "process"\ncredential_process = {json.dumps([sys.executable, "-c", broker, profile])}\n'
        claims = {"iss": "https://idp.example", "sub": "me", "aud": "sts.amazonaws.com", "exp": int(time.time()) + 600}
        part = lambda v: base64.urlsafe_b64encode(json.dumps(v).encode()).decode().rstrip("=")
        (self.home / "token").write_text(f"{part({'alg': 'none'})}.{part(claims)}.c2ln\n")
        self.connectors(f"""
[connectors.start]
auth_method = "session-token"
[connectors.middle]
{role}source = "start"
[connectors.broker]
{program("middle")}
[connectors.last]
{role}source = "broker"
[connectors.web]
auth_method = "web-identity"
role_arn = "arn:aws:iam::{ACCOUNT}:role/dev"
web_identity_token_file = "~/token"
[connectors.overweb]
{role}source = "web"
[connectors.round]
{program("round")}
""")
        self.add_key()
        for client in (self.cli, self.boto3):
            for name in ("last", "middle", "overweb"):
                self.assertEqual(client(name), session(name))
        self.assertEqual((self.calls("GetSessionToken"), self.calls("AssumeRoleWithWebIdentity")), (1, 1))
        p = self.run_(PROGRAM, "get", "round", check=False)
        self.assertEqual((p.returncode, p.stdout), (1, ""))
        self.assertIn("the connector starts itself: round -> round", p.stderr)

    def test_fifty_at_once(self):
        self.connectors(METHODS)
        self.add_key()
        all_ = [subprocess.Popen([PROGRAM, "get", "role"], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(50)]
        outputs = {p.communicate() for p in all_}
        self.assertEqual(len(outputs), 1)
        self.assertEqual(self.calls("AssumeRole"), 1)

    def test_a_hit_needs_no_keyring(self):
        self.connectors(METHODS)
        self.add_key()
        self.run_(PROGRAM, "get", "role")
        self.run_(PROGRAM, "get", "role", env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})

    def test_standard_input_is_left_alone(self):
        names = self.connectors(METHODS + TOKENS + '[connectors.broken]\nauth_method = "x"\n')
        self.add_key()
        got = json.loads(self.run_(PROGRAM, "get", "role").stdout)
        self.add_key("temporary", got["AccessKeyId"], got["SecretAccessKey"], SessionToken=got["SessionToken"], Expiration=got["Expiration"])
        silent_r, silent_w = os.pipe()
        self.addCleanup(os.close, silent_r)
        self.addCleanup(os.close, silent_w)
        for name in names:
            for kind in ("closed", "endless", "silent"):
                with self.subTest(method=name, stdin=kind):
                    if kind == "closed":
                        p = self.run_("sh", "-c", 'exec "$0" get "$1" <&-', PROGRAM, name, check=False, canary=False)
                    else:
                        with open("/dev/zero") as zero:
                            p = self.run_(PROGRAM, "get", name, stdin=zero if kind == "endless" else silent_r, check=False, canary=False)
                    if name == "broken":
                        self.assertEqual((p.returncode, p.stdout), (2, ""))
                        self.assertLess(len(p.stderr), 2048)
                        continue
                    self.assertEqual((p.returncode, p.stderr, p.stdout.count("\n")), (0, "", 1))
                    self.assertEqual(json.loads(p.stdout)["Version"], 1)

    def test_no_secret_is_shown_anywhere(self):
        self.connectors(METHODS + TOKENS)
        self.add_key()
        faults = [None, {"status": 403, "code": "AccessDenied", "message": "no"}, {"code": "Throttling", "message": "slow"},
                  {"status": 502, "body": "<html>"}, {"body": "<AssumeRole"}, {"close_connection": True}]
        for fault in faults:
            post(self.aws + "/_fake/clear", {})
            if fault:
                post(self.aws + "/_fake/fault", fault)
            for args in (["get", "role"], ["-v", "get", "token"], ["list"], ["list", "--json"], ["show", "role"], ["key", "list"], ["cache", "list"], ["cache", "clear"]):
                p = self.run_(PROGRAM, *args, check=False, env={"AWS_CONNECTOR_LOG": "debug"})
                if fault and "get" in args:
                    self.assertEqual(p.stdout, "")
                    self.assertIn(p.returncode, (1, 4))
        post(self.aws + "/_fake/clear", {})
        trace = self.home / "trace"
        self.run_("strace", "-f", "-s", "4096", "-e", "trace=execve", "-o", str(trace), PROGRAM, "get", "role")
        self.assertNotIn("CANARY", trace.read_text())

    def test_home_that_cannot_be_written(self):
        self.connectors(METHODS)
        self.add_key()
        blocked = {"AWS_CONNECTOR_CACHE_DIR": "/proc/nowhere"}
        p = self.run_(PROGRAM, "get", "role", env=blocked)
        self.assertEqual(p.stderr, "")
        p = self.run_(PROGRAM, "get", "role", check=False, env={"HOME": "", "XDG_CONFIG_HOME": ""})
        self.assertEqual((p.returncode, p.stdout), (2, ""))


class Keyring(World):
    def in_mode(self, mode, command):
        env = {k: v for k, v in self.env.items() if k != "DBUS_SESSION_BUS_ADDRESS"}
        p = subprocess.run([str(HERE / "keyring.sh"), mode, "bash", "-c", command, PROGRAM], capture_output=True, text=True, env=env, timeout=120,
                           input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))
        self.assertNotIn("CANARY", p.stdout + p.stderr)
        return p

    def test_states_are_told_apart(self):
        for mode, text in {"locked": 'key "main": the keyring is locked', "fresh": 'key "main": this user has no keyring yet',
                           "none": 'key "main": no OS keyring can be reached'}.items():
            with self.subTest(mode=mode):
                p = self.in_mode(mode, '"$0" key add main --stdin')
                self.assertEqual((p.returncode, p.stdout), (3, ""))
                self.assertIn("aws-connector: " + text, p.stderr)
                self.assertIn("\nhint: ", p.stderr)

    def test_daemon_that_does_not_answer(self):
        p = self.in_mode("unlocked", '"$0" key add main --stdin && kill -STOP $KEYRING_PID; "$0" key list; s=$?; kill -CONT $KEYRING_PID; exit $s')
        self.assertEqual(p.returncode, 3)
        self.assertIn("the keyring did not answer in time", p.stderr)

    def test_bus_that_dies_midway(self):
        p = self.in_mode("unlocked", '"$0" key add main --stdin; kill -STOP $KEYRING_PID; "$0" key list & sleep 1; '
                                     'kill -9 $(pgrep -P $BUS_PID dbus-daemon); wait $!; s=$?; kill -9 $KEYRING_PID; exit $s')
        self.assertEqual(p.returncode, 3)
        self.assertIn("no OS keyring can be reached", p.stderr)

    def test_no_bus_leaves_no_process_behind(self):
        env = {k: v for k, v in self.env.items() if k not in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
        before = subprocess.run(["pgrep", "-c", "dbus-daemon|gnome-keyring"], capture_output=True, text=True).stdout
        for _ in range(3):
            p = subprocess.run([PROGRAM, "key", "list"], capture_output=True, text=True, env=env)
            self.assertEqual(p.returncode, 3)
        after = subprocess.run(["pgrep", "-c", "dbus-daemon|gnome-keyring"], capture_output=True, text=True).stdout
        self.assertEqual(before, after)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
