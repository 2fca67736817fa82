"""Many processes store keys in a real gnome-keyring at once, each with a home and
a cache of its own: they share the user's keyring all the same.

    keyring.sh unlocked python keyring_races.py PROGRAM
"""
import json, os, pathlib, pwd, shutil, signal, subprocess, sys, tempfile, time, unittest

PROGRAM = sys.argv[1]
SECRET = "CANARY" + 34 * "x"  # as long as AWS's, so that nothing is said about it
KEYRING = int(os.environ["KEYRING_PID"])
LEDGER = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir, ".local/state/aws-connector/generations")


def key(n):
    return f"AKIAIOSFODNN{n:08d}"


class Races(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)
        self.config = self.dir / "connectors.toml"
        self.config.write_text('[connectors.raw]\nauth_method = "secret-key"\nkey = "race"\nregion = "eu-central-1"\n')
        keep = ("PATH", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME")
        self.env = {k: v for k, v in os.environ.items() if k in keep} | {"AWS_CONNECTOR_CONFIG": str(self.config), "HOME": str(self.dir)}

    def own(self, n):
        return self.env | {"AWS_CONNECTOR_CACHE_DIR": str(self.dir / f"cache{n}"), "HOME": str(self.dir / f"home{n}")}

    def start(self, name, n, *before):
        p = subprocess.Popen([*before, PROGRAM, "key", "add", name, "--stdin"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.own(n))
        p.stdin.write(json.dumps({"AccessKeyId": key(n), "SecretAccessKey": SECRET}))
        p.stdin.close()
        return p

    def end(self, p):
        text = p.stderr.read()
        p.stderr.close()
        self.assertNotIn("CANARY", text)
        return p.wait(timeout=60), text

    def add(self, name, n):
        status, text = self.end(self.start(name, n))
        self.assertEqual(status, 0, text)

    def names(self):
        lines = subprocess.run([PROGRAM, "key", "list"], env=self.env, capture_output=True, text=True, check=True).stdout.splitlines()
        return [line.split()[0] for line in lines]

    def stored(self):
        p = subprocess.run([PROGRAM, "get", "raw"], env=self.env, capture_output=True, text=True)
        return json.loads(p.stdout)["AccessKeyId"] if p.returncode == 0 else p.stderr

    def line(self, name):
        for line in LEDGER.read_text().splitlines():
            if line.startswith(name + " "):
                return line

    def wait_for_change(self, p):
        """Returns once p has said that it changes the key, or has ended."""
        while p.poll() is None and self.line("race") != "race changing":
            time.sleep(0.0005)

    def test_one_name(self):
        for writers in (2, 4):
            for r in range(5):
                self.add("race", 0)
                before = self.line("race")
                first = 1 + r * writers
                all = [self.start("race", n) for n in range(first, first + writers)]
                for p in all:
                    status, text = self.end(p)
                    self.assertEqual(status, 0, text)
                    self.assertIn("replaced key", text)
                self.assertIn(self.stored(), [key(n) for n in range(first, first + writers)])
                self.assertIn("race", self.names())
                self.assertNotEqual(self.line("race"), before)

    def test_many_names(self):
        all = [self.start(f"race{n}", n) for n in range(100)]
        for p in all:
            status, text = self.end(p)
            self.assertEqual(status, 0, text)
        self.assertLessEqual({f"race{n}" for n in range(100)}, set(self.names()))

    def test_keyring_that_stops(self):
        self.add("race", 0)
        before = self.line("race")
        p = self.start("race", 1)
        self.wait_for_change(p)
        os.kill(KEYRING, signal.SIGSTOP)
        try:
            status, text = self.end(p)
        finally:
            os.kill(KEYRING, signal.SIGCONT)
        now = self.stored()
        if status == 0:
            self.assertEqual(now, key(1))
        else:
            self.assertEqual(status, 3)
            self.assertIn("the keyring did not answer in time", text)
            self.assertIn(now, (key(0), key(1)))
            if now == key(1):
                self.assertIn("it may have the old key or the new one", text)
        self.assertNotEqual(self.line("race"), before)
        self.assertIn("race", self.names())
        self.add("race", 2)
        self.assertEqual(self.stored(), key(2))

    def test_writer_that_stops(self):
        self.add("race", 0)
        p = self.start("race", 1)
        self.wait_for_change(p)
        os.kill(KEYRING, signal.SIGSTOP)  # so that it stops in a call
        time.sleep(0.1)
        p.send_signal(signal.SIGSTOP)
        os.kill(KEYRING, signal.SIGCONT)
        if self.line("race") == "race changing":  # else it was done in that instant
            status, text = self.end(self.start("other", 2))
            self.assertEqual(status, 1)
            self.assertRegex(text, r'^aws-connector: key "other": another process keeps \S+ locked: wait for it or stop it, then try again\n$')
            self.assertIn(self.stored(), (key(0), key(1)))
            self.assertNotIn("other", self.names())
            time.sleep(1)  # by now its time for the keyring is over
        p.send_signal(signal.SIGCONT)
        status, text = self.end(p)
        self.assertEqual(status, 0, text)
        self.assertEqual(self.stored(), key(1))

    def test_writer_that_is_killed(self):
        for _ in range(8):
            self.add("race", 0)
            before = self.line("race")
            p = self.start("race", 1)
            self.wait_for_change(p)
            p.kill()
            self.end(p)
            self.assertIn(self.stored(), (key(0), key(1)))
            self.assertNotEqual(self.line("race"), before)
            self.assertIn("race", self.names())

    def test_no_locks(self):
        """As on a file system that has none."""
        none = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=flock:error=ENOLCK")
        for n in range(2):
            status, text = self.end(self.start("race", n, *none))
            self.assertEqual(status, 0, text)
            self.assertEqual(self.stored(), key(n))
        self.assertIn("race", self.names())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
