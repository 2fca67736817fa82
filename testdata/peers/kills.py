"""SIGKILL at any system call of the commands that change or hand out something:
no wrong identity afterwards, no torn file, no lost key, no foreign file touched,
and nothing left behind once the next call has succeeded.

    python kills.py PROGRAM FAKEAWSD [KILLS [SEED]]

KILLS is how many there are in all: 600 unless told, 2000 to accept a change. Half
are at system calls spread evenly over the whole run, counted over all threads by
ptrace; the others at random times. With a session bus in the environment
(keyring.sh unlocked) half of the keys are in the OS keyring.
"""
import collections, concurrent.futures, ctypes, hashlib, json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request

PROGRAM, FAKEAWSD = sys.argv[1:3]
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 600
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 30)
ACCOUNT = "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
KEYRING = bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS"))

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
TRACEME, SYSCALL, SETOPTIONS = 0, 24, 0x4200
OPTIONS = 1 | 8 | 0x100000  # TRACESYSGOOD, TRACECLONE, EXITKILL
WALL = 0x40000000


def ptrace(what, pid, data=0):
    return libc.ptrace(what, pid, None, data)


def traced(argv, env, stdin, kill_at):
    """Runs argv, killed at the entry of its system call number kill_at. Returns the
    number of calls, the status as subprocess has it, and both outputs."""
    files = [tempfile.TemporaryFile() for _ in range(3)]
    files[0].write(stdin)
    files[0].seek(0)
    pid = os.fork()
    if pid == 0:
        try:
            for fd, f in enumerate(files):
                os.dup2(f.fileno(), fd)
            ptrace(TRACEME, 0)
            os.execve(argv[0], argv, env)
        finally:
            os._exit(127)
    os.waitpid(pid, 0)
    ptrace(SETOPTIONS, pid, OPTIONS)
    ptrace(SYSCALL, pid)
    calls, inside, status = 0, set(), None
    while status is None:
        try:
            tid, how = os.waitpid(-1, WALL)
        except ChildProcessError:
            break
        if not os.WIFSTOPPED(how):
            if tid == pid:
                status = -os.WTERMSIG(how) if os.WIFSIGNALED(how) else os.WEXITSTATUS(how)
            continue
        deliver = 0
        stop = os.WSTOPSIG(how)
        if stop == signal.SIGTRAP | 0x80:
            if tid in inside:
                inside.discard(tid)
            else:
                inside.add(tid)
                calls += 1
                if calls == kill_at:
                    os.kill(pid, signal.SIGKILL)
        elif stop not in (signal.SIGTRAP, signal.SIGSTOP):
            deliver = stop
        ptrace(SYSCALL, tid, deliver)
    out = []
    for f in files[1:]:
        f.seek(0)
        out.append(f.read().decode(errors="replace"))
    for f in files:
        f.close()
    return calls, status, *out


