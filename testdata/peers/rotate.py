"""`key rotate` against the fake IAM and moto's: what boto3 makes of the former, what
the latter's policies and signatures make of us, and SIGKILL at any time, with the
keys in an encrypted file and in a real keyring.

    keyring.sh unlocked python rotate.py PROGRAM FAKEAWSD [KILLS [SEED]]

KILLS is how many there are for each keystore: 20 unless told, 100 to accept a change.
"""
import json, os, pathlib, random, shutil, socket, subprocess, sys, tempfile, time, unittest, urllib.parse, urllib.request

import boto3, botocore.exceptions

PROGRAM, FAKEAWSD = map(os.path.abspath, sys.argv[1:3])
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 20
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 30)
ACCOUNT, REGION = "123456789012", "eu-central-1"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ACTIONS = ["iam:ListAccessKeys", "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"]


def post(url, body, kind="application/json"):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": kind})).close()


class Rotate(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="rotate"))
        self.addCleanup(shutil.rmtree, self.home)
        (self.home / "passphrase").touch(0o600)
        (self.home / "passphrase").write_text("x y z\n")
        self.env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase")}
        self.key = f"main-{os.getpid()}-{self._testMethodName}"

    def start_fake(self):
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.terminate)
        self.aws = fake.stdout.readline().strip()
        post(self.aws + "/_fake/user", {"arn": ALICE, "access_key_id": KEY_ID, "secret": SECRET})

    def keys(self):
        with urllib.request.urlopen(self.aws + "/_fake/access-keys?user=" + urllib.parse.quote(ALICE)) as r:
            return json.loads(r.read())

    def run_(self, *args, status=0, **more):
        p = subprocess.run([PROGRAM, *args], capture_output=True, text=True, env=self.env, timeout=180, **more)
        if status is not None:
            self.assertEqual(p.returncode, status, f"{args}: {p.stdout}{p.stderr}")
        self.assertNotIn("CANARY", p.stderr)
        return p

    def configure(self, keystore, key_id=KEY_ID, secret=SECRET):
        toml = self.home / ".config/aws-connector/connectors.toml"
        toml.parent.mkdir(parents=True, exist_ok=True)
        toml.write_text(f'keystore = "{keystore}"\n[connectors.plain]\nauth_method = "secret-key"\nregion = "{REGION}"\nkey = "{self.key}"\nendpoint_url = "{self.aws}"\n')
        self.run_("key", "add", self.key, "--stdin", input=json.dumps({"AccessKeyId": key_id, "SecretAccessKey": secret}))

    def client(self, service, id=KEY_ID, secret=SECRET):
        return boto3.client(service, endpoint_url=self.aws, region_name="us-east-1", aws_access_key_id=id, aws_secret_access_key=secret)

    def whose(self):
        """Whose the key is that is current: AWS takes it."""
        key = json.loads(self.run_("get", "plain").stdout)
        return key["AccessKeyId"], self.client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()["Arn"]

    def test_fake_iam_speaks_as_iam_does(self):
        self.start_fake()
        iam = self.client("iam")
        self.assertEqual([k["AccessKeyId"] for k in iam.list_access_keys()["AccessKeyMetadata"]], [KEY_ID])
        new = iam.create_access_key()["AccessKey"]
        self.assertEqual((new["UserName"], new["Status"]), ("alice", "Active"))
        with self.assertRaises(iam.exceptions.LimitExceededException):
            iam.create_access_key()
        self.assertEqual(iam.get_access_key_last_used(AccessKeyId=new["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"], "N/A")
        self.assertEqual(self.client("sts", new["AccessKeyId"], new["SecretAccessKey"]).get_caller_identity()["Arn"], ALICE)
        self.assertEqual(iam.get_access_key_last_used(AccessKeyId=new["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"], "sts")
        iam.update_access_key(AccessKeyId=new["AccessKeyId"], Status="Inactive")
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            self.client("sts", new["AccessKeyId"], new["SecretAccessKey"]).get_caller_identity()
        self.assertEqual(refused.exception.response["Error"]["Code"], "InvalidClientTokenId")
        iam.delete_access_key(AccessKeyId=new["AccessKeyId"])
        with self.assertRaises(iam.exceptions.NoSuchEntityException):
            iam.delete_access_key(AccessKeyId=new["AccessKeyId"])

    def test_moto(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.aws = f"http://127.0.0.1:{port}"
        moto = subprocess.Popen([sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(moto.wait)
        self.addCleanup(moto.terminate)
        for _ in range(1500):
            try:
                urllib.request.urlopen(self.aws + "/moto-api/data.json").close()
                break
            except OSError:
                time.sleep(0.02)
        admin = self.client("iam", "AKIAADMINADMINADMIN0", "x")
        users = {}
        for name, allowed in (("alice", ACTIONS), ("bob", ACTIONS[:3]), ("carol", ACTIONS)):
            admin.create_user(UserName=name)
            admin.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [*allowed, "sts:GetCallerIdentity"], "Resource": "*"}]}))
            users[name] = admin.create_access_key(UserName=name)["AccessKey"]
        admin.create_access_key(UserName="carol")
        post(self.aws + "/moto-api/reset-auth", "0", "text/plain")

        of = lambda name: (users[name]["AccessKeyId"], users[name]["SecretAccessKey"])
        self.configure("file", *of("bob"))
        p = self.run_("key", "rotate", self.key, status=1)
        self.assertIn("DeleteAccessKey: AccessDenied", p.stderr)
        self.assertEqual(self.whose()[0], users["bob"]["AccessKeyId"])
        self.configure("file", *of("carol"))
        self.assertIn("two access keys already", self.run_("key", "rotate", self.key, status=1).stderr)
        self.assertEqual(self.whose()[0], users["carol"]["AccessKeyId"])
        self.configure("file", *of("alice"))
        self.run_("key", "rotate", self.key)
        id, arn = self.whose()
        self.assertNotEqual(id, users["alice"]["AccessKeyId"])
        self.assertEqual(arn, ALICE)
        new = json.loads(self.run_("get", "plain").stdout)
        left = self.client("iam", new["AccessKeyId"], new["SecretAccessKey"]).list_access_keys()["AccessKeyMetadata"]
        self.assertEqual([(k["AccessKeyId"], k["Status"]) for k in left], [(id, "Active")])

    def kill(self, keystore):
        self.start_fake()
        self.configure(keystore)
        self.addCleanup(self.run_, "key", "remove", self.key, "--force", status=None)
        chance = random.Random(f"{SEED} {keystore}")
        began = time.monotonic()
        self.run_("key", "rotate", self.key)
        latest, killed, interrupted = (time.monotonic() - began) * 1.1, 0, 0
        for number in range(KILLS):
            before, _ = self.whose()
            p = subprocess.Popen([PROGRAM, "key", "rotate", self.key, "--yes"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            delay = chance.uniform(0, latest)
            time.sleep(delay)
            p.kill()
            said = p.communicate()[1]
            killed += p.returncode < 0
            where = f"seed {SEED}, kill {number} after {delay:.3f} s: {said}"
            self.assertEqual(self.whose()[1], ALICE, where)
            interrupted += "unfinished" in self.run_("key", "list").stderr
            self.run_("key", "rotate", self.key, "--yes")
            after, _ = self.whose()
            self.assertNotEqual(after, before, where)
            self.assertEqual([(k["id"], k["active"]) for k in self.keys()], [(after, True)], where)
            listed = self.run_("key", "list")
            self.assertEqual([line.split()[:2] for line in listed.stdout.splitlines()], [[self.key, after]], where)
            self.assertNotIn("unfinished", listed.stderr, where)
        print(f"{keystore}: {killed} of {KILLS} killed, {interrupted} of them within the rotation")
        self.assertGreater(interrupted, 0)

    def test_killed_with_the_file(self):
        self.kill("file")

    @unittest.skipUnless(os.environ.get("DBUS_SESSION_BUS_ADDRESS"), "no keyring here: run it by keyring.sh")
    def test_killed_with_the_keyring(self):
        self.kill("system")


if __name__ == "__main__":
    print(f"seed {SEED}")
    unittest.main(argv=sys.argv[:1], verbosity=2)
