"""The session cache of the built binary under faults: whatever happens to it,
the right credentials are on standard output, the status is 0 and standard error
is empty.

    python cache_faults.py PROGRAM FAKEAWSD [KILLS]

Needs root, strace, and util-linux's setpriv and prlimit, and may mount a tmpfs. KILLS is how often a
process is killed at a random time: 200 unless told, 2000 to accept a change.
"""
import json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, threading, time, unittest, urllib.request

PROGRAM, FAKEAWSD = sys.argv[1:3]
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 200
ACCOUNT, NOBODY = "123456789012", 65534
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
# Credentials of the environment, since opening a keystore takes a second.
AMBIENT = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
CONNECTORS = f"""
[connectors.role]
auth_method = "iam-role"
role_arn = "{ROLE}"
key = "main"
[connectors.ambient]
auth_method = "implicit"
allow_implicit_auth_methods = true
role_arn = "{ROLE}"
"""


def post(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})) as r:
        return r.read()


def eventually(check):
    for _ in range(1000):
        if check():
            return
        time.sleep(0.01)
    raise TimeoutError


class World(unittest.TestCase):
    """A fresh home, a fake AWS, and a connector that mints without a keystore."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.home.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.shared = self.home / "cache"
        self.cache = self.shared / "aws-connector"
        self.env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG")} | AMBIENT
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONNECTOR_CACHE_DIR": str(self.shared),
                     "AWS_CONNECTOR_CONFIG": str(self.home / "connectors.toml"), "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase")}
        fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.terminate)
        self.aws = fake.stdout.readline().strip()
        post(self.aws + "/_fake/user", {"arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "access_key_id": KEY_ID, "secret": SECRET})
        post(self.aws + "/_fake/role", {"arn": ROLE})
        self.seal("auto")

    def seal(self, how):
        head = f'keystore = "file"\n[cache]\nseal = "{how}"\n[defaults]\nregion = "eu-central-1"\nendpoint_url = "{self.aws}"\n'
        (self.home / "connectors.toml").write_text(head + CONNECTORS)

    def mount(self, options):
        self.cache.mkdir(mode=0o700, parents=True)
        p = subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700," + options, "tmpfs", self.cache], capture_output=True, text=True)
        self.assertEqual(p.returncode, 0, "this suite must be allowed to mount a tmpfs: " + p.stderr)
        self.addCleanup(subprocess.run, ["umount", self.cache], check=True)

    def fault(self, **fault):
        post(self.aws + "/_fake/fault", fault)

    def calls(self):
        with urllib.request.urlopen(f"{self.aws}/_fake/calls?action=AssumeRole") as r:
            return int(r.read())

    def start(self, *before, connector="ambient", env={}):
        return subprocess.Popen([*before, PROGRAM, "get", connector], env=self.env | env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def right(self, p, said=""):
        """The process answers as it must; returns the access key id."""
        out, err = p.communicate(timeout=60)
        self.assertEqual((p.returncode, err), (0, ""), said)
        self.assertEqual(out.count("\n"), 1, said)
        key = json.loads(out)["AccessKeyId"]
        with urllib.request.urlopen(f"{self.aws}/_fake/identity?access_key_id={key}") as r:
            self.assertIn("assumed-role/dev/", r.read().decode(), said)
        return key

    def get(self, *before, connector="ambient", said=""):
        return self.right(self.start(*before, connector=connector), said)

    def whole(self, said=""):
        """An entry that is there is handed out without AWS, and there may be none. A
        killed process's call may still be on its way, so calls are not counted."""
        if not self.entries():
            return True
        self.fault(status=403, code="AccessDenied", message="not now")
        p = self.start()
        p.communicate(timeout=60)
        post(self.aws + "/_fake/clear", {})
        return p.returncode == 0

    def entries(self):
        return [f for f in self.cache.iterdir() if not f.name.startswith(".") and f.suffix not in (".lock", ".TAG")] if self.cache.is_dir() else []

    def temps(self):
        return [f for f in self.cache.iterdir() if f.name.startswith(".ambient")]

    def unswept(self):
        """The cache was not swept for a while."""
        tag = self.cache / "CACHEDIR.TAG"
        if tag.exists():
            old = time.time() - 3600
            os.utime(tag, (old, old))

    def empty(self):
        for f in self.cache.iterdir() if self.cache.is_dir() else []:
            f.unlink()


