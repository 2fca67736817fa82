"""An MFA code is asked for on the terminal of whoever uses the AWS CLI, boto3 or the
AWS SDKs for Go and JavaScript, or a program like Terraform, which hides standard
error and keeps standard input to itself; and where there is no terminal, not at all.

    mfa.py PROGRAM FAKEAWSD WHOAMI

WHOAMI is the program of this directory's whoami; the packages of its JavaScript twin
are in $NODE_MODULES.
"""
import base64, json, os, pathlib, select, shutil, subprocess, sys, tempfile, termios, time, unittest, urllib.request

PROGRAM, FAKEAWSD, WHOAMI = map(os.path.abspath, sys.argv[1:4])
HERE = pathlib.Path(__file__).parent
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
USER = "arn:aws:iam::123456789012:user/alice"
ROLE = "arn:aws:iam::123456789012:role/Deploy"
HIDES = """import subprocess, sys
p = subprocess.run(["sh", "-c", sys.argv[1]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
print(p.stdout.decode().strip(), p.returncode)
print("Enter a value: ", file=open("/dev/tty", "w"), flush=True)
print("answer", sys.stdin.readline().strip())
"""
BOTO3 = ("import boto3, sys; s = boto3.Session(profile_name=sys.argv[1]); "
         "print(s.client('sts', endpoint_url=sys.argv[2]).get_caller_identity()['Arn'])")
