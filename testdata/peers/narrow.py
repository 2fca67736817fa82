"""Profiles that `configure aws` narrows to a resource, through the AWS CLI: they
reach their bucket and nothing else, with the fake AWS and with moto, which checks
signatures and IAM.

    narrow.py PROGRAM FAKEAWSD
"""
import json, os, pathlib, shutil, socket, subprocess, sys, tempfile, time, unittest, urllib.request

import boto3

PROGRAM, FAKEAWSD = map(os.path.abspath, sys.argv[1:3])
ACCOUNT, REGION = "123456789012", "eu-central-1"
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"

# moto takes session policies and asks nobody about them: its own judge is asked here.
MOTO = """
import moto.iam.access_control as iam
from moto.sts.models import sts_backends
from moto.server import main
of_role = iam.IAMRequestBase.check_action_permitted
def of_session(self, resource):
    of_role(self, resource)
    key = self._access_key
    if isinstance(key, iam.AssumedRoleAccessKey) and self._action != "sts:GetCallerIdentity":
        session = next(r for r in sts_backends[key.account_id][key.partition].assumed_roles if r.access_key_id == key._access_key_id)
        if session.policy and iam.IAMPolicy(session.policy).is_action_permitted(self._action, resource) != iam.PermissionResult.PERMITTED:
            self._raise_access_denied()
iam.IAMRequestBase.check_action_permitted = of_session
main()
"""


def post(url, body, kind="application/json"):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": kind})).close()


def eventually(check):
    for _ in range(500):
        try:
            return check()
        except OSError:
            time.sleep(0.02)
    raise TimeoutError


class Narrow(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        bin = self.home / "bin"
        bin.mkdir()
        shutil.copy(PROGRAM, bin / "aws-connector")
        self.program = str(bin / "aws-connector")
        (self.home / "passphrase").touch(0o600)
        (self.home / "passphrase").write_text("x y z\n")
        self.env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG")}
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase"),
                     "PATH": f"{bin}:{os.environ['PATH']}"}
        (self.home / "hello").write_text("hello\n")

    def run_(self, *args, status=0, **more):
        p = subprocess.run(args, capture_output=True, text=True, env=self.env, timeout=120, **more)
        if status is not None:
            self.assertEqual(p.returncode, status, f"{args}: {p.stdout}{p.stderr}")
        self.assertNotIn("CANARY", p.stdout + p.stderr)
        return p

    def configure(self, url, key_id, secret):
        self.aws = url
        toml = self.home / ".config/aws-connector/connectors.toml"
        toml.parent.mkdir(parents=True)
        toml.write_text(f'keystore = "file"\n[connectors.deploy]\nauth_method = "iam-role"\nregion = "{REGION}"\nkey = "main"\n'
                        f'endpoint_url = "{url}"\nrole_arn = "{ROLE}"\n')
        self.run_(self.program, "key", "add", "main", "--stdin", input=json.dumps({"AccessKeyId": key_id, "SecretAccessKey": secret}))
        for flags in ([], ["--resource-type", "s3-bucket", "--resource-id", "ours"], ["--resource-type", "s3-bucket", "--resource-id", "theirs"],
                      ["--resource-type", "s3-bucket", "--resource-id", "ours", "--scope", "resource-read-only"], ["--resource-type", "docker-registry"]):
            self.run_(self.program, "configure", "aws", "deploy", *flags)

    def cli(self, profile, *args, denied=False):
        p = self.run_(sys.executable, "-m", "awscli", "--profile", profile, "--endpoint-url", self.aws, *args, status=None)
        self.assertEqual(p.returncode != 0, denied, f"{profile} {args}: {p.stdout}{p.stderr}")
        if denied:
            self.assertRegex(p.stderr, "AccessDenied|403|Forbidden")
        return p.stdout

    def list(self, profile, bucket, denied=False):
        # Not `s3 ls`: moto miscalculates signatures over what that has in its query.
        return self.cli(profile, "s3api", "list-objects-v2", "--bucket", bucket, denied=denied)

    def reach_and_nothing_else(self):
        hello, back = str(self.home / "hello"), str(self.home / "back")
        ours, theirs, reader, images = "deploy@s3-bucket/ours", "deploy@s3-bucket/theirs", "deploy@s3-bucket/ours+read-only", "deploy@docker-registry"
        self.cli("deploy", "s3", "cp", hello, "s3://theirs/hello")
        self.cli(ours, "s3", "cp", hello, "s3://ours/d/hello")
        self.assertIn("hello", self.list(ours, "ours"))
        for profile in (ours, reader):
            self.cli(profile, "s3", "cp", "s3://ours/d/hello", back)
            self.assertEqual(pathlib.Path(back).read_text(), "hello\n")
            os.remove(back)
            self.assertIn("theirs", self.cli(profile, "s3", "ls"))  # names of buckets are for all
            self.list(profile, "theirs", denied=True)
            self.cli(profile, "s3", "cp", "s3://theirs/hello", back, denied=True)
            self.cli(profile, "s3", "cp", hello, "s3://theirs/d/hello", denied=True)
        self.cli(reader, "s3", "cp", hello, "s3://ours/d/more", denied=True)
        self.cli(reader, "s3", "rm", "s3://ours/d/hello", denied=True)
        self.cli(theirs, "s3", "cp", "s3://theirs/hello", back)
        self.list(theirs, "ours", denied=True)
        self.list(images, "ours", denied=True)
        self.cli(images, "s3", "ls", denied=True)
        self.cli(images, "ecr", "get-authorization-token", "--region", REGION)
        self.cli(ours, "ecr", "get-authorization-token", "--region", REGION, denied=True)
        self.cli(ours, "s3", "rm", "s3://ours/d/hello")
        self.assertNotIn("hello", self.list("deploy", "ours"))

    def test_fake(self):
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.terminate)
        url = fake.stdout.readline().strip()
        post(url + "/_fake/user", {"arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "access_key_id": KEY_ID, "secret": SECRET})
        post(url + "/_fake/role", {"arn": ROLE})
        for name in ("ours", "theirs"):
            post(url + "/_fake/bucket", {"account": ACCOUNT, "region": REGION, "name": name})
        self.configure(url, KEY_ID, SECRET)
        self.reach_and_nothing_else()
        self.assertIn("hello", self.cli("deploy@s3-bucket/theirs", "s3", "ls", "s3://theirs"))
        self.cli("deploy@s3-bucket/theirs", "s3", "ls", "s3://ours", denied=True)
        with urllib.request.urlopen(url + "/_fake/calls?action=AssumeRole") as r:
            self.assertEqual(r.read().strip(), b"5")  # one for each profile

    def test_moto(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        moto = subprocess.Popen([sys.executable, "-c", MOTO, "-H", "127.0.0.1", "-p", str(port)], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(moto.wait)
        self.addCleanup(moto.terminate)
        eventually(lambda: urllib.request.urlopen(url + "/moto-api/data.json").close())
        made = {"endpoint_url": url, "region_name": REGION, "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        iam, s3 = boto3.client("iam", **made), boto3.client("s3", **made)
        iam.create_user(UserName="alice")
        allow = lambda *actions: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "Action": "sts:AssumeRole"}]}
        iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=allow("sts:*"))
        iam.create_role(RoleName="dev", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName="dev", PolicyName="p", PolicyDocument=allow("s3:*", "ecr:*"))
        for name in ("ours", "theirs"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        post(url + "/moto-api/reset-auth", "0", "text/plain")
        self.configure(url, key["AccessKeyId"], key["SecretAccessKey"])
        self.reach_and_nothing_else()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
