"""What `key import --remove` leaves of the AWS CLI's files, botocore reads as before but
for the keys; with --connectors the profiles work in boto3 and the AWS CLI as the keys did;
and files as aws-vault writes them, made by another library, are read.

    import.py PROGRAM FAKEAWSD [FILES]

FILES is how many random files there are, 60 unless told.
"""
import base64, json, os, pathlib, random, shutil, subprocess, sys, tempfile, unittest, urllib.request

import botocore.configloader, botocore.exceptions
import joserfc.jwe, joserfc.jwk

PROGRAM, FAKEAWSD = map(os.path.abspath, sys.argv[1:3])
RANDOM = int(sys.argv[3]) if len(sys.argv) > 3 else 60
FILES = pathlib.Path(__file__).parent.parent / "import"
USERS = {"alice": ("AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"), "bob": ("AKIABOBBOBBOBBOBBOBB", "CANARYbobsSecretAccessKey1")}
KEYS = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"}
STATUS = {"12-duplicates": 2}
# By --connectors: what has no profile that all SDKs read, or a program of its own, is told.
STATUS_CONNECTORS = {"08-process-beside": 2, "11-odd-names": 2, "12-duplicates": 2}
UNREAD = {"04-bom", "12-duplicates"}  # for botocore, before and after
WORKS = {  # profiles whose connector is the AWS CLI's way afterwards
    "01-aws-configure": {"default": "alice"}, "02-several": {"default": "alice", "work": "bob"}, "03-crlf": {"default": "alice", "work": "bob"},
    "05-comments": {"default": "alice", "work": "bob"}, "06-no-final-newline": {"work": "bob"}, "07-temporary": {"work": "bob"},
    "09-nested-and-tabs": {"default": "alice", "work": "bob"}, "10-same-key-twice": {"default": "alice", "personal": "alice", "work": "bob"},
    "11-odd-names": {"work": "bob", "été 2019": "alice"},
}

LINES = ["[a]", "[b]", "[default]", "[a]", "[b] # c", " [a]", "[DEFAULT]", "region = us-east-1", "s3 =", "  max = 1", "\tpath = x", "# c", "  ; c", "", "",
         "aws_access_key_id = " + USERS["alice"][0], "aws_secret_access_key = " + USERS["alice"][1], "AWS_ACCESS_KEY_ID: " + USERS["bob"][0],
         "aws_secret_access_key=" + USERS["bob"][1], "  aws_secret_access_key = " + USERS["bob"][1], "aws_session_token =", "aws_security_token = x", "  more", "x = y",
         "credential_process = /bin/x", "role_arn = y"]


