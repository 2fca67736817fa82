"""What `configure aws` writes into files as people have them is read alike by the
AWS CLI, boto3 and the AWS SDKs for Go and JavaScript, and taken out again.

    configure_aws.py PROGRAM FAKEAWSD WHOAMI [FILES]

FILES is how many random files there are, 100 unless told. WHOAMI is the program of this directory's whoami; the packages of its JavaScript
twin are in $NODE_MODULES.
"""
import configparser, json, os, pathlib, random, shutil, subprocess, sys, tempfile, unittest, urllib.request

import botocore.configloader, botocore.exceptions

PROGRAM, FAKEAWSD, WHOAMI = map(os.path.abspath, sys.argv[1:4])
RANDOM = int(sys.argv[4]) if len(sys.argv) > 4 else 100
HERE = pathlib.Path(__file__).parent
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
WANT = "arn:aws:sts::123456789012:assumed-role/dev/aws-connector-deploy eu-central-1"

FILES = {  # what people have before; the profile that is written is deploy
    "absent": None,
    "empty": "",
    "default": "[default]\nregion = eu-central-1\n",
    "no newline at the end": "[default]\nregion = us-east-1",
    "comments": "# mine\n; and mine\n\n[default]\nregion = us-east-1 # home\n",
    "profile with other keys": "[profile deploy]\noutput = json\nregion = eu-central-1\n",
    "profile in the middle": "[profile a]\nregion = us-east-1\n[profile deploy]\noutput=json\n[profile b]\nregion = us-east-2\n",
    "nested": "[profile deploy]\ns3 =\n    max_concurrent_requests = 20\n    addressing_style = path\noutput = json\n",
    "quoted neighbours": '[profile "a b"]\nregion = us-east-1\n',
    "CRLF": "[default]\r\nregion = us-east-1\r\n\r\n[profile deploy]\r\noutput = json\r\n",
    "tabs": "[profile\tdeploy]\noutput\t=\tjson\n",
    "ours, in quotes": "[profile deploy]\ncredential_process = \"/opt/a b/aws-connector\" get deploy\nregion = eu-central-1\n",
    "sso beside it": "[sso-session corp]\nsso_start_url = https://corp.example\nsso_region = us-east-1\n[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = x\n",
    "chained profiles": "[profile top]\nrole_arn = arn:aws:iam::123456789012:role/top\nsource_profile = deploy\n",
    "long": "".join(f"[profile p{i}]\nregion = us-east-1\noutput = json\n\n" for i in range(1250)),
    "not ASCII": "# été — 東京\n[profile été]\nregion = us-east-1\n",
}
REFUSED = {  # what would not work alike; the file stays as it is
    "source_profile": "[profile deploy]\nsource_profile = default\nrole_arn = arn:aws:iam::123456789012:role/x\n",
    "static keys": f"[profile deploy]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n",
    "sso": "[profile deploy]\nsso_start_url = https://corp.example\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = x\n",
    "another process": "[profile deploy]\ncredential_process = vault --token CANARY\nregion = eu-central-1\n",
    "carriage returns alone": "[default]\rregion = us-east-1\r[profile deploy]\routput = json\r",
    "a carriage return that hides a section": "[default]\noutput = json\r[profile deploy]\nregion = us-east-1\n",
    "quotes in a name": '[profile de"pl"oy]\noutput = json\n',
    "twice": "[profile deploy]\nregion = us-east-1\n[profile deploy]\noutput = json\n",
}


ENCODED = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]

# What random files are made of, with what Python and others take for a blank or
# for the end of a line, or not.
LINES = """[profile a]
[profile deploy]
[profile deploy ]
[ profile deploy]
[profile "deploy"]
[profile de"pl"oy]
[profiles deploy]
[profile\u00a0deploy]
[default]
[default ]
[deploy]
[sso-session x]
[profile b] # c
[profile b] ; [d]
[profile c]
[]
[x
region = us-east-1
output = json
s3 =
  max = 1
\tmax = 2
 a
key
= v
a: b
# c
  ; c
credential_process = other
credential_process = aws-connector get deploy
x = 1""".split("\n")
BLANKS = [""] * 12 + list(" \t\x0b\x0c\x1c\x1f\x85\xa0\u2028\u3000\x1b")
ENDS = ["\n"] * 4 + ["\r\n", "\r", "\n\n", "\n \n"]