class Directory(World):
    def test_without_a_fault(self):
        first = self.get()
        self.assertEqual(self.get(), first)
        self.assertEqual(self.calls(), 1)

    def test_full_disk(self):
        self.mount("size=64k")
        with self.assertRaises(OSError):
            (self.cache / "filler").write_bytes(bytes(1 << 20))
        self.assertNotEqual(self.get(), self.get())
        self.assertEqual([f.name for f in self.entries()], ["filler"])
        (self.cache / "filler").unlink()
        self.assertEqual(self.get(), self.get())

    def test_no_inodes(self):
        self.mount("nr_inodes=2")
        (self.cache / "filler").touch()
        self.assertNotEqual(self.get(), self.get())

    def test_read_only(self):
        self.mount("size=64k")
        subprocess.run(["mount", "-o", "remount,ro", self.cache], check=True)
        self.assertNotEqual(self.get(), self.get())
        subprocess.run(["mount", "-o", "remount,rw", self.cache], check=True)
        kept = self.get()
        subprocess.run(["mount", "-o", "remount,ro", self.cache], check=True)
        self.assertEqual(self.get(), kept)

    def test_vanishes_midway(self):
        self.fault(delay="500ms", times=1)
        p = self.start()
        eventually(lambda: self.calls() == 1)
        shutil.rmtree(self.cache)
        first = self.right(p)
        self.assertEqual(self.get(), first)

    def test_of_another_user(self):
        self.cache.mkdir(mode=0o700, parents=True)
        os.chown(self.cache, NOBODY, NOBODY)
        self.assertNotEqual(self.get(), self.get())
        self.assertEqual(list(self.cache.iterdir()), [])

    def test_linked(self):
        other = self.home / "other"
        other.mkdir(mode=0o700)
        self.shared.mkdir()
        self.cache.symlink_to(other)
        self.assertNotEqual(self.get(), self.get())
        self.assertEqual(list(other.iterdir()), [])

    def test_open_to_all(self):
        kept = self.get()
        files = sorted(self.cache.iterdir())
        for mode in (0o777, 0o1777, 0o720, 0o702):
            self.cache.chmod(mode)
            self.assertNotEqual(self.get(), kept)
            self.assertEqual(self.cache.stat().st_mode & 0o7777, mode)
        self.assertEqual(sorted(self.cache.iterdir()), files)
        self.cache.chmod(0o700)
        self.assertEqual(self.get(), kept)
        # What another user put there is not used, and stays.
        entry, = self.entries()
        os.chown(entry, NOBODY, NOBODY)
        self.assertNotEqual(self.get(), kept)
        self.assertEqual(entry.stat().st_uid, NOBODY)

    def test_beside_others(self):
        """The directory that the variable names is not the cache's own."""
        self.shared.mkdir()
        self.shared.chmod(0o1777)
        (self.shared / "empty").mkdir()
        (self.shared / "yarn.lock").touch()
        (self.shared / "notes").write_text("a person's\n")
        self.assertEqual(self.get(), self.get())
        subprocess.run([PROGRAM, "cache", "clear"], env=self.env, check=True, capture_output=True)
        self.assertEqual(sorted(f.name for f in self.shared.iterdir()), ["aws-connector", "empty", "notes", "yarn.lock"])
        self.assertEqual(self.shared.stat().st_mode & 0o7777, 0o1777)
        self.assertEqual((self.shared / "notes").read_text(), "a person's\n")

    def test_in_another_users_home(self):
        self.shared.mkdir()
        os.chown(self.shared, NOBODY, NOBODY)
        self.assertNotEqual(self.get(), self.get())
        self.assertEqual(list(self.shared.iterdir()), [])

    def test_file_in_its_place(self):
        self.shared.mkdir()
        self.cache.write_text("a person's\n")
        self.assertNotEqual(self.get(), self.get())
        self.assertEqual(self.cache.read_text(), "a person's\n")

    def test_planted_files(self):
        self.get()
        entry, = self.entries()
        elsewhere = self.home / "elsewhere"
        for path in (entry, entry.with_name(entry.name + ".lock")):
            for plant in (os.mkfifo, os.mkdir, lambda p: os.symlink(elsewhere, p)):
                self.empty()
                plant(path)
                self.get(said=path.name)
                if path.is_dir():
                    path.rmdir()
        self.assertFalse(elsewhere.exists())

    def test_copied_to_another_user(self):
        for how in ("auto", "keyring"):
            self.seal(how)
            self.empty()
            mine = self.get()
            if not self.entries() or b" sealed\n" not in self.entries()[0].read_bytes():
                # The kernel gives no key: what is plain is anybody's who gets it.
                self.assertEqual(len(self.entries()), 1 if how == "auto" else 0)
                print(f"seal {how}: not sealed here", file=sys.stderr)
                continue
            theirs = self.home / "theirs"
            shutil.rmtree(theirs, ignore_errors=True)
            shutil.copytree(self.shared, theirs)
            for f in [theirs, *theirs.rglob("*")]:
                os.chown(f, NOBODY, NOBODY)
            program = self.home / "aws-connector"
            shutil.copy(PROGRAM, program)
            before = self.calls()
            p = subprocess.Popen(["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", program, "get", "ambient"],
                                 env=self.env | {"AWS_CONNECTOR_CACHE_DIR": str(theirs)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertNotEqual(self.right(p), mine)
            self.assertEqual(self.calls(), before + 1)
            self.assertEqual(self.get(), mine)


class Syscalls(World):
    """Errors of the kernel, put in by strace."""

    def inject(self, faults, *more, said=""):
        """Returns what was injected, a line each, with the paths of descriptors."""
        log = self.home / "trace"
        self.get("strace", "-f", "-qq", "-y", "-e", "signal=none", "-o", log, "-e", "trace=" + faults.split(":")[0], "-e", "inject=" + faults, *more, said=faults + said)
        return [line for line in log.read_text(errors="replace").splitlines() if "(INJECTED)" in line]

    def check_recovery(self, said):
        """Nothing is torn: what is kept is handed out, or is a miss."""
        kept = self.get(said=said)
        self.assertEqual(self.get(said=said), kept, said)

    def test_writing(self):
        """A write and rename of a cache's file fails."""
        for call, errors in (("write", ("EIO", "ENOSPC")), ("renameat", ("EIO", "ENOSPC", "EXDEV", "EROFS"))):
            for error in errors:
                for _ in range(60):
                    if self.hits(call, error):
                        break
                else:
                    self.fail(f"{call} {error} befell no file of the cache")

    def hits(self, call, error):
        """strace counts the calls of each thread, and the program's threads share
        the work anew in each run: a run that is only watched says where one for the
        cache may be. Returns whether the error befell the cache alone."""
        log = self.home / "trace"
        watched = ["strace", "-f", "-qq", "-y", "-e", "signal=none", "-o", log, "-e", "trace=" + call]
        env = {"GOMAXPROCS": "1"}
        self.empty()
        self.right(self.start(*watched, env=env))
        nth, places = {}, []
        for line in log.read_text(errors="replace").splitlines():
            thread = line.split()[0]
            nth[thread] = nth.get(thread, 0) + 1
            if str(self.cache) in line:
                places.append(nth[thread])
        self.assertNotEqual(places, [])
        self.empty()
        p = self.start(*watched, "-e", f"inject={call}:error={error}:when={random.choice(places)}", env=env)
        out, err = p.communicate(timeout=60)
        befell = [line for line in log.read_text(errors="replace").splitlines() if "(INJECTED)" in line]
        if not befell or not all(str(self.cache) in line for line in befell):
            return False  # where it befell the network or the answer itself, a failure is right
        self.assertEqual((p.returncode, err, out.count("\n")), (0, "", 1), befell)
        self.assertEqual((self.temps(), self.entries()), ([], []), befell)
        self.check_recovery(f"{call} {error}")
        return True

    def test_closing(self):
        """A file of the cache cannot be closed: its entry, a lock."""
        self.get()
        entry, = self.entries()
        for path in (entry, entry.with_name(entry.name + ".lock")):
            for error in ("EIO", "ENOSPC"):
                if path != entry:
                    entry.unlink()
                self.assertNotEqual(self.inject(f"close:error={error}", "-P", path, said=f" at {path}"), [], f"close {error} at {path}")
                self.check_recovery(f"close {error} at {path}")

    def test_write_that_is_cut_short(self):
        for size in (0, 1, 100, 1000):
            self.empty()
            self.get("prlimit", f"--fsize={size}")
            self.assertEqual((self.temps(), self.entries()), ([], []), size)
            self.check_recovery(f"cut at {size}")

    def test_files_that_cannot_be_opened(self):
        self.get()
        entry, = self.entries()
        lock = entry.with_name(entry.name + ".lock")
        befell = set()
        for path in (entry, lock, self.cache):
            for call in ("openat", "read", "fstat", "newfstatat", "unlinkat"):
                for error in ("EACCES", "EIO", "EMFILE"):
                    if path != entry:
                        entry.unlink(missing_ok=True)
                        self.unswept()
                    begin = time.monotonic()
                    if self.inject(f"{call}:error={error}", "-P", path, said=f" at {path}"):
                        befell.add((path, call))
                    self.assertLess(time.monotonic() - begin, 10, f"{call} {error} at {path}")
        self.assertLessEqual({(entry, "openat"), (entry, "read"), (entry, "fstat"), (lock, "openat"), (lock, "fstat"), (lock, "newfstatat"),
                              (self.cache, "newfstatat"), (self.cache, "openat")}, befell)
        self.check_recovery("after errors of opening")

    def test_no_locks(self):
        for error in ("ENOLCK", "EOPNOTSUPP", "EINTR:when=1", "EIO", "EBADF", "ENOSYS"):
            self.empty()
            self.assertNotEqual(self.inject(f"flock:error={error}"), [], error)
            self.check_recovery(error)

    def test_no_kernel_key(self):
        for calls in ("keyctl", "keyctl,add_key", "add_key"):
            for error in ("EPERM", "ENOSYS", "EACCES", "EDQUOT", "EKEYREVOKED", "ENOKEY"):
                self.empty()
                self.assertTrue(self.inject(f"{calls}:error={error}") or calls == "add_key", f"{calls} {error}")
                self.check_recovery(f"{calls} {error}")

    def test_no_boot_clock(self):
        self.assertNotEqual(self.inject("clock_gettime:error=EINVAL"), [])
        self.check_recovery("no boot clock")

    def test_killed_at_each_step(self):
        for name in ("openat", "write", "renameat", "close", "flock", "mkdirat"):
            for n in range(1, 9):
                self.empty()
                p = self.start("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + name, "-e", f"inject={name}:signal=KILL:when={n}")
                p.communicate(timeout=60)
                self.assertTrue(self.whole(), f"killed at {name} {n}")
                self.check_recovery(f"killed at {name} {n}")


class Processes(World):
    def test_killed_at_random_times(self):
        started = time.monotonic()
        self.get()
        killed = finished = torn = 0
        latest = 0.05
        while killed < KILLS and finished < 3 * KILLS:
            if random.random() < 0.7:
                for f in self.entries():
                    f.unlink()
            p = self.start()
            time.sleep(random.uniform(0, latest))
            p.send_signal(signal.SIGKILL)
            out, err = p.communicate()
            self.assertEqual(err, "")
            # Some finish first, so that the kills come up to the end however fast the machine is.
            if p.returncode == 0:
                finished, latest = finished + 1, latest * 0.97
            else:
                self.assertEqual(p.returncode, -signal.SIGKILL)
                killed, latest = killed + 1, min(latest * 1.015, 1)
            self.assertIn(out.count("\n"), (0, 1))
            torn += not self.whole()
            self.get(said=f"after kill {killed}")
        self.assertEqual(torn, 0)
        left = self.temps()
        old = time.time() - 61
        for f in left:
            os.utime(f, (old, old))
        # A sweep is bounded: each miss has one, if the last was a minute ago.
        for _ in range(1 + len(left) // 32):
            for f in self.entries():
                f.unlink()
            self.unswept()
            self.get()
        self.assertEqual(self.temps(), [])
        print(f"{killed} killed, {finished} finished first, {len(left)} temporary files swept, {time.monotonic() - started:.0f} s", file=sys.stderr)
        self.assertEqual(killed, KILLS)

    def test_a_stopped_holder(self):
        self.fault(stall=True, times=1)
        holder = self.start()
        eventually(lambda: self.calls() == 1)
        holder.send_signal(signal.SIGSTOP)
        try:
            others = [self.start() for _ in range(3)]
            for p in others:
                self.right(p)
            self.get()
        finally:
            holder.kill()
            holder.communicate()

    def test_two_hundred_at_once(self):
        for how in ("auto", "off"):
            self.seal(how)
            for run in range(3):
                self.empty()
                post(self.aws + "/_fake/clear", {})
                self.fault(delay="250ms")
                all_ = [self.start() for _ in range(200)]
                answers = [None] * len(all_)

                def collect(i):
                    answers[i] = (*all_[i].communicate(timeout=60), all_[i].returncode)
                threads = [threading.Thread(target=collect, args=(i,)) for i in range(len(all_))]
                for t in threads:
                    t.start()
                for t in threads:
                    t.join()
                self.assertEqual(len(set(answers)), 1, f"seal {how}, run {run}")
                self.assertEqual(answers[0][1:], ("", 0))
                self.assertEqual(self.calls(), 1, f"seal {how}, run {run}")
                sealed = b" sealed\n" in self.entries()[0].read_bytes()
                self.assertFalse(sealed and how == "off")

    def test_two_hundred_fail_at_once(self):
        for run in range(3):
            self.empty()
            post(self.aws + "/_fake/clear", {})
            self.fault(delay="250ms", status=403, code="AccessDenied", message="not today")
            all_ = [self.start() for _ in range(200)]
            answers = {(*p.communicate(timeout=60), p.returncode) for p in all_}
            # Those that were started after the answer came say that it is an earlier one.
            answers = {(out, re.sub(r" \(as answered .*? s ago; asked again after \d s\)", "", err), status) for out, err, status in answers}
            self.assertEqual(len(answers), 1, f"run {run}: {answers}")
            [(out, err, status)] = answers
            self.assertEqual((out, status), ("", 1))
            self.assertIn('connector "ambient": AssumeRole: AccessDenied: not today\nhint: ', err)
            self.assertEqual(self.calls(), 1, f"run {run}")

    def add_key(self):
        (self.home / "passphrase").write_text("correct horse\n")
        (self.home / "passphrase").chmod(0o600)
        subprocess.run([PROGRAM, "key", "add", "main", "--stdin"], input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}),
                       text=True, env=self.env, check=True, capture_output=True)

    def test_out_of_reach(self):
        """A session that is too old to be handed out serves while STS is down."""
        self.add_key()
        kept = self.get(connector="role")
        post(self.aws + "/_fake/clear", {})
        toml = self.home / "connectors.toml"
        toml.write_text(toml.read_text().replace("[connectors.ambient]", "expires_skew_tolerance = 3599\n[connectors.ambient]"))
        for fault in {"status": 503, "code": "ServiceUnavailable", "message": "busy"}, {"close_connection": True}, {"status": 502, "body": "<html>"}:
            for f in self.cache.glob("*.failed"):
                f.unlink()  # the failure before it is shared for some seconds
            post(self.aws + "/_fake/clear", {})
            self.fault(**fault)
            while not self.calls():  # in its first second it is fresh
                self.assertEqual(self.get(connector="role", said=str(fault)), kept)
        post(self.aws + "/_fake/clear", {})
        subprocess.run([PROGRAM, "cache", "clear"], env=self.env, check=True, capture_output=True)
        self.fault(close_connection=True)
        p = self.start(connector="role")
        self.assertEqual((p.communicate(timeout=60)[0], p.returncode), ("", 4))

    def test_with_a_keystore(self):
        self.add_key()
        self.fault(delay="250ms")
        all_ = [self.start(connector="role") for _ in range(20)]
        self.assertEqual(len({self.right(p) for p in all_}), 1)
        self.assertEqual(self.calls(), 1)


if __name__ == "__main__":
    if os.getuid() != 0:
        sys.exit("cache_faults.py: must be run by root, to mount a tmpfs and to be another user")
    for tool in ("strace", "setpriv", "prlimit", "mount"):
        if not shutil.which(tool):
            sys.exit(f"cache_faults.py: {tool} is not installed")
    unittest.main(argv=sys.argv[:1], verbosity=2)
