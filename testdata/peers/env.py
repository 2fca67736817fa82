"""The sessions of `env` in real shells, and those of `exec` in the AWS CLI and in a
full-screen program.

    env.py PROGRAM FAKEAWSD
"""
import fcntl, json, os, pathlib, pty, re, select, shlex, shutil, struct, subprocess, sys, tempfile, termios, unittest, urllib.request

PROGRAM, FAKEAWSD = map(os.path.abspath, sys.argv[1:3])
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ROLE = "arn:aws:iam::123456789012:role/dev"
# All that may be in a secret: printable ASCII without blanks.
ODD = "'\"$HOME`id`$(id)\\!!%PATH%&|<>;*?{a,b}~#^''" + "".join(map(chr, range(33, 127)))

SHELLS = {
    "bash": ["bash", "-euc", 'eval "$({})"; exec env -0'],
    "dash": ["dash", "-euc", 'eval "$({})"; exec env -0'],
    "zsh": ["zsh", "-feuc", 'eval "$({})"; exec env -0'],
    "fish": ["fish", "--no-config", "-c", "{} | source; exec env -0"],
}
SET = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CREDENTIAL_EXPIRATION"}


def post(url, body):
    data = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"})).close()


def variables(out):
    return dict(entry.split("=", 1) for entry in out.decode().split("\0") if entry)


class Env(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.terminate)
        self.addCleanup(fake.stdout.close)
        self.url = fake.stdout.readline().strip()
        post(f"{self.url}/_fake/user", {"arn": "arn:aws:iam::123456789012:user/alice", "access_key_id": KEY_ID, "secret": SECRET})
        post(f"{self.url}/_fake/role", {"arn": ROLE})
        (self.home / "connectors.toml").write_text(
            f'keystore = "file"\n[defaults]\nregion = "eu-central-1"\nendpoint_url = "{self.url}"\n'
            f'[connectors.deploy]\nauth_method = "iam-role"\nkey = "main"\nrole_arn = "{ROLE}"\n'
            '[connectors.odd]\nauth_method = "secret-key"\n')
        passphrase = self.home / "passphrase"
        passphrase.write_text("correct horse\n")
        passphrase.chmod(0o600)
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8", "AWS_ENDPOINT_URL": self.url,
                    "AWS_CONNECTOR_CONFIG": str(self.home / "connectors.toml"), "AWS_CONNECTOR_CACHE_DIR": str(self.home / "cache"),
                    "AWS_CONNECTOR_PASSPHRASE_FILE": str(passphrase), "AWS_PROFILE": "inherited", "AWS_EC2_METADATA_DISABLED": "true"}
        for name, key, secret in ("main", KEY_ID, SECRET), ("odd", "AKIAODDODDODDODDODDO", ODD):
            self.run_(PROGRAM, "key", "add", name, "--stdin", input=json.dumps({"AccessKeyId": key, "SecretAccessKey": secret}).encode())

    def run_(self, *argv, **more):
        return subprocess.run(argv, env=self.env, check=True, stdout=subprocess.PIPE, timeout=120, **more).stdout

    def in_shell(self, shell, *arguments):
        argv = SHELLS[shell]
        return variables(self.run_(*argv[:-1], argv[-1].replace("{}", shlex.join([PROGRAM, "env", *arguments]))))

    def test_shells(self):
        session = json.loads(self.run_(PROGRAM, "env", "deploy", "--shell", "json"))
        self.assertEqual(set(session), SET)
        for shell in SHELLS:
            with self.subTest(shell):
                self.env["SHELL"] = "/bin/" + shell
                got = self.in_shell(shell, "deploy")
                self.assertEqual({name: got.get(name) for name in SET}, session)
                self.assertNotIn("AWS_PROFILE", got)
                self.env["AWS_SESSION_TOKEN"] = "inherited"
                got = self.in_shell(shell, "odd")
                self.assertEqual(got["AWS_SECRET_ACCESS_KEY"], ODD)
                self.assertNotIn("AWS_SESSION_TOKEN", got)
                self.assertFalse(SET & set(self.in_shell(shell, "--unset")))
                del self.env["AWS_SESSION_TOKEN"]

    def test_fish_keeps_universal_variables(self):
        del self.env["AWS_PROFILE"]
        env, fish = shlex.join([PROGRAM, "env"]), ["fish", "-c"]
        self.run_(*fish, "set -Ux AWS_PROFILE universal")
        told = subprocess.run([*fish, f"{env} deploy --shell fish | source; {env} --unset --shell fish | source; env -0"], env=self.env, check=True, capture_output=True)
        self.assertEqual(told.stderr.decode(), "aws-connector: AWS_PROFILE is a universal variable, and stays; set -eU AWS_PROFILE erases it for ever\n")
        self.assertNotIn(b"AWS_SESSION_TOKEN", told.stdout)
        self.assertIn(b"AWS_PROFILE=universal", self.run_(*fish, "env -0"))

    def test_aws_cli(self):
        arn = "arn:aws:sts::123456789012:assumed-role/dev/aws-connector-deploy"
        who = ["aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
        self.assertEqual(self.run_(PROGRAM, "exec", "deploy", "--", *who).decode().strip(), arn)
        env = shlex.join([PROGRAM, "env", "deploy", "--shell", "sh"])
        self.assertEqual(self.run_("sh", "-euc", f'eval "$({env})"; {shlex.join(who)}').decode().strip(), arn)

    def test_full_screen(self):
        text = self.home / "text"
        text.write_text("".join(f"line {i}\n" for i in range(1, 1000)))
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(PROGRAM, [PROGRAM, "exec", "deploy", "--", "less", str(text)], self.env)
        self.addCleanup(os.close, terminal)
        seen = b""

        def until(pattern):
            nonlocal seen
            while not re.search(pattern, seen):
                ready, _, _ = select.select([terminal], [], [], 60)
                self.assertTrue(ready, seen)
                seen += os.read(terminal, 4096)
            seen = b""

        until(rb"line 20")
        os.write(terminal, b"G")
        until(rb"line 999")
        os.write(terminal, b"q")
        while True:
            try:
                if not os.read(terminal, 4096):
                    break
            except OSError:  # the other end is closed
                break
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)

    def test_windows_that_resize(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(PROGRAM, [PROGRAM, "exec", "deploy", "--", "sh", "-c", "trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.1; done"], self.env)
        self.addCleanup(os.close, terminal)
        seen = b""
        while b"ready" not in seen:
            seen += os.read(terminal, 4096)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        while b"33 77" not in seen:
            seen += os.read(terminal, 4096)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
