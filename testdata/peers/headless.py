"""From nothing to the AWS CLI's get-caller-identity without a person, a bus or a
terminal: as root and as an ordinary user, as a service of systemd's without HOME,
and with a secret as Kubernetes mounts it.

    headless.py PROGRAM FAKEAWSD

Runs as root, of a Python with awscli. Needs setpriv.
"""
import json, os, pathlib, shutil, struct, subprocess, sys, tempfile, unittest, urllib.request

PROGRAM, FAKEAWSD = map(os.path.abspath, sys.argv[1:3])
LIMIT = 60
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
USER = "arn:aws:iam::123456789012:user/alice"
UID, GROUP = 61184, 61190  # of nobody in the lists of users and groups
CONNECTOR = """
[connectors.me]
auth_method = "session-token"
region = "eu-central-1"
key = "main"
"""


class Headless(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        cls.aws = cls.server.stdout.readline().split()[-1]
        body = json.dumps({"arn": USER, "access_key_id": KEY_ID, "secret": SECRET}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{cls.aws}/_fake/user", body, {"Content-Type": "application/json"})).read()
        # Where an ordinary user finds it.
        cls.bin = pathlib.Path(tempfile.mkdtemp())
        cls.bin.chmod(0o755)
        shutil.copy(PROGRAM, cls.bin / "aws-connector")

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.server.stdout.close()
        shutil.rmtree(cls.bin)

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.dir.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.dir)
        self.as_user, self.uid = [], 0
        self.env = {"PATH": f"{self.bin}:/usr/bin:/bin", "AWS_ENDPOINT_URL": self.aws, "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"}

    def be(self, uid, groups=""):
        self.uid = uid
        self.as_user = ["setpriv", "--reuid", str(uid), "--regid", str(uid)] + (["--groups", groups] if groups else ["--clear-groups"])

    def own(self, name, mode=0o700):
        """Makes a directory of the user's."""
        path = self.dir / name
        path.mkdir()
        path.chmod(mode)
        os.chown(path, self.uid, self.uid)
        return path

    def run_as(self, *args, status=0, **more):
        p = subprocess.run([*self.as_user, "aws-connector", *args], env=self.env, capture_output=True, text=True,
                           start_new_session=True, timeout=LIMIT, **({"stdin": subprocess.DEVNULL} | more))
        self.assertEqual(p.returncode, status, p.stderr)
        self.assertNotIn("CANARY", p.stderr)
        return p

    def home(self):
        self.env["HOME"] = str(self.own("home"))
        return self.dir / "home"

    def recipe(self, conf, aws_config):
        """What README says, up to the AWS CLI."""
        p = self.run_as("key", "add", "main", "--stdin", input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}), stdin=None, status=3)
        self.assertIn("aws-connector keystore use file", p.stderr)
        self.run_as("keystore", "use", "file")
        self.run_as("key", "add", "main", "--stdin", input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}), stdin=None)
        with open(conf, "a") as f:
            f.write(CONNECTOR)
        self.run_as("configure", "aws", "me")
        # The AWS CLI may lie where no ordinary user can read it: it runs as root, and the program as the user.
        text = aws_config.read_text()
        self.assertIn("credential_process = ", text)
        cli_config = self.dir / "cli"
        cli_config.write_text(text.replace("credential_process = ", "credential_process = " + " ".join([*self.as_user, ""])))
        for _ in range(2):
            p = subprocess.run([sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--profile", "me", "--query", "Arn", "--output", "text", "--endpoint-url", self.aws],
                               env=self.env | {"AWS_CONFIG_FILE": str(cli_config)}, capture_output=True, text=True, start_new_session=True, stdin=subprocess.DEVNULL, timeout=LIMIT)
            self.assertEqual((p.returncode, p.stdout.strip()), (0, USER), p.stderr)
        self.run_as("keystore", "lock")
        self.run_as("cache", "clear")
        self.run_as("get", "me")

    def secret(self, mode, group=0):
        """A secret as Kubernetes mounts it: a link to a link."""
        mount = self.dir / "secret"
        data = mount / "..2026_01_02_03_04_05.1234567"
        data.mkdir(parents=True)
        pw = data / "pw"
        pw.write_text("correct horse")
        os.chown(pw, 0, group)
        pw.chmod(mode)
        (mount / "..data").symlink_to(data.name)
        (mount / "pw").symlink_to("..data/pw")
        self.env["AWS_CONNECTOR_PASSPHRASE_FILE"] = str(mount / "pw")

    def passphrase(self, home):
        path = home / "passphrase"
        path.write_text("correct horse\n")
        path.chmod(0o600)
        os.chown(path, self.uid, self.uid)
        self.env["AWS_CONNECTOR_PASSPHRASE_FILE"] = str(path)

    def at_home(self, home):
        self.recipe(home / ".config/aws-connector/connectors.toml", home / ".aws/config")

    def test_root(self):
        home = self.home()
        self.passphrase(home)
        self.at_home(home)

    def test_ordinary_user(self):
        self.be(UID)
        home = self.home()
        self.passphrase(home)
        self.at_home(home)

    def unit(self, give):
        """A service of systemd's: neither HOME nor a name, and a credential."""
        state, cache, credentials = self.own("state"), self.own("cache"), self.dir / "credentials"
        credentials.mkdir()
        credential = credentials / "aws-connector-passphrase"
        credential.write_text("correct horse\n")
        credential.chmod(0o400)
        give(credential)
        self.env |= {"CREDENTIALS_DIRECTORY": str(credentials), "AWS_CONNECTOR_CONFIG": str(state / "connectors.toml"),
                     "AWS_CONNECTOR_CACHE_DIR": str(cache), "AWS_CONFIG_FILE": str(state / "aws"), "AWS_SHARED_CREDENTIALS_FILE": str(state / "none")}
        self.assertNotIn("HOME", self.env)
        self.recipe(state / "connectors.toml", state / "aws")

    def test_unit_of_root(self):
        self.unit(lambda credential: None)

    def test_unit_of_a_user(self):
        self.be(UID)
        self.unit(lambda credential: os.chown(credential, UID, UID))

    def test_unit_of_a_user_by_access_list(self):
        def give(credential):  # acl(5): the owner, the user, the group, the mask and others
            entries = [(1, 4, 2**32 - 1), (2, 4, UID), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)]
            os.setxattr(credential, "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries))
        self.be(UID)
        self.unit(give)

    def test_kubernetes_as_root(self):
        self.secret(0o400)
        self.at_home(self.home())

    def test_kubernetes_as_root_in_the_group(self):
        self.be(0, str(GROUP))
        self.secret(0o440, GROUP)
        self.at_home(self.home())

    def test_kubernetes_as_a_user_in_the_group(self):
        self.be(UID, str(GROUP))
        self.secret(0o440, GROUP)
        self.at_home(self.home())

    def test_open_to_all(self):
        self.be(UID)
        self.secret(0o444)
        self.home()
        p = self.run_as("keystore", "use", "file", status=3)
        self.assertIn("can be read by everybody (mode 0444)", p.stderr)
        self.assertIn("mode: 0400", p.stderr)
        self.assertEqual(list((self.dir / "home").rglob("keys.age")), [])

    def test_not_of_the_group(self):
        self.be(UID)
        self.secret(0o440, GROUP)
        self.home()
        p = self.run_as("keystore", "use", "file", status=3)
        self.assertIn("cannot be read by this user", p.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
