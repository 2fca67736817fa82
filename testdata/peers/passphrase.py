"""A person is asked for the passphrase of the encrypted keystore by real pinentry
programs and on the terminal, in tmux; the terminal is then what it was, and the
passphrase is in no argument, environment or file.

    passphrase.py PROGRAM FAKEAWSD

Needs tmux, pinentry-curses and pinentry-tty, and Linux's /proc.
"""
import os, pathlib, shutil, subprocess, sys, tempfile, threading, time, unittest

PROGRAM = os.path.abspath(sys.argv[1])
LIMIT = 30
PASSPHRASE = "CANARY %41 horse"
SECRET = "CANARYwJalrXUtnFEMIK7MDENG"
KEY = '{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"%s"}' % SECRET


class Watch(threading.Thread):
    """Looks at the arguments and the environment of all processes, again and again."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over, self.found, self.looks = threading.Event(), set(), 0

    def run(self):
        while not self.over.is_set():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                if int(pid) == os.getpid():
                    continue
                for name in "cmdline", "environ":
                    try:
                        data = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
                    except OSError:
                        continue
                    if PASSPHRASE.encode() in data:
                        self.found.add((name, data[:60]))
            self.looks += 1
            time.sleep(.01)


class Passphrase(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        self.conf = self.home / ".config/aws-connector/connectors.toml"
        self.conf.parent.mkdir(parents=True)
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"}
        self.watch = Watch()
        self.watch.start()
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "30", "sh")
        self.addCleanup(self.tmux, "kill-server")
        # tmux types as a person does: neither its arguments nor a file show it.
        self.run_in("PS1='ready$ '; unset HISTFILE")
        self.status()

    def tmux(self, *args, **more):
        return subprocess.run(["tmux", "-S", str(self.home / "tmux"), *args], env=self.env, text=True, check=True, capture_output=True, **more).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, text, fail=True):
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if text in self.screen():
                return
            time.sleep(.05)
        raise AssertionError(f"no {text!r} on the screen:\n{self.screen()}")

    def type(self, text, key="Enter"):
        self.tmux("load-buffer", "-", input=text)
        self.tmux("paste-buffer", "-d")
        if key:
            self.tmux("send-keys", key)

    def run_in(self, command):
        """Runs a command in the shell; its status is in the file status."""
        (self.home / "status").unlink(missing_ok=True)
        self.type(f"clear; {command}; echo $? >$HOME/new; mv $HOME/new $HOME/status")

    def status(self):
        end = time.monotonic() + LIMIT
        while not (self.home / "status").exists():
            if time.monotonic() > end:
                raise AssertionError("it does not end:\n" + self.screen())
            time.sleep(.02)
        return int((self.home / "status").read_text())

    def terminal(self):
        self.run_in("stty -a >$HOME/stty")
        self.status()
        return (self.home / "stty").read_text()

    def configure(self, pinentry, seconds=0):
        self.conf.write_text(f'keystore = "file"\npinentry = "{pinentry}"\nunlock_seconds = {seconds}\n')

    def ask(self, prompt, again):
        """Makes the file, opens it with a wrong and the right passphrase."""
        before = self.terminal()
        self.run_in(f"{PROGRAM} keystore use file")
        self.wait_for("New passphrase for")
        self.type(PASSPHRASE)
        self.wait_for(again)
        self.type(PASSPHRASE)
        self.assertEqual(self.status(), 0, self.screen())
        p = subprocess.run([PROGRAM, "key", "list"], env=self.env, capture_output=True, text=True, start_new_session=True, timeout=LIMIT)
        self.assertEqual((p.returncode, p.stdout), (3, ""), p.stderr)
        self.assertIn("aws-connector keystore unlock", p.stderr)
        self.run_in(f"{PROGRAM} key list")
        self.wait_for(prompt)
        self.type("wrong")
        self.wait_for("Wrong passphrase")
        self.type(PASSPHRASE)
        self.assertEqual(self.status(), 0, self.screen())
        # Ctrl-C, in the middle of it
        self.run_in(f"{PROGRAM} key list")
        self.wait_for(prompt)
        self.type("half", "C-c")
        self.assertNotEqual(self.status(), 0)
        self.assertEqual(self.terminal(), before)
        self.run_in("echo sa''ne")
        self.wait_for("sane")

    def tearDown(self):
        self.watch.over.set()
        self.watch.join()
        self.assertGreater(self.watch.looks, 0)
        self.assertEqual(self.watch.found, set())
        for path in self.home.rglob("*"):
            if path.is_file():
                self.assertNotIn(PASSPHRASE.encode(), path.read_bytes(), path)

    def test_pinentry_curses(self):
        self.configure("/usr/bin/pinentry-curses")
        self.ask("Passphrase for", "The same again")

    def test_pinentry_tty(self):
        self.configure("pinentry-tty")
        self.ask("Passphrase for", "The same again")

    def test_terminal(self):
        self.configure("off")
        self.ask("Passphrase for", "The same again")

    def test_pinentry_is_found(self):
        self.conf.write_text('keystore = "file"\nunlock_seconds = 0\n')
        self.ask("Passphrase for", "The same again")

    def test_cancelled(self):
        self.configure("/usr/bin/pinentry-curses")
        before = self.terminal()
        self.run_in(f"{PROGRAM} keystore use file")
        self.wait_for("New passphrase for")
        for key in "Tab", "Tab", "Enter":
            self.tmux("send-keys", key)
        self.assertEqual(self.status(), 3)
        self.assertIn("the question was dismissed", self.screen())
        self.assertEqual(self.terminal(), before)
        self.assertFalse((self.conf.parent / "keys.age").exists())

    def test_unlocked(self):
        """Unlocked once, nothing asks until it is locked or the time is over."""
        self.configure("off")
        self.run_in(f"{PROGRAM} keystore use file")
        self.wait_for("New passphrase for")
        self.type(PASSPHRASE)
        self.wait_for("The same again")
        self.type(PASSPHRASE)
        self.assertEqual(self.status(), 0)
        self.run_in(f"{PROGRAM} keystore unlock --for 1h")
        self.wait_for("Passphrase for")
        self.type(PASSPHRASE)
        status = self.status()
        if "no kernel keyring" in self.screen():
            self.assertEqual(status, 1)
            return
        self.assertEqual(status, 0, self.screen())

        def run(*args, **more):
            return subprocess.run([PROGRAM, *args], env=self.env, capture_output=True, text=True, start_new_session=True, timeout=LIMIT, **more)

        p = run("key", "add", "main", "--stdin", input=KEY)
        self.assertEqual(p.returncode, 0, p.stderr + self.screen())
        self.assertIn("main", run("key", "list").stdout)
        self.assertRegex(run("keystore", "status").stdout, r"unlocked +until .* \(in (59 min|1 h 00 min)\)")
        self.assertIn("unlocked: until", run("doctor").stdout.replace("\n  ", " "))
        self.assertEqual(run("keystore", "lock").returncode, 0)
        p = run("key", "list")
        self.assertEqual(p.returncode, 3)
        self.assertIn("aws-connector keystore unlock", p.stderr)
        self.run_in(f"{PROGRAM} keystore unlock --for 1s")
        self.wait_for("Passphrase for")
        self.type(PASSPHRASE)
        self.assertEqual(self.status(), 0, self.screen())
        end = time.monotonic() + LIMIT
        while run("key", "list").returncode == 0:
            self.assertLess(time.monotonic(), end)
        p = run("key", "list")
        self.assertEqual(p.returncode, 3)
        self.assertIn("aws-connector keystore unlock", p.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
