"""`serve` for real clients: boto3, the AWS CLI, the AWS SDKs for Go and JavaScript get
their credentials from it over 1,000 requests, with sessions of 900 s, on a clock that
runs faster in all of them.

    serve.py PROGRAM FAKEAWSD

The packages of whoami/served.mjs are in $NODE_MODULES.
"""
import concurrent.futures, http.client, json, os, pathlib, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time, unittest, urllib.request

FAKEAWSD = os.path.abspath(sys.argv[2])
PROGRAM = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(__file__).resolve().parent
RATE = 30  # a session lives for 30 s
SECONDS = 60

# The wall clock of a Go program: $CLOCK is where it starts and how fast it runs.
CLOCK = """
var clockStart, clockRate = func() (int64, int64) {
	text, ok := syscall.Getenv("CLOCK")
	if !ok {
		return 0, 1
	}
	var n [2]int64
	i := 0
	for _, c := range text {
		if c == ' ' {
			i++
			continue
		}
		n[i] = n[i]*10 + int64(c-'0')
	}
	return n[0], n[1]
}()

func fast(sec int64, nsec int32) (int64, int32) {
	since := ((sec-clockStart)*1e9 + int64(nsec)) * clockRate
	if clockRate == 1 {
		return sec, nsec
	}
	return clockStart + since/1e9, int32(since % 1e9)
}
"""

# The same for a Python program.
FAST = """
import datetime, json, os, sys, time
start, rate = map(int, os.environ["CLOCK"].split())
real, Real = time.time, datetime.datetime
time.time = lambda: start + (real() - start) * rate
class Fast(Real):
    @classmethod
    def now(cls, tz=None): return cls.fromtimestamp(time.time(), tz)
    @classmethod
    def utcnow(cls): return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)
datetime.datetime = Fast
"""
BOTO = FAST + """
import boto3
requests, seconds, endpoint = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
session = boto3.Session()
sts, keys = session.client("sts", endpoint_url=endpoint), []
for _ in range(requests):
    sts.get_caller_identity()
    key = session.get_credentials().get_frozen_credentials().access_key
    if key not in keys: keys.append(key)
    time.sleep(seconds / requests)
print(json.dumps(keys))
"""
CLI = FAST + """
import awscli.clidriver
sys.exit(awscli.clidriver.main())
"""


def fast_build(directory, tree, package, out):
    root = subprocess.check_output(["go", "env", "GOROOT"], text=True).strip()
    source = pathlib.Path(root, "src/time/time.go")
    text = source.read_text()
    changed = text.replace("\tsec, nsec, mono := runtimeNow()\n", "\tsec, nsec, mono := runtimeNow()\n\tsec, nsec = fast(sec, nsec)\n", 1)
    changed = changed.replace("import (\n", 'import (\n\t"syscall"\n', 1) + CLOCK
    if changed.count("fast(sec, nsec)") < 1 or '"syscall"' not in changed:
        raise RuntimeError("package time looks different")
    (directory / "time.go").write_text(changed)
    overlay = directory / "overlay.json"
    overlay.write_text(json.dumps({"Replace": {str(source): str(directory / "time.go")}}))
    subprocess.run(["go", "build", "-overlay", str(overlay), "-o", str(out), package], cwd=tree, check=True)


def post(url, body):
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})).close()