CLIENTS = {
    "AWS CLI": (sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--profile", "PROFILE", "--endpoint-url", "ENDPOINT"),
    "boto3": (sys.executable, "-c", BOTO3, "PROFILE", "ENDPOINT"),
    "Go": (WHOAMI, "PROFILE", "ENDPOINT"),
    "JavaScript": ("node", str(HERE / "whoami/whoami.mjs"), "PROFILE", "ENDPOINT"),
}
LIMIT = 60  # seconds, of a machine that is slow


class Terminal:
    """A program on a terminal of its own; its standard output is a file."""

    def __init__(self, command, env, out, err=None):
        self.keys, slave = os.openpty()
        self.screen, self.seen = "", 0
        before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(command, stdin=slave, stdout=out, stderr=err or slave, env=env, preexec_fn=self.take)
        self.slave, self.before = slave, before

    @staticmethod
    def take():
        import fcntl
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def wait_for(self, text):
        end = time.monotonic() + LIMIT
        while text not in self.screen[self.seen:]:
            ready, _, _ = select.select([self.keys], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {text!r} on the screen: {self.screen!r}")
            self.screen += os.read(self.keys, 4096).decode(errors="replace")
        self.seen = self.screen.index(text, self.seen) + len(text)

    def type(self, text):
        os.write(self.keys, text.encode())

    def end(self):
        status = self.process.wait(LIMIT)
        while select.select([self.keys], [], [], 0)[0]:
            self.screen += os.read(self.keys, 4096).decode(errors="replace")
        as_before = termios.tcgetattr(self.slave) == self.before
        os.close(self.slave)
        os.close(self.keys)
        return status, as_before


class MFA(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        cls.aws = cls.server.stdout.readline().split()[-1]
        cls.post("user", arn=USER, access_key_id=KEY_ID, secret=SECRET)
        cls.post("role", arn=ROLE, mfa=True)

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.server.stdout.close()

    @classmethod
    def post(cls, what, **body):
        urllib.request.urlopen(urllib.request.Request(f"{cls.aws}/_fake/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"})).read()

    def ask(self, what, **query):
        with urllib.request.urlopen(f"{self.aws}/_fake/{what}?{urllib.parse.urlencode(query)}") as r:
            return json.load(r)

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        config = self.home / ".config/aws-connector"
        config.mkdir(parents=True, mode=0o700)
        (self.home / "passphrase").write_text("correct horse\n")
        (self.home / "passphrase").chmod(0o600)
        # A device of its own for each test: a code is good once.
        self.device = "arn:aws:iam::123456789012:mfa/" + self.id().rsplit(".", 1)[-1]
        self.post("mfa", user=USER, serial=self.device, seed=base64.b32encode(os.urandom(20)).decode())
        self.post("clear")
        (config / "connectors.toml").write_text(f"""keystore = "file"
[connectors.deploy]
auth_method = "iam-role"
key = "main"
region = "eu-central-1"
role_arn = "{ROLE}"
mfa_serial = "{self.device}"
""")
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": self.aws, "AWS_EC2_METADATA_DISABLED": "true", "TERM": "xterm",
                    "NO_PROXY": "127.0.0.1", "NODE_MODULES": os.environ.get("NODE_MODULES", ""), "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase")}
        (self.home / ".aws").mkdir()
        (self.home / ".aws/config").write_text(f"[profile deploy]\nregion = eu-central-1\ncredential_process = {PROGRAM} get deploy\n")
        key = json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET})
        subprocess.run([PROGRAM, "key", "add", "main", "--stdin"], input=key, text=True, check=True, env=self.env, capture_output=True)
        self.out = open(self.home / "out", "w+")
        self.addCleanup(self.out.close)

    def code(self):
        return self.ask("mfa", serial=self.device)

    def printed(self):
        self.out.seek(0)
        return self.out.read()

    def command(self, name):
        return [{"PROFILE": "deploy", "ENDPOINT": self.aws}.get(word, word) for word in CLIENTS[name]]

    def prompted(self, name):
        t = Terminal(self.command(name), self.env, self.out)
        t.wait_for(f'MFA code for connector "deploy" ({self.device}): ')
        t.type(self.code() + "\n")
        self.assertEqual(t.end(), (0, True), t.screen)
        self.assertRegex(self.printed(), r"^arn:aws:sts::123456789012:assumed-role/Deploy/aws-connector-deploy( eu-central-1)?\n$")
        self.assertEqual(t.screen.count("MFA code"), 1)
        self.assertEqual(self.ask("calls", action="GetSessionToken"), 1)
        # From now on nobody is asked.
        p = subprocess.run(self.command(name), env=self.env, capture_output=True, text=True, start_new_session=True, timeout=LIMIT)
        self.assertEqual((p.returncode, p.stdout), (0, self.printed()), p.stderr)

    def unprompted(self, name):
        p = subprocess.run(self.command(name), env=self.env, capture_output=True, text=True, start_new_session=True, timeout=LIMIT)
        self.assertNotEqual(p.returncode, 0)
        self.assertEqual(p.stdout, "")
        self.assertEqual(self.ask("calls", action=""), 0)
        return p.stderr

    def test_aws_cli(self):
        self.prompted("AWS CLI")

    def test_boto3(self):
        self.prompted("boto3")

    def test_go(self):
        self.prompted("Go")

    def test_javascript(self):
        self.prompted("JavaScript")

    def test_aws_cli_without_terminal(self):
        self.assertIn("aws-connector login deploy", self.unprompted("AWS CLI"))

    def test_boto3_without_terminal(self):
        self.assertIn("aws-connector login deploy", self.unprompted("boto3"))

    def test_go_without_terminal(self):
        self.assertIn("aws-connector login deploy", self.unprompted("Go"))

    def test_javascript_without_terminal(self):
        self.unprompted("JavaScript")  # its default chain tells nobody why

    def test_like_terraform(self):
        """Standard error is hidden, and what is typed later is the parent's."""
        t = Terminal([sys.executable, "-c", HIDES, f"{PROGRAM} get deploy"], self.env, self.out)
        t.wait_for(f"({self.device}): ")
        t.type(self.code() + "\n")
        t.wait_for("Enter a value: ")
        t.type("yes\n")
        self.assertEqual(t.end(), (0, True), t.screen)
        first, second = self.printed().splitlines()
        session, status = first.rsplit(" ", 1)
        self.assertEqual((json.loads(session)["Version"], status, second), (1, "0", "answer yes"))

    def test_wrong_code_and_interrupt(self):
        t = Terminal([PROGRAM, "get", "deploy"], self.env, self.out)
        t.wait_for(f"({self.device}): ")
        t.type("000000\n")
        t.wait_for("AWS refused that code")
        t.wait_for(f"({self.device}): ")
        t.type("\x03")
        status, as_before = t.end()
        self.assertNotEqual(status, 0)
        self.assertTrue(as_before)
        self.assertIn("interrupted", t.screen)
        self.assertEqual(self.printed(), "")

    def test_at_once(self):
        """Without a terminal the call ends within a second: the best of three tells of it, not of the machine."""
        took = []
        for _ in range(3):
            began = time.monotonic()
            p = subprocess.run([PROGRAM, "get", "deploy"], env=self.env, capture_output=True, text=True, start_new_session=True, stdin=subprocess.DEVNULL)
            took.append(time.monotonic() - began)
            self.assertEqual((p.returncode, p.stdout), (3, ""))
            self.assertIn("hint: run `aws-connector login deploy` in a terminal", p.stderr)
        self.assertLess(min(took), 1)

    def test_a_crowd_on_one_terminal(self):
        """Of many that a terminal's programs start at once, one asks."""
        script = f'for i in 1 2 3 4 5 6 7 8 9 10; do {PROGRAM} get deploy >"$HOME/got$i" & done; wait'
        t = Terminal(["sh", "-c", script], self.env, self.out)
        t.wait_for(f"({self.device}): ")
        t.type(self.code() + "\n")
        self.assertEqual(t.end(), (0, True), t.screen)
        self.assertEqual(t.screen.count("MFA code"), 1)
        self.assertEqual(len({(self.home / f"got{i}").read_text() for i in range(1, 11)}), 1)
        self.assertEqual(self.ask("calls", action="AssumeRole"), 1)

    def test_login(self):
        t = Terminal([PROGRAM, "login", "deploy"], self.env, self.out)
        t.wait_for(f"({self.device}): ")
        t.type(self.code() + "\n")
        self.assertEqual(t.end(), (0, True), t.screen)
        self.assertRegex(self.printed(), r"^deploy: until [0-9: -]+ \(in 11 h 5[0-9] min\)\n$")
        for name in CLIENTS:
            p = subprocess.run(self.command(name), env=self.env, capture_output=True, text=True, start_new_session=True, timeout=LIMIT)
            self.assertEqual(p.returncode, 0, (name, p.stderr))
        self.assertEqual(self.ask("calls", action="GetSessionToken"), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