class Lane:
    """One command that is killed again and again, in a home of its own."""

    def __init__(self, keystore, seed):
        self.random = random.Random(f"{seed} {type(self).__name__} {keystore}")
        self.keystore, self.problems, self.examples = keystore, collections.Counter(), {}
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="kills"))
        self.config = self.home / ".config" / "aws-connector"
        self.cache = self.home / "cache"
        for d in (self.config, self.home / ".aws", self.home / ".docker", self.home / "bin"):
            d.mkdir(parents=True)
        (self.home / "bin" / "docker-credential-ecr").symlink_to(PROGRAM)
        (self.config / "passphrase").write_text("correct horse\n")
        (self.config / "passphrase").chmod(0o600)
        self.env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
        self.env |= {"HOME": str(self.home), "PATH": f"{self.home}/bin:{os.environ['PATH']}", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONNECTOR_CACHE_DIR": str(self.cache),
                     "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.config / "passphrase"),
                     "TMPDIR": "/nowhere"}  # configure writes down no program in a directory for temporary files
        self.fake = subprocess.Popen([FAKEAWSD], stdout=subprocess.PIPE, text=True)
        self.aws = self.fake.stdout.readline().strip()
        self.users = 0
        # Lanes share the keyring, so no two have a key of the same name.
        self.key, self.other = (f"{name}-{type(self).__name__.lower()}-{os.getpid()}" for name in ("main", "other"))
        (self.config / "connectors.toml").write_text(f"""keystore = "{keystore}"
[defaults]
region = "eu-central-1"
endpoint_url = "{self.aws}"
key = "{self.key}"
[connectors.plain]
auth_method = "secret-key"
[connectors.session]
auth_method = "session-token"
registries = ["{HOST}"]
[connectors.other]
auth_method = "secret-key"
key = "{self.other}"
""")
        (self.home / ".aws" / "config").write_text("# a person's\n[profile theirs]\nregion = eu-west-1\n")
        (self.home / ".docker" / "config.json").write_text('{\n\t"auths": {},\n\t"credHelpers": {"gcr.io": "gcloud"}\n}\n')
        for d in (self.config, self.home / ".aws", self.home / ".docker", self.home):
            (d / "theirs.tmp").write_text("theirs")
            (d / ".config123").write_text("theirs")
        self.ours = set()
        self.foreign = self.files()

    def files(self):
        """What is in the home but for the cache, by path."""
        return {str(p.relative_to(self.home)): (p.read_bytes(), p.stat().st_mode) for p in self.home.rglob("*") if p.is_file() and self.cache not in p.parents}

    def post(self, path, body):
        urllib.request.urlopen(urllib.request.Request(self.aws + "/_fake/" + path, json.dumps(body).encode(), {"Content-Type": "application/json"})).close()

    def ask(self, path):
        try:
            with urllib.request.urlopen(self.aws + "/_fake/" + path) as r:
                return json.loads(r.read())
        except urllib.error.HTTPError:
            return {}

    def new_user(self):
        """Returns the number of a new user and its key as `key add` reads it."""
        self.users += 1
        id, secret = f"AKIAIOSFODNN{self.users:08d}", f"secret{self.users:034d}"
        self.post("user", {"arn": f"arn:aws:iam::{ACCOUNT}:user/u{self.users}", "access_key_id": id, "secret": secret})
        return self.users, json.dumps({"AccessKeyId": id, "SecretAccessKey": secret}).encode()

    def run(self, *args, stdin=b"", **env):
        p = subprocess.run([PROGRAM, *args], input=stdin, env=self.env | env, capture_output=True, timeout=120)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    def must(self, *args, stdin=b""):
        status, out, err = self.run(*args, stdin=stdin)
        if status:
            raise RuntimeError(f"{' '.join(args)}: {status}: {err}")
        return out

    def wrong(self, what, detail=""):
        self.problems[what] += 1
        self.examples.setdefault(what, detail)

    def user_of(self, *args, stdin=b""):
        """The number of the user that a command answers for, 0 where it fails."""
        status, out, err = self.run(*args, stdin=stdin)
        if status:
            return 0, (status, out + err)
        answer = json.loads(out)
        if "AccessKeyId" in answer and answer["AccessKeyId"].startswith("AKIA"):
            return int(answer["AccessKeyId"][-8:]), (0, "")
        if "AccessKeyId" in answer:
            who = self.ask("identity?access_key_id=" + answer["AccessKeyId"])
        else:
            who = self.ask("ecr-token?sha256=" + hashlib.sha256(answer["Secret"].encode()).hexdigest())
        arn = next((v for k, v in who.items() if k.lower() == "arn"), "user/u-1")
        return int(arn.rsplit("/u", 1)[1]), (0, "")

    def kill(self, number, exact, total):
        """Runs the command once, killed. Returns whether it ended by itself first."""
        argv, stdin = [PROGRAM, *self.command], self.stdin
        if number < exact:
            at = 1 + int((number + self.random.random()) * total / exact)
            _, status, out, err = traced(argv, self.env, stdin, at)
            self.where = f"system call {at} of about {total}"
        else:
            delay = self.random.uniform(0, self.latest)
            p = subprocess.Popen(argv, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                p.stdin.write(stdin)
                p.stdin.close()
            except BrokenPipeError:
                pass
            p.stdin = None
            time.sleep(delay)
            p.kill()
            out, err = (b.decode() for b in p.communicate())
            status = p.returncode
            self.latest *= 0.9 if status == 0 else 1.03
            self.where = f"{delay:.3f} s"
        if status not in (0, -signal.SIGKILL):
            self.wrong("the command failed", f"{self.where}: {status}: {err}")
        if out.count("\n") > 1 and self.oneline or out and not out.endswith("\n"):
            self.wrong("half an answer", f"{self.where}: {out}")
        return status == 0

    oneline = False

    def untouched(self, *allowed):
        now = self.files()
        for path, what in self.foreign.items():
            if path not in allowed and now.get(path) != what:
                self.wrong("a foreign file was touched", f"{self.where}: {path}")
        # A note of each key's use stays: of this one and of the other.
        notes = [p for p in now if re.fullmatch(r"\.local/state/aws-connector/used/[0-9a-f]{32}", p)]
        return [p for p in now if p not in self.foreign and p not in self.ours and p not in notes[:2]]

    def left(self, *allowed):
        for p in self.untouched(*allowed):
            self.wrong("left behind after a later success", f"{self.where}: {p}")
        for p in self.cache.rglob("*") if self.cache.is_dir() else []:
            if p.is_file() and ".tmp" in p.name and time.time() - p.stat().st_mtime > 3600:
                self.wrong("left in the cache", str(p))

    def go(self, kills):
        """Returns how many were killed and how many ended first."""
        self.prepare()
        self.before()
        begun = time.monotonic()
        total, status, _, err = traced([PROGRAM, *self.command], self.env, self.stdin, -1)
        if status:
            raise RuntimeError(f"{self.command}: {status}: {err}")
        self.where, self.latest = "no kill", max(0.02, (time.monotonic() - begun) / 2)
        self.after(True)
        killed = ended = 0
        while killed < kills and ended < 10 + 3 * kills:
            self.before()
            finished = self.kill(killed, (kills + 1) // 2, total)
            killed, ended = killed + (not finished), ended + finished
            if finished and killed < (kills + 1) // 2:
                total = max(total * 9 // 10, 100)  # threads that wait make more calls on a loaded machine
            try:
                self.after(finished)
            except (ValueError, KeyError, OSError, RuntimeError, subprocess.SubprocessError) as e:
                self.wrong("the check failed", f"{self.where}: {e}")
        return killed, ended, total

    def close(self):
        if self.keystore == "system":
            for name in (self.key, self.other):
                self.run("key", "remove", name, *FORCE)
        self.fake.terminate()
        self.fake.wait()
        self.fake.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)


class Keys(Lane):
    def prepare(self):
        self.ours = {".config/aws-connector/keys.age", ".config/aws-connector/keys.age.lock"}
        self.kept, key = self.new_user()
        self.must("key", "add", self.other, "--stdin", stdin=key)
        self.store()

    def store(self):
        """Stores a new key by a call that is not killed, and uses it."""
        self.current, key = self.new_user()
        self.must("key", "add", self.key, "--stdin", stdin=key)
        self.left()
        self.use()

    def use(self):
        self.must("get", "session")
        self.must("docker", "get", stdin=HOST.encode())

    def answers(self, *may):
        """Which of the users that may be the key's is it; everything answers for that one."""
        stored, said = self.user_of("get", "plain")
        if stored not in may:
            self.wrong("a key is lost" if said[0] else "a wrong key", f"{self.where}: user {stored}, not of {may}: {said}")
        if stored:
            for what in (("get", "session"), ("docker", "get")):
                found, said = self.user_of(*what, stdin=HOST.encode())
                if found != stored:
                    self.wrong(f"{' '.join(what[:2])}: {'no answer' if said[0] else 'the identity of another key'}", f"{self.where}: user {found}, the key is {stored}'s: {said}")
        return stored

    def others(self):
        found, said = self.user_of("get", "other")
        if found != self.kept:
            self.wrong("another key is lost", f"{self.where}: {said}")
        names = [line.split()[0] for line in self.must("key", "list").splitlines()]
        if self.other not in names:
            self.wrong("a key is not listed", f"{self.where}: {names}")
        return names


class KeyAdd(Keys):
    def before(self):
        self.new, self.stdin = self.new_user()
        self.command = ("key", "add", self.key, "--stdin")

    def after(self, finished):
        stored = self.answers(*((self.new,) if finished else (self.current, self.new)))
        if self.users % 4 == 0:
            self.others()
        if finished:
            self.left()
        else:
            self.untouched()
        self.current = stored
        if not stored or self.users % 16 == 0:
            self.store()


class KeyRemove(Keys):
    stdin = b""

    def before(self):
        self.command = ("key", "remove", self.key, *FORCE)

    def after(self, finished):
        stored, said = self.user_of("get", "plain")
        if stored not in ((0,) if finished else (self.current, 0)):
            self.wrong("not removed" if finished else "a wrong key", f"{self.where}: {said}")
        if stored:
            self.answers(stored)
        else:
            for what in (("get", "session"), ("docker", "get")):
                found, said = self.user_of(*what, stdin=HOST.encode())
                if found:
                    self.wrong(f"{' '.join(what[:2])}: an answer after the key is gone", f"{self.where}: user {found}")
        self.untouched()
        self.others()
        if not stored:
            self.store()


class Get(Keys):
    command, stdin, oneline = ("get", "session"), b"", True

    def before(self):
        if self.random.random() < 0.8:
            for p in self.cache.rglob("*") if self.cache.is_dir() else []:
                if p.is_file() and not p.name.startswith("."):
                    p.unlink()

    def after(self, finished):
        found, said = self.user_of(*self.command, stdin=self.stdin)
        if found != self.current:
            self.wrong("no answer" if said[0] else "a wrong identity", f"{self.where}: {said}")
        self.left()


class DockerGet(Get):
    command, stdin = ("docker", "get"), HOST.encode()


class Configure(Lane):
    stdin = b""

    def prepare(self):
        self.path = self.home / self.file
        self.old = self.path.read_bytes()
        self.must(*self.put)
        self.new = self.path.read_bytes()
        self.ours = {p for p in self.files() if p not in self.foreign and p.endswith(".lock")}
        self.left(self.file)
        self.must(*self.take)
        self.where = "no kill"
        if self.path.read_bytes() != self.old:
            self.wrong("--remove does not undo it", self.path.read_text())

    def before(self):
        self.command = self.put if self.path.read_bytes() == self.old else self.take

    def after(self, finished):
        now = self.path.read_bytes()
        if now not in (self.old, self.new):
            self.wrong("a torn file", f"{self.where}: {now[:200]}")
        if finished and now != (self.new if self.command == self.put else self.old):
            self.wrong("not done", self.where)
        self.untouched(self.file)
        if self.random.random() < 0.2:
            self.must(*self.put)
            self.left(self.file)
            if self.random.random() < 0.5:
                self.must(*self.take)


class ConfigureAWS(Configure):
    file, put, take = ".aws/config", ("configure", "aws", "session"), ("configure", "aws", "session", "--remove")


class ConfigureDocker(Configure):
    file, put, take = ".docker/config.json", ("configure", "docker", "session"), ("configure", "docker", "session", "--remove")


def lane(kind, keystore, kills, seed):
    begun = time.monotonic()
    name = f"{kind.__name__}, {keystore}"
    world = kind(keystore, seed)
    try:
        killed, ended, total = world.go(kills)
        said = f"{name}: {killed} killed, {ended} ended first, about {total} system calls, {time.monotonic() - begun:.0f} s"
        return said, [f"{name}: {what}, {n} times; first at {world.examples[what]}" for what, n in world.problems.items()]
    except Exception as e:
        return name, [f"{name}: cannot go on: {e!r}"]
    finally:
        world.close()


FORCE = ("--force",) if "--force" in subprocess.run([PROGRAM, "key", "remove", "--help"], capture_output=True, text=True).stdout else ()

if __name__ == "__main__":
    print(f"seed {SEED}", flush=True)
    stores = ("file", "system") if KEYRING else ("file",)
    jobs = [(kind, store, part * KILLS // 100 // len(stores)) for store in stores for kind, part in ((KeyAdd, 30), (KeyRemove, 15), (Get, 15), (DockerGet, 15))]
    jobs += [(ConfigureAWS, "file", KILLS // 8), (ConfigureDocker, "file", KILLS // 8)]
    failed = []
    # Each in a process of its own: a tracer is told of every child of its process.
    with concurrent.futures.ProcessPoolExecutor(min(4, os.cpu_count()), max_tasks_per_child=1) as pool:
        for done in concurrent.futures.as_completed([pool.submit(lane, *job, SEED) for job in jobs]):
            said, problems = done.result()
            print(said, *problems, sep="\n  ", flush=True)
            failed += problems
    sys.exit(f"kills.py: {len(failed)} kinds of problem" if failed else 0)
