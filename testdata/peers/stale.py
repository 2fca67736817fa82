"""Never an old answer: whatever changes what an answer depends on, the next one is
what the ordinary path gives, though the one before came from the warm path.

    python stale.py PROGRAM FAKEAWSD [EDITS [SEED]]

EDITS of connectors.toml are made in all: 2000 unless told.
Each is made when the answer to it was just given warm, which GODEBUG=inittrace=1
tells: net/http was not initialised. The ordinary path is asked by AWS_CONNECTOR_LOG,
with which nothing is answered warm. As root, what removes the key of the cache
from the kernel's keyring runs as a user of its own. Linux for amd64.
"""
import concurrent.futures, ctypes, json, os, pathlib, random, re, shutil, subprocess, sys, tempfile, time, unittest, urllib.request

import clocked

PROGRAM, FAKEAWSD = sys.argv[1:3]
EDITS = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 30)
ACCOUNT, STRANGER = "123456789012", 54321
HOST = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
BOB = {"AccessKeyId": "AKIABOBBOBBOBBOBBOBB", "SecretAccessKey": "CANARYbobsSecretAccessKey1"}
YOUNG = 2.2  # seconds: files that are younger are not trusted


class Fake:
    """A fake AWS."""

    def __init__(self, test):
        self.process = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.stdout.close)
        test.addCleanup(self.process.terminate)
        self.url = self.process.stdout.readline().strip()
        self.post("user", arn=f"arn:aws:iam::{ACCOUNT}:user/alice", access_key_id=KEY_ID, secret=SECRET)
        self.post("user", arn=f"arn:aws:iam::{ACCOUNT}:user/bob", access_key_id=BOB["AccessKeyId"], secret=BOB["SecretAccessKey"])
        for role in ("Dev", "Ops"):
            self.post("role", arn=f"arn:aws:iam::{ACCOUNT}:role/{role}")

    def post(self, path, **body):
        urllib.request.urlopen(urllib.request.Request(self.url + "/_fake/" + path, json.dumps(body).encode(), {"Content-Type": "application/json"})).close()


class Answer:
    def __init__(self, status, out, err):
        self.status, self.out = status, out
        self.warm = status == 0 and "init runtime " in err and "init net/http " not in err
        self.err = "\n".join(l for l in err.splitlines() if not l.startswith("init "))

    def said(self):
        """What must be equal; of failures the status, for texts may tell a time."""
        return self.out if self.status == 0 else self.status


class World(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(f"{SEED} {self.id()}")
        self.aws = Fake(self)
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="stale"))
        self.home.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.config = self.home / ".config" / "aws-connector"
        self.config.mkdir(parents=True, mode=0o700)
        self.toml = self.config / "connectors.toml"
        self.cache = self.home / ".cache" / "aws-connector"
        (self.home / "passphrase").write_text("correct horse\n")
        (self.home / "passphrase").chmod(0o600)
        self.program, self.user = PROGRAM, None
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true", "GODEBUG": "inittrace=1", "NO_PROXY": "127.0.0.1",
                    "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase"), "AWS_ENDPOINT_URL": self.aws.url}
        self.toml.write_text(self.text("Dev"))
        self.run_(["key", "add", "main", "--stdin"], json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))

    def text(self, role, more=""):
        return f"""keystore = "file"
[connectors.it]
auth_method = "iam-role"
region = "eu-central-1"
key = "main"
role_arn = "arn:aws:iam::{ACCOUNT}:role/{role}"
registries = ["{HOST}"]
{more}"""

    def run_(self, args, stdin="", must=True, **env):
        p = subprocess.run([self.program, *args], input=stdin, env=self.env | env, capture_output=True, text=True, timeout=60, user=self.user, group=self.user, extra_groups=[] if self.user else None)
        if must and p.returncode:
            self.fail(f"{args}: {p.returncode}: {p.stderr}")
        return Answer(p.returncode, p.stdout, p.stderr)

    def get(self, form="get", **env):
        return self.run_(("get", "it"), must=False, **env) if form == "get" else self.run_(("docker", "get"), HOST, must=False, **env)

    def ordinary(self, form="get", **env):
        a = self.get(form, AWS_CONNECTOR_LOG="debug", **env)
        self.assertFalse(a.warm, "AWS_CONNECTOR_LOG was answered warm: nothing to compare with")
        return a

    def warmed(self, form="get", **env):
        """The answer, given warm."""
        for _ in range(60):  # a loaded machine needs some
            a = self.get(form, **env)
            if a.warm:
                return a
            time.sleep(0.5)
        self.fail(f"{form} is never answered warm: this suite would test nothing: {a.status} {a.err}")

    def agrees(self, what, form="get", fresh_from=None, **env):
        """The next answer is the ordinary path's. It is asked first, for the ordinary
        path may change what is cached. Without fresh_from's session, if that is given."""
        got, want = self.get(form, **env), self.ordinary(form, **env)
        self.assertEqual(got.said(), want.said(), f"{what}: the answer (warm: {got.warm}) is not the ordinary path's ({want.status}: {want.err})")
        if fresh_from is not None:
            self.assertNotEqual(got.said(), fresh_from.said(), f"{what}: the answer of before (warm: {got.warm})")
        return got