class Import(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="import (x) & "))
        self.addCleanup(shutil.rmtree, self.home)
        bin = self.home / "bin"
        bin.mkdir()
        shutil.copy(PROGRAM, bin / "aws-connector")
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.terminate)
        self.aws = fake.stdout.readline().strip()
        for name, (id, secret) in USERS.items():
            body = {"arn": f"arn:aws:iam::123456789012:user/{name}", "access_key_id": id, "secret": secret}
            urllib.request.urlopen(f"{self.aws}/_fake/user", json.dumps(body).encode()).close()
        (self.home / "passphrase").touch(0o600)
        (self.home / "passphrase").write_text("x y z\n")
        self.env = {k: v for k, v in os.environ.items() if k == "LANG"}
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": self.aws, "AWS_DEFAULT_REGION": "eu-central-1", "NO_PROXY": "127.0.0.1",
                     "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase"), "PATH": f"{bin}:{os.environ['PATH']}"}
        self.toml = self.home / ".config/aws-connector/connectors.toml"
        self.toml.parent.mkdir(parents=True)
        self.credentials, self.config = self.home / ".aws/credentials", self.home / ".aws/config"
        self.credentials.parent.mkdir()
        self.start(b"")

    def start(self, text):
        for path in (self.config, self.toml.parent / "keys.age"):
            path.unlink(missing_ok=True)
        self.toml.write_text('keystore = "file"\n')
        self.credentials.touch(0o600)
        self.credentials.write_bytes(text)

    def run_(self, *args, status=0, **more):
        p = subprocess.run(args, capture_output=True, text=True, env=self.env, timeout=120, **more)
        if status is not None:
            self.assertEqual(p.returncode, status, p.stdout + p.stderr)
        self.assertNotIn("CANARY", p.stdout + p.stderr)
        return p

    def load(self):
        """All that botocore reads of the credentials file but keys; None if it refuses the file."""
        try:
            loaded = botocore.configloader.raw_config_parse(str(self.credentials))
        except botocore.exceptions.ConfigParseError:
            return None
        left = {name: {k: v for k, v in section.items() if k not in KEYS} for name, section in loaded.items()}
        return {name: section for name, section in left.items() if section}

    def test_files(self):
        names = sorted(p.name.removesuffix(".before") for p in FILES.glob("*.before"))
        self.assertEqual(len(names), 12)
        for name in names:
            with self.subTest(file=name):
                self.start((FILES / f"{name}.before").read_bytes())
                before = self.load()
                self.assertEqual(before is None, name in UNREAD)
                self.run_("aws-connector", "key", "import", "--yes", "--remove", status=STATUS.get(name, 0))
                self.assertEqual(self.credentials.read_bytes(), (FILES / f"{name}.after").read_bytes())
                self.assertEqual(self.load(), before)

    def test_profiles(self):
        boto3 = "import boto3, sys; print(boto3.Session(profile_name=sys.argv[1]).client('sts').get_caller_identity()['Arn'])"
        for name, profiles in WORKS.items():
            self.start((FILES / f"{name}.before").read_bytes())
            self.run_("aws-connector", "key", "import", "--yes", "--remove", "--connectors", status=STATUS_CONNECTORS.get(name, 0))
            for profile, user in profiles.items():
                want = f"arn:aws:iam::123456789012:user/{user}"
                with self.subTest(file=name, profile=profile, reader="boto3"):
                    self.assertEqual(self.run_(sys.executable, "-c", boto3, profile).stdout.strip(), want)
                with self.subTest(file=name, profile=profile, reader="AWS CLI"):
                    got = self.run_(sys.executable, "-m", "awscli", "--profile", profile, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
                    self.assertEqual(got.stdout.strip(), want)

    def test_random_files(self):
        chosen, edited = random.Random(1), 0
        for _ in range(RANDOM):
            end = chosen.choice(["\n", "\n", "\r\n"])
            text = ("[a]" + end + end.join(chosen.choice(LINES) for _ in range(chosen.randint(2, 9)))).encode() + chosen.choice([b"", end.encode()])
            self.start(text)
            before = self.load()
            self.run_("aws-connector", "key", "import", "--yes", "--remove", "--no-verify", status=None)
            after = self.credentials.read_bytes()
            with self.subTest(text=text, after=after):
                lines = iter(text.splitlines(keepends=True))
                self.assertTrue(all(line in lines for line in after.splitlines(keepends=True)))
                gone = len(text.splitlines()) - len(after.splitlines())
                edited += gone > 0
                if before is not None:
                    self.assertEqual(self.load(), before)
        self.assertGreater(edited, RANDOM // 20)

    def test_aws_vault(self):
        keys = self.home / "keys"
        keys.mkdir(0o700)
        for profile, user in {"work": "bob", "corp/prod": "alice"}.items():
            id, secret = USERS[user]
            data = json.dumps({"AccessKeyID": id, "SecretAccessKey": secret, "SessionToken": "", "CanExpire": False, "Expires": "0001-01-01T00:00:00Z"}).encode()
            item = json.dumps({"Key": profile, "Data": base64.b64encode(data).decode(), "Label": f"aws-vault ({profile})"})
            token = joserfc.jwe.encrypt_compact({"alg": "PBES2-HS256+A128KW", "enc": "A256GCM"}, item.encode(), joserfc.jwk.OctKey.import_key("päss wörd"),
                                                algorithms=["PBES2-HS256+A128KW", "A256GCM"])
            (keys / profile.replace("/", "%2F")).write_text(token)
        self.env["AWS_VAULT_FILE_PASSPHRASE"] = "päss wörd"
        p = self.run_("aws-connector", "key", "import", f"--from-aws-vault={keys}", "--yes")
        self.assertIn("user/alice", p.stderr)
        self.assertIn("user/bob", p.stderr)
        self.assertEqual([line.split()[:2] for line in self.run_("aws-connector", "key", "list").stdout.splitlines()], [["corp-prod", USERS["alice"][0]], ["work", USERS["bob"][0]]])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