class Serve(unittest.TestCase):
    def set_up(self, program, fakeawsd, **more):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        (self.home / "passphrase").touch(0o600)
        (self.home / "passphrase").write_text("x y z\n")
        self.env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "NODE_MODULES")}
        self.env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true", "NODE_NO_WARNINGS": "1", "TMPDIR": str(self.home),
                     "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase")} | more
        self.program = program
        fake = subprocess.Popen([fakeawsd], stdout=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(fake.wait)
        self.addCleanup(fake.stdout.close)
        self.addCleanup(fake.terminate)
        self.aws = fake.stdout.readline().strip()
        post(self.aws + "/_fake/user", {"arn": "arn:aws:iam::123456789012:user/alice", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret": "CANARYsecret"})
        post(self.aws + "/_fake/role", {"arn": "arn:aws:iam::123456789012:role/dev"})
        toml = self.home / ".config/aws-connector/connectors.toml"
        toml.parent.mkdir(parents=True)
        toml.write_text(f'keystore = "file"\n[connectors.deploy]\nauth_method = "iam-role"\nregion = "eu-central-1"\nkey = "main"\n'
                        f'endpoint_url = "{self.aws}"\nrole_arn = "arn:aws:iam::123456789012:role/dev"\nexpiration_seconds = 900\n')
        subprocess.run([program, "key", "add", "main", "--stdin"], env=self.env, check=True, capture_output=True, text=True,
                       input=json.dumps({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "CANARYsecret"}))

    def serve(self):
        """Starts the endpoint without a command; its variables become those of the clients."""
        server = subprocess.Popen([self.program, "serve", "deploy", "--token", "file"], env=self.env, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.terminate)
        lines = [server.stdout.readline() for _ in range(4)]
        self.vars = dict(line.strip().split("=", 1) for line in lines)
        self.url = self.vars["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        self.token = pathlib.Path(self.vars["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text()
        self.host = re.fullmatch(r"http://(127\.0\.0\.1:[0-9]+)/deploy", self.url)[1]
        return server

    def ask(self, host=None, path="/deploy", method="GET", token=True, **headers):
        c = http.client.HTTPConnection(self.host, timeout=20)
        headers = {"Host": host or self.host} | ({"Authorization": self.token} if token is True else {"Authorization": token} if token else {}) | headers
        c.request(method, path, headers=headers)
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, body

    def client(self, *argv):
        p = subprocess.run(argv, env=self.env | self.vars, capture_output=True, text=True, timeout=300)
        self.assertEqual(p.returncode, 0, f"{argv[:2]}: {p.stdout}{p.stderr}")
        self.assertEqual(p.stderr, "", argv[:2])
        return json.loads(p.stdout)

    def test_clients(self):
        built = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, built)
        fast_build(built, HERE.parent.parent, ".", built / "aws-connector")
        fast_build(built, HERE.parent.parent, "./internal/fakeaws/fakeawsd", built / "fakeawsd")
        fast_build(built, HERE / "whoami", "./served", built / "served")
        self.set_up(str(built / "aws-connector"), str(built / "fakeawsd"), CLOCK=f"{int(time.time())} {RATE}")
        self.serve()
        began, runs = time.time(), 30

        def cli():
            keys = []
            for _ in range(runs):
                who = self.client(sys.executable, "-c", CLI, "sts", "get-caller-identity", "--endpoint-url", self.aws)
                self.assertEqual(who["Arn"], "arn:aws:sts::123456789012:assumed-role/dev/aws-connector-deploy")
                keys.append(json.loads(self.ask()[1])["AccessKeyId"])
                time.sleep(max(0, began + SECONDS * len(keys) / runs - time.time()))
            return sorted(set(keys))

        with concurrent.futures.ThreadPoolExecutor() as pool:
            args = [str(SECONDS), self.aws]
            all = {name: pool.submit(f, *a) for name, f, a in [
                ("boto3", self.client, [sys.executable, "-c", BOTO, "400", *args]),
                ("Go", self.client, [str(built / "served"), "300", *args]),
                ("JavaScript", self.client, ["node", str(HERE / "whoami/served.mjs"), "300", *args]),
                ("AWS CLI", cli, [])]}
            keys = {name: f.result() for name, f in all.items()}
        halves = (time.time() - began) * RATE / 450
        with urllib.request.urlopen(self.aws + "/_fake/calls?action=AssumeRole") as r:
            minted = int(r.read())
        print({name: len(k) for name, k in keys.items()}, minted, "sessions", file=sys.stderr)
        for name, k in keys.items():
            self.assertGreaterEqual(len(k), 3, name)
        self.assertGreaterEqual(minted, 4)
        self.assertLessEqual(minted, halves + 2)

    def test_refusals(self):
        self.set_up(PROGRAM, FAKEAWSD)
        self.serve()
        self.assertEqual(self.ask()[0], 200)
        port = self.host.split(":")[1]
        for status, how in [(401, {"token": None}), (401, {"token": "x" * 64}), (401, {"token": self.token + "0"}), (401, {"token": "Bearer " + self.token}),
                            (403, {"host": "rebound.example"}), (403, {"host": f"rebound.example:{port}"}), (403, {"host": "127.0.0.1"}), (403, {"host": f"127.0.0.2:{port}"}),
                            (403, {"Origin": "http://" + self.host}), (403, {"Sec-Fetch-Mode": "cors"}), (403, {"Referer": "http://x/"}),
                            (405, {"method": "POST"}), (405, {"method": "OPTIONS"}), (404, {"path": "/"}), (404, {"path": "/deploy/"}), (404, {"path": "/deploy?x"})]:
            got, body = self.ask(**how)
            self.assertEqual(got, status, how)
            self.assertNotIn(b"ASIA", body)
        # Slow and huge ones end, and others are answered meanwhile.
        slow = [socket.create_connection(self.host.split(":")) for _ in range(30)]
        for s in slow:
            s.sendall(b"GET /deploy HTTP/1.1\r\n")
        took = []
        for _ in range(100):
            began = time.perf_counter()
            self.assertEqual(self.ask()[0], 200)
            took.append(time.perf_counter() - began)
        self.assertLess(statistics.median(took), 0.05)
        for s in slow:
            s.settimeout(20)
            try:
                while s.recv(4096):
                    pass
            except ConnectionError:
                pass
            s.close()
        with socket.create_connection(self.host.split(":")) as s:
            s.settimeout(20)
            with self.assertRaises(OSError):
                for _ in range(10000):  # 640 MB, if it took them
                    s.sendall(b"X-Long: " + b"x" * 65526 + b"\r\n")
        self.assertEqual(self.ask()[0], 200)

    def test_out_of_reach(self):
        self.set_up(PROGRAM, FAKEAWSD)
        self.serve()
        before = self.ask()
        post(self.aws + "/_fake/fault", {"code": "ServiceUnavailable", "status": 503})
        self.assertEqual(self.ask(), before)

    def test_killed(self):
        self.set_up(PROGRAM, FAKEAWSD)
        for victim in ("command", "server"):
            tell = self.home / victim
            script = f'echo "$$ $AWS_CONTAINER_CREDENTIALS_FULL_URI" >{tell}.new; mv {tell}.new {tell}; exec sleep 60'
            server = subprocess.Popen([PROGRAM, "serve", "deploy", "--", "sh", "-c", script], env=self.env)
            self.addCleanup(server.wait)
            self.addCleanup(server.kill)
            while not tell.exists():
                time.sleep(0.02)
            pid, url = tell.read_text().split()
            host = url.split("/")[2].split(":")
            socket.create_connection(host).close()
            os.kill(int(pid) if victim == "command" else server.pid, signal.SIGKILL)
            self.assertEqual(server.wait(20), 128 + signal.SIGKILL if victim == "command" else -signal.SIGKILL)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(host)
            if victim == "server":
                os.kill(int(pid), signal.SIGTERM)  # it went on


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