class Edits(World):
    """Of the same size, in the same second, by all ways there are."""

    def lane(self, number, rounds):
        rand = random.Random(f"{SEED} {number}")
        form = "docker" if number % 3 == 0 else "get"
        place = self.home / f"lane{number}"
        place.mkdir(mode=0o700)
        (place / "keys.age").write_bytes((self.config / "keys.age").read_bytes())
        (place / "keys.age").chmod(0o600)
        path, target = place / "connectors.toml", place / "target.toml"
        where = {"AWS_CONNECTOR_CONFIG": str(path)}

        def write(p, role):
            fd = os.open(p, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(fd, self.text(role).encode())
            os.close(fd)

        def rename(p, role):
            write(str(p) + ".new", role)
            os.rename(str(p) + ".new", p)

        def set_back(p, role, how):
            before = os.stat(p)
            how(p, role)
            os.utime(p, ns=(before.st_atime_ns, before.st_mtime_ns))

        def link_again(role):
            other = place / f"target.{role}.toml"
            write(other, role)
            (place / "link").unlink(missing_ok=True)
            (place / "link").symlink_to(other)
            os.rename(place / "link", path)

        linked = number % 2 == 0
        ways = {
            "in place": lambda r: write(path, r),
            "by rename": lambda r: rename(path.resolve(), r),
            "in place, time set back": lambda r: set_back(path, r, write),
            "by rename, time set back": lambda r: set_back(path.resolve(), r, rename),
        }
        if linked:
            path.symlink_to(target)
            ways["by another link"] = link_again
        write(path, "Dev")
        want = {}
        for role in ("Ops", "Dev"):
            write(path, role)
            want[role] = self.get(form, **where)
            self.assertEqual(want[role].status, 0, want[role].err)
        role, edits, stale = "Dev", 0, []
        for _ in range(rounds):
            self.assertEqual(self.warmed(form, **where).said(), want[role].said())
            for how in rand.sample(sorted(ways), 2) + ["while the ordinary path runs"]:
                role = "Ops" if role == "Dev" else "Dev"
                if how == "while the ordinary path runs":
                    p = subprocess.Popen([self.program, "get", "it"], env=self.env | where, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(rand.uniform(0, 0.006))
                    ways["in place"](role)
                    p.wait()
                else:
                    ways[how](role)
                edits += 1
                for _ in range(2):
                    if self.get(form, **where).said() != want[role].said():
                        stale.append(f"{form}, {how}, linked: {linked}")
            time.sleep(YOUNG)
        return edits, stale

    def test_edits(self):
        lanes = max(4, EDITS // 33)
        with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
            done = list(pool.map(self.lane, range(lanes), [-(-EDITS // lanes // 3)] * lanes))
        stale = [s for _, some in done for s in some]
        self.assertEqual(stale, [], f"{len(stale)} old answers after {sum(n for n, _ in done)} edits")
        self.assertGreaterEqual(sum(n for n, _ in done), EDITS)


class Programs(World):
    """A key that another program keeps, beside a stored one that is answered warm."""

    def setUp(self):
        super().setUp()
        self.bin = self.home / "bin"
        self.bin.mkdir()
        self.printer("op", KEY_ID, SECRET)
        self.env["PATH"] = f"{self.bin}:{self.env['PATH']}"
        self.toml.write_text(self.keys("op"))

    def printer(self, name, id, secret):
        path = self.bin / (name + ".new")
        path.write_text(f"#!/bin/sh\necho ran >>{self.home}/ran\nprintf '%s' '{json.dumps({'AccessKeyId': id, 'SecretAccessKey': secret})}'\n")
        path.chmod(0o755)
        os.rename(path, self.bin / name)

    def keys(self, program, stored=True):
        more = f"""[connectors.printed]
auth_method = "session-token"
region = "eu-central-1"
key = "work"
[keys.work]
process = ["{program}", "read"]
"""
        return self.text("Dev", more + ("" if stored else f'[keys.main]\nprocess = ["{program}", "read"]\n'))

    def ran(self):
        try:
            return len((self.home / "ran").read_text().splitlines())
        except FileNotFoundError:
            return 0

    def printed(self):
        return self.run_(("get", "printed"))

    def test_changes(self):
        self.printer("pass", BOB["AccessKeyId"], BOB["SecretAccessKey"])
        before, n = self.printed(), self.ran()
        time.sleep(YOUNG)
        for _ in range(4):
            a = self.printed()
            self.assertFalse(a.warm, "a program's key was answered warm")
            self.assertEqual(a.out, before.out)
        self.assertEqual(self.ran(), n, "a hit ran the program")
        changes = {
            "the table edited": lambda: self.toml.write_text(self.keys("pass")),
            "the program replaced": lambda: self.printer("pass", BOB["AccessKeyId"], BOB["SecretAccessKey"]),
            "another one sooner on the PATH": lambda: (self.home / "first").mkdir() or shutil.copy(self.bin / "op", self.home / "first" / "pass") and self.env.update(PATH=f"{self.home}/first:{self.env['PATH']}"),
            "a variable": lambda: self.env.update(OP_ACCOUNT="other"),
            "another key stored": lambda: self.run_(["key", "add", "other", "--stdin"], json.dumps(BOB)),
        }
        for what, change in changes.items():
            before, n = self.printed(), self.ran()
            change()
            after = self.printed()
            self.assertNotEqual(after.out, before.out, f"{what}: the session of before")
            self.assertEqual(self.ran(), n + 1, what)
            self.assertEqual(self.printed().out, after.out, f"{what}: not kept")

    def test_stored_key_becomes_a_programs(self):
        # What a variable tells the ordinary path, it tells the program too: another session.
        for form in ("get", "docker"):
            before = self.warmed(form)
            self.toml.write_text(self.keys("op", stored=False))
            n = self.ran()
            for _ in range(3):
                a = self.get(form)
                self.assertFalse(a.warm)
                self.assertNotEqual(a.said(), before.said(), f"{form}: the stored key's session")
            self.assertEqual(self.ran(), n + (form == "get"), "the program was not run once")
            self.toml.write_text(self.keys("op"))
            self.agrees("[keys.main] gone", form)


class Environment(World):
    def values(self):
        """Every variable that help names, and what Go and others read, with values."""
        listed = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\bHOME\b|\bPATH\b|\bGODEBUG\b|\b(?:https?|no)_proxy\b|\bTERM\b|\bDISPLAY\b|\bHOSTALIASES\b", self.run_(["help", "environment"]).out))
        self.assertGreater(len(listed), 50)
        listed |= {"ALL_PROXY", "LANG", "TZ", "ZONEINFO", "USER", "TMPDIR", "GOMAXPROCS", "GOGC", "AWS_STS_REGIONAL_ENDPOINTS", "UNKNOWN"}
        other = self.home / "other"
        for place in (other / ".config" / "aws-connector", other / "aws-connector"):
            shutil.copytree(self.config, place)
            (place / "connectors.toml").write_text(self.text("Ops"))
        second = Fake(self)
        cert = self.home / "ca.pem"
        cert.write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
        special = {
            "HOME": [str(other), "relative"], "XDG_CONFIG_HOME": [str(other), str(other / ".config"), "relative"], "XDG_CACHE_HOME": [str(other)],
            "AWS_CONNECTOR_CONFIG": [str(other / "aws-connector" / "connectors.toml"), "~/other/aws-connector/connectors.toml", "relative"], "AWS_CONNECTOR_CACHE_DIR": [str(other), "~/other"],
            "GODEBUG": ["inittrace=1,http2client=0", "x509negativeserial=1,inittrace=1"], "SSL_CERT_FILE": [str(cert), "/nowhere"], "SSL_CERT_DIR": [str(other), "/nowhere"],
            "AWS_CA_BUNDLE": [str(cert), "/nowhere", "relative"],
        } | {v: [second.url, "http://127.0.0.1:9"] for v in listed if v.startswith("AWS_ENDPOINT_URL")}
        for name in sorted(listed):
            if name not in ("AWS_CONNECTOR_LOG",):
                for value in special.get(name, ["true", "x y", str(other)]):
                    yield name, value
                if name in self.env:
                    yield name, ""

    def test_changes(self):
        changes = list(self.values())
        self.assertGreaterEqual(len(changes), 200)
        for form in ("get", "docker"):
            first = self.warmed(form)
            for name, value in changes:
                self.agrees(f"{name}={value}", form, **{name: value})
            time.sleep(YOUNG)
            warm = 0
            for name, value in changes:
                a, b = self.agrees(f"{name}={value} again", form, **{name: value}), self.get(form, **{name: value})
                self.assertEqual(a.said(), b.said(), f"{name}={value} the third time")
                warm += b.warm
                self.agrees(f"without {name}={value}", form)
            self.assertGreater(warm, len(changes) // 4, "changed environments are hardly ever answered warm")
            self.assertEqual(self.warmed(form).said(), first.said())

    def test_files_that_variables_name(self):
        for name in ("SSL_CERT_FILE", "AWS_CA_BUNDLE"):
            path = self.home / "bundle.pem"
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", path)
            env = {name: str(path)}
            before = self.warmed(**env)
            stat = os.stat(path)
            path.write_bytes(path.read_bytes())
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            self.agrees(f"{name}'s file written again", fresh_from=before, **env)
            before = self.warmed(**env)
            shutil.copy(path, str(path) + ".new")
            os.rename(str(path) + ".new", path)
            self.agrees(f"{name}'s file replaced", fresh_from=before, **env)


class Changes(World):
    def test_program_replaced(self):
        mine = self.home / "program"
        shutil.copy(PROGRAM, mine)
        self.program = str(mine)
        other = self.home / "other"
        shutil.copy(PROGRAM, other)
        with open(other, "ab") as f:
            f.write(b"another build\n")
        other.chmod(0o755)

        def over():
            stat = os.stat(mine)
            data = bytearray(mine.read_bytes())
            data[-1] ^= 1
            with open(mine, "r+b") as f:
                f.write(data)
            os.utime(mine, ns=(stat.st_atime_ns, stat.st_mtime_ns))

        for how, replace in {"by rename": lambda: os.rename(other, mine), "in place, of the same size and time": over}.items():
            for form in ("get", "docker"):
                self.warmed(form)
            replace()
            for form in ("get", "docker"):
                self.assertFalse(self.get(form).warm, f"replaced {how}, {form} was answered by what the old one kept")
                self.agrees(f"replaced {how}", form)

    def test_key_replaced_and_removed(self):
        for form in ("get", "docker"):
            before = self.warmed(form)
            self.run_(["key", "add", "main", "--stdin"], json.dumps(BOB))
            self.agrees("key add", form, fresh_from=before)
            before = self.warmed(form)
            self.run_(["key", "remove", "main", "--force"])
            self.assertEqual(self.agrees("key remove", form, fresh_from=before).status, 3 if form == "get" else 1)
            self.run_(["key", "add", "main", "--stdin"], json.dumps(BOB))
            self.agrees("key add after key remove", form, fresh_from=before)

    def test_cache_cleared_and_renewed(self):
        for form in ("get", "docker"):
            for clear in (["cache", "clear"], ["cache", "clear", "it"]):
                before = self.warmed(form)
                self.run_(clear)
                self.agrees(" ".join(clear), form, fresh_from=before)
            before = self.warmed(form)
            saved = self.home / "saved"
            shutil.copytree(self.cache, saved)
            self.run_(["cache", "clear"])
            renewed = self.ordinary(form)  # by another process
            self.assertEqual(self.agrees("renewed by another process", form, fresh_from=before).said(), renewed.said())
            self.warmed(form)
            for f in saved.iterdir():
                os.replace(f, self.cache / f.name)
            saved.rmdir()
            self.agrees("entries of before put back", form)

    def test_entries_removed_one_by_one(self):
        for form in ("get", "docker"):
            self.warmed(form)
            for name in sorted(p.name for p in self.cache.iterdir()):
                self.warmed(form)
                (self.cache / name).unlink(missing_ok=True)
                self.agrees(f"without {name}", form)

    def test_past_its_time(self):
        """To the second: fresh until T before its end, here for 6 s."""
        life, fresh = 900, 6
        self.toml.write_text(self.text("Dev", f"expiration_seconds = {life}\nexpires_skew_tolerance = {life - fresh}\n"))
        warm = 0
        for _ in range(3):
            self.run_(["cache", "clear"])
            first = self.get()
            ends = time.mktime(time.strptime(json.loads(first.out)["Expiration"] + "UTC", "%Y-%m-%dT%H:%M:%SZ%Z")) - time.timezone - (life - fresh)
            while True:
                begun = time.time()
                a = self.get()
                if a.said() != first.said():
                    self.assertGreaterEqual(time.time(), ends, "renewed too early")
                    break
                self.assertLess(begun, ends, f"handed out {begun - ends:.2f} s past its time (warm: {a.warm})")
                warm += a.warm
                time.sleep(0.02)
            self.agrees("past its time", fresh_from=first)
        self.assertGreater(warm, 10, "nothing was answered warm")

    def test_clock_set(self):
        def at(offset, form, **env):
            self.aws.post("clock", offset=f"{offset}s")
            argv, stdin = ([self.program, "get", "it"], b"") if form == "get" else ([self.program, "docker", "get"], HOST.encode())
            status, out, err, looked = clocked.run(argv, self.env | env, stdin, offset)
            self.assertGreater(looked, 0, "the program never looked at the clock")
            return Answer(status, out, err)

        minute, hour = 60, 3600
        for form in ("get", "docker"):
            warm = 0
            for offset in (0, 20 * minute, 40 * minute, 0, 44 * minute, 0, -30, -90, -2 * hour, 0, 59 * minute, 0, 5 * hour, 7 * hour, 0, 48 * hour, 0, -30 * minute, 30):
                got, want = at(offset, form), at(offset, form, AWS_CONNECTOR_LOG="1")
                self.assertEqual(got.said(), want.said(), f"{form}, the clock {offset} s ahead: the answer (warm: {got.warm}) is not the ordinary path's: {want.err}")
                time.sleep(YOUNG)
                at(offset, form)
                warm += at(offset, form).warm
            self.assertGreater(warm, 3, "with another clock hardly anything is answered warm")

    def forget(self):
        """Takes the cache's key out of the kernel's keyring; false if there is none."""
        child = os.fork()
        if child == 0:
            status = 2
            try:
                if self.user:
                    os.setgroups([])
                    os.setgid(self.user)
                    os.setuid(self.user)
                keyctl = lambda *args: ctypes.CDLL(None).syscall(250, *args)
                id = keyctl(10, -4, b"user", b"aws-connector:cache", 0)  # KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING
                status = 1 if id < 0 else 0 if keyctl(9, id, -4) == 0 else 2  # KEYCTL_UNLINK
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        self.assertIn(status, (0, 1), "the key cannot be taken out of the keyring")
        return status == 0

    def test_kernel_key_gone(self):
        if os.getuid() == 0:
            self.user = STRANGER
            for p in (self.home, *self.home.rglob("*")):
                os.chown(p, STRANGER, STRANGER)
            self.program = str(self.home / "program")
            shutil.copy(PROGRAM, self.program)
        for form in ("get", "docker"):
            before = self.warmed(form)
            if not self.forget():
                self.assertIn("plain", self.run_(["cache", "list"]).out, "sealed, and no key in the kernel's keyring")
                continue  # a kernel that keeps none
            self.agrees("the seal's key gone", form, fresh_from=before)


if __name__ == "__main__":
    print(f"seed {SEED}", flush=True)
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