class Configure(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="peers (x) & "))  # a path that a shell would split
        self.addCleanup(shutil.rmtree, self.home)
        bin = self.home / "bin"
        bin.mkdir()
        shutil.copy(PROGRAM, bin / "aws-connector")
        self.program = str(bin / "aws-connector")
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.terminate)
        self.aws = fake.stdout.readline().strip()
        for what, body in {"user": {"arn": "arn:aws:iam::123456789012:user/alice", "access_key_id": KEY_ID, "secret": SECRET},
                           "role": {"arn": "arn:aws:iam::123456789012:role/dev"}}.items():
            urllib.request.urlopen(f"{self.aws}/_fake/{what}", json.dumps(body).encode()).close()
        (self.home / "passphrase").touch(0o600)
        (self.home / "passphrase").write_text("x y z\n")
        self.env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "NODE_MODULES")}
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "NODE_NO_WARNINGS": "1",
                     "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase"), "PATH": f"{bin}:{os.environ['PATH']}"}
        toml = self.home / ".config/aws-connector/connectors.toml"
        toml.parent.mkdir(parents=True)
        toml.write_text(f'keystore = "file"\n[connectors.deploy]\nauth_method = "iam-role"\nregion = "eu-central-1"\nkey = "main"\n'
                        f'endpoint_url = "{self.aws}"\nrole_arn = "arn:aws:iam::123456789012:role/dev"\n')
        self.run_(self.program, "key", "add", "main", "--stdin", input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))
        self.config = self.home / ".aws/config"
        self.config.parent.mkdir()

    def run_(self, *args, status=0, **more):
        p = subprocess.run(args, capture_output=True, text=True, env=self.env, timeout=120, **more)
        self.assertEqual(p.returncode, status, p.stderr)
        self.assertNotIn("CANARY", p.stdout + p.stderr)
        return p

    def readers(self):
        boto3 = ("import boto3, sys; s = boto3.Session(profile_name=sys.argv[1]); "
                 "print(s.client('sts', endpoint_url=sys.argv[2]).get_caller_identity()['Arn'], s.region_name)")
        cli = '"$0" -m awscli --profile "$1" --endpoint-url "$2" sts get-caller-identity --query Arn --output text; "$0" -m awscli --profile "$1" configure get region'
        yield "boto3", (sys.executable, "-c", boto3)
        yield "AWS CLI", ("sh", "-ec", cli, sys.executable)
        yield "Go", (WHOAMI,)
        yield "JavaScript", ("node", str(HERE / "whoami/whoami.mjs"))

    def test_files_that_work(self):
        for name, text in FILES.items():
            self.config.unlink(missing_ok=True)
            if text is not None:
                self.config.write_bytes(text.encode())
            self.run_(self.program, "configure", "aws", "deploy")
            for reader, command in self.readers():
                with self.subTest(file=name, reader=reader):
                    self.assertEqual(self.run_(*command, "deploy", self.aws).stdout.split(), WANT.split())
            self.run_(self.program, "configure", "aws", "--remove")
            with self.subTest(file=name):
                self.assertNotIn(b"aws-connector", self.config.read_bytes())
                if text is not None and "aws-connector" not in text:
                    self.assertEqual(self.config.read_bytes(), text.encode())

    def test_narrowed(self):
        """The name of a profile that narrows its session, and the line, are for every SDK."""
        for flags, profile in {("--resource-type", "s3-bucket", "--resource-id", "my.bucket-1", "--scope", "resource-read-only"): "deploy@s3-bucket/my.bucket-1+read-only",
                               ("--resource-type", "kubernetes-cluster", "--resource-id", "a_b"): "deploy@kubernetes-cluster/a_b"}.items():
            self.run_(self.program, "configure", "aws", "deploy", *flags)
            for reader, command in self.readers():
                with self.subTest(profile=profile, reader=reader):
                    self.assertEqual(self.run_(*command, profile, self.aws).stdout.split(), WANT.split())
        with urllib.request.urlopen(f"{self.aws}/_fake/calls?action=AssumeRole") as r:
            self.assertEqual(r.read().strip(), b"2")
        self.run_(self.program, "configure", "aws", "--remove")
        self.assertEqual(self.config.read_bytes(), b"")

    def test_files_that_would_not_work(self):
        for name, text in REFUSED.items():
            with self.subTest(file=name):
                self.config.write_bytes(text.encode())
                p = self.run_(self.program, "configure", "aws", "deploy", status=2)
                self.assertIn("nothing was changed", p.stderr)
                self.assertEqual(self.config.read_bytes(), text.encode())

    def test_files_that_nobody_reads(self):
        for encoding in ENCODED:
            for args in ([], ["--remove"]):
                with self.subTest(encoding=encoding, args=args):
                    text = "[profile a]\r\n# é\r\nregion = us-east-1\r\n".encode(encoding)
                    self.config.write_bytes(text)
                    p = self.run_(self.program, "configure", "aws", "deploy", *args, status=2)
                    self.assertIn("UTF-8", p.stderr)
                    self.assertEqual(self.config.read_bytes(), text)

    def load(self):
        try:
            loaded = botocore.configloader.load_config(str(self.config))
        except botocore.exceptions.ConfigParseError:
            return None
        parser = configparser.RawConfigParser()
        parser.read([str(self.config)])
        return loaded, parser.defaults()

    def test_random_files(self):
        """What botocore reads before, it reads afterwards, and but for the profile the same."""
        chosen, edited = random.Random(1), 0
        for _ in range(RANDOM):
            text = "".join(chosen.choice(BLANKS) + chosen.choice(LINES) + chosen.choice(ENDS) for _ in range(chosen.randint(0, 8)))
            if chosen.random() < 0.6:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            self.config.write_bytes(text.encode())
            before = self.load()
            force = ["--force"] * chosen.randint(0, 1)
            p = subprocess.run([self.program, "configure", "aws", "deploy", *force], capture_output=True, text=True, env=self.env)
            with self.subTest(text=text, stderr=p.stderr):
                if p.returncode != 0:
                    self.assertEqual((p.returncode, self.config.read_bytes()), (2, text.encode()))
                    continue
                edited += 1
                if before is not None:
                    self.same_but_deploy(before, self.load())
                self.run_(self.program, "configure", "aws", "deploy", "--remove")
                if "credential_process" not in text:
                    self.assertEqual(self.config.read_bytes(), text.encode())
        self.assertGreater(edited, RANDOM // 8)

    def same_but_deploy(self, before, after):
        (old, _), (new, defaults) = before, after
        was, now = old["profiles"].pop("deploy", {}), new["profiles"].pop("deploy")
        self.assertEqual(old, new)
        self.assertRegex(now.pop("credential_process"), r"/aws-connector get deploy$")
        was.pop("credential_process", None)
        self.assertEqual(was, {k: v for k, v in now.items() if k in was or k not in defaults and k != "region"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
