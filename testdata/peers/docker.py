"""Real container clients push to a real registry and pull from it with what the
built binary tells them as docker-credential-ecr.

    docker.py PROGRAM FAKEAWSD [TEST…]

The registry is Debian's docker-registry behind the fake AWS's front, which takes
only tokens that its GetAuthorizationToken issued. Needs root: everything runs in
namespaces of its own, with the hosts of ECR on loopback and no other network.
"""
import hashlib, json, os, pathlib, shutil, socket, subprocess, sys, time, unittest, urllib.request

PROGRAM, FAKEAWSD = map(os.path.abspath, sys.argv[1:3])
if "INSIDE_NAMESPACES" not in os.environ:
    os.environ["INSIDE_NAMESPACES"] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])

RUN = pathlib.Path("/run/peers")  # on a tmpfs of this namespace
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
DUAL = "123456789012.dkr-ecr.eu-central-1.on.aws"
FOREIGN = "210987654321.dkr.ecr.us-west-2.amazonaws.com"
PUBLIC, OTHER = "public.ecr.aws", "other.example"
SECRETS = "CANARY", "eyJwYXlsb2Fk", "QVdTOmV5SndZWGxzYjJGa"  # as every key here, token, and token in a Basic header begins
NOT_FOUND = "credentials not found in native keychain"

CLIENTS = {  # the commands that push the image to {ref}, and that pull it
    "skopeo": ("skopeo copy oci:image:v1 docker://{ref}", "skopeo copy docker://{ref} oci:{out}:v1"),
    "crane": ("crane push image {ref}", "crane pull {ref} {out}"),
    "oras": ("oras cp --from-oci-layout image:v1 {ref}", "oras cp --to-oci-layout {ref} {out}:v1"),
    "regctl": ("regctl image copy ocidir://image:v1 {ref}", "regctl image copy {ref} ocidir://{out}:v1"),
    "podman": ("podman push $(podman pull -q oci:image:v1) docker://{ref}", "podman rmi -fa && podman pull docker://{ref}"),
    "buildah": ("buildah push $(buildah pull -q oci:image:v1) docker://{ref}", "buildah rmi -fa && buildah pull docker://{ref}"),
    "docker": ("docker import layer.tar {ref} && docker push {ref}", "docker rmi -f {ref} && docker pull {ref}"),
}

SHIM = """#!{python} -SE
import json, subprocess, sys
sent = sys.stdin.buffer.read()
p = subprocess.run(["{helper}", *sys.argv[1:]], input=sent, capture_output=True)
said = {{"args": sys.argv[1:], "asked": "" if "store" in sys.argv else sent.decode().strip(), "in": len(sent), "out": len(p.stdout),
        "exit": p.returncode, "failure": p.stdout.decode() if p.returncode else "", "stderr": p.stderr.decode()}}
with open("{log}", "a") as f:
    f.write(json.dumps(said) + "\\n")
sys.stdout.buffer.write(p.stdout)
sys.stderr.buffer.write(p.stderr)
sys.exit(p.returncode)
"""


def sh(command):
    p = subprocess.run(["sh", "-ec", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if p.returncode:
        raise RuntimeError(f"{command}: {p.stdout}")


def get(url):
    with urllib.request.urlopen(url) as r:
        return json.loads(r.read())


def post(url, body):
    urllib.request.urlopen(url, json.dumps(body).encode()).close()


def eventually(check):
    for _ in range(1500):
        try:
            return check()
        except OSError:
            time.sleep(0.02)
    raise TimeoutError


def setUpModule():
    missing = [tool for tool in (*CLIENTS, "docker-registry", "openssl", "ip") if not shutil.which(tool)]
    if missing:
        raise SystemExit("docker.py: not on PATH: " + " ".join(missing))
    os.environ["no_proxy"] = "*"
    sh("mkdir -p /var/lib/containers; for d in /run /dev/shm /var/lib/containers; do mount -t tmpfs tmpfs $d; done; "
       f"ip link set lo up; mkdir -p {RUN}/data")
    os.chdir(RUN)
    hosts = {"127.0.0.1": ["localhost", ECR, DUAL, FOREIGN, PUBLIC], "127.0.0.2": [OTHER]}
    pathlib.Path("hosts").write_text("".join(f"{ip} {' '.join(names)}\n" for ip, names in hosts.items()))
    sh("mount --bind hosts /etc/hosts")
    names = ",".join(f"DNS:{name}" for some in hosts.values() for name in some)
    new = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    sh(f"{new} -subj /CN=peers -keyout ca.key -out ca.pem; "
       f"{new} -subj /CN=registry -addext subjectAltName={names} -CA ca.pem -CAkey ca.key -keyout tls.key -out tls.pem")
    sh("tar -cf layer.tar hosts; crane append --oci-empty-base -f layer.tar -t hello:v1 -o image.tar; skopeo copy docker-archive:image.tar oci:image:v1")
    tls = {"certificate": f"{RUN}/tls.pem", "key": f"{RUN}/tls.key"}
    registry("upstream", ("127.0.0.1", 5000), {})
    registry("open", ("127.0.0.2", 443), {"tls": tls})


def registry(name, address, http):
    """A registry on address that asks for no credentials; all of them have the same images."""
    http |= {"addr": "%s:%d" % address, "relativeurls": True}
    config = {"version": "0.1", "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": f"{RUN}/data"}}, "http": http}
    pathlib.Path(name + ".yml").write_text(json.dumps(config))
    with open(name + ".log", "w") as log:
        p = subprocess.Popen(["docker-registry", "serve", name + ".yml"], stdout=log, stderr=log)
    unittest.addModuleCleanup(p.wait)
    unittest.addModuleCleanup(p.terminate)
    eventually(lambda: socket.create_connection(address).close())


class World(unittest.TestCase):
    """A fresh home with the helper on PATH, a fake AWS with the front of ECR on
    port 443, and everything that was printed."""

    def setUp(self):
        self.home = RUN / self._testMethodName.lower()
        self.addCleanup(shutil.rmtree, self.home)
        self.printed = ""
        for name in (".config/aws-connector", ".docker", "bin", "real", "run", "tmp"):
            (self.home / name).mkdir(parents=True)
        self.real = self.home / "real/docker-credential-ecr"
        self.real.symlink_to(PROGRAM)
        self.log = self.home / "helper.log"
        shim = self.home / "bin/docker-credential-ecr"
        shim.write_text(SHIM.format(python=sys.executable, helper=self.real, log=self.log))
        shim.chmod(0o755)
        (self.home / "passphrase").write_text("CANARY correct horse\n")
        (self.home / "passphrase").chmod(0o600)
        (self.home / "storage.conf").write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{self.home}/images"\nrunroot = "{self.home}/run"\n')
        self.env = {"PATH": f"{self.home}/bin:{os.environ['PATH']}", "HOME": str(self.home), "XDG_RUNTIME_DIR": f"{self.home}/run",
                    "TMPDIR": f"{self.home}/tmp", "SSL_CERT_FILE": f"{RUN}/ca.pem", "CONTAINERS_STORAGE_CONF": f"{self.home}/storage.conf",
                    "AWS_CONNECTOR_PASSPHRASE_FILE": f"{self.home}/passphrase", "AWS_EC2_METADATA_DISABLED": "true"}
        self.aws = self.serve([FAKEAWSD, "-registry", "127.0.0.1:443", "-upstream", "http://127.0.0.1:5000",
                               "-cert", f"{RUN}/tls.pem", "-key", f"{RUN}/tls.key"], stdout=subprocess.PIPE).stdout.readline().strip()
        post(self.aws + "/_fake/user", {"arn": "arn:aws:iam::123456789012:user/alice", "access_key_id": KEY_ID, "secret": SECRET})
        post(self.aws + "/_fake/role", {"arn": "arn:aws:iam::123456789012:role/Push"})
        self.connectors(ECR, DUAL)
        self.run_(PROGRAM, "key", "add", "main", "--stdin", input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))
        self.docker_config(credHelpers={h: "ecr" for h in (ECR, DUAL, FOREIGN, PUBLIC)})

    def serve(self, args, **more):
        p = subprocess.Popen(args, text=True, **({"env": self.env} | more))
        self.addCleanup(lambda: (p.terminate(), p.communicate()))
        return p

    def engine(self):
        """Podman as the engine of the docker command; it has no helper of its own."""
        (self.home / "engine").mkdir()
        (self.home / "none.json").write_text("{}")
        socket = self.home / "engine/socket"
        env = self.env | {"HOME": f"{self.home}/engine", "REGISTRY_AUTH_FILE": f"{self.home}/none.json", "PATH": os.environ["PATH"]}
        self.serve(["podman", "system", "service", "-t", "0", f"unix://{socket}"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.env["DOCKER_HOST"] = f"unix://{socket}"
        eventually(socket.stat)

    def connectors(self, *registries):
        (self.home / ".config/aws-connector/connectors.toml").write_text(
            f'keystore = "file"\n[defaults]\nregion = "eu-central-1"\nendpoint_url = "{self.aws}"\n[connectors.images]\n'
            f'auth_method = "iam-role"\nkey = "main"\nrole_arn = "arn:aws:iam::123456789012:role/Push"\nregistries = {json.dumps(registries)}\n')

    def docker_config(self, **config):
        (self.home / ".docker/config.json").write_text(json.dumps(config))

    def run_(self, *args, input=None, check=True):
        p = subprocess.run(args, input=input, capture_output=True, text=True, env=self.env, timeout=120)
        if check:
            self.assertEqual(p.returncode, 0, f"{args}: {p.stdout}{p.stderr}")
        self.printed += p.stdout + p.stderr
        return p

    def token(self, host):
        """The token that the helper has, past the log."""
        p = subprocess.run([self.real, "get"], input=host, capture_output=True, text=True, env=self.env, timeout=120)
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        token = json.loads(p.stdout)["Secret"]
        self.assertTrue(token.startswith(SECRETS[1]))
        owner = get(f"{self.aws}/_fake/ecr-token?sha256={hashlib.sha256(token.encode()).hexdigest()}")["arn"]
        self.assertEqual(owner, "arn:aws:sts::123456789012:assumed-role/Push/aws-connector-images")
        return token

    def tearDown(self):
        """No secret was printed, nor left in a file of a client."""
        files = [f for f in self.home.rglob("*") if f.is_file() and not f.is_symlink() and f.name != "passphrase" and ".cache" not in f.parts]
        for text in self.printed, *(f.read_text(errors="replace") for f in files):
            for secret in SECRETS:
                self.assertNotIn(secret, text)

    def push(self, client, host):
        self.run_("sh", "-ec", CLIENTS[client][0].format(ref=self.ref(host, client)))

    def pull(self, client, host, pushed_by=None, check=True):
        command = CLIENTS[client][1].format(ref=self.ref(host, pushed_by or client), out=self.home / ("tmp/" + client))
        return self.run_("sh", "-ec", command, check=check)

    def ref(self, host, client):
        return f"{host}/{self.home.name}/{client}:v1"

    def heard(self):
        """What the helper was asked since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def manifests(self, method, host, scheme="Basic"):
        """How many requests for a manifest the registry let through with such credentials."""
        return sum(r["method"] == method and r["host"] == host and "/manifests/" in r["path"] and "refused" not in r
                   and r.get("scheme") == scheme for r in get(self.aws + "/_fake/registry-requests"))

    def calls(self, action="ecr:GetAuthorizationToken"):
        return get(f"{self.aws}/_fake/calls?action={action}")


def asked(heard):
    return {(*h["args"], h["asked"]) for h in heard}


class Clients(World):
    def silent(self):
        """What the helper was asked; it answered all of it, and said nothing else."""
        heard = self.heard()
        self.assertTrue(heard)
        for h in heard:
            self.assertEqual((h["exit"], h["stderr"]), (0, ""), h)
            self.assertEqual(h["out"] > 0, h["args"][0] in ("get", "list"), h)
        return heard

    def push_and_pull(self, client, host=ECR):
        self.heard()
        puts, gets = self.manifests("PUT", host), self.manifests("GET", host)
        self.push(client, host)
        self.assertGreater(self.manifests("PUT", host), puts)
        self.pull(client, host)
        self.assertGreater(self.manifests("GET", host), gets)
        return self.silent()

    def test_credHelpers(self):
        self.engine()
        for client in CLIENTS:
            with self.subTest(client):
                self.assertEqual(asked(self.push_and_pull(client)), {("get", ECR)})
        self.assertEqual(self.calls(), 1)

    def test_credsStore(self):
        self.engine()
        self.docker_config(credsStore="ecr")
        for client, want in {"crane": {("get", self.ref(ECR, "crane")[:-3])}, "oras": {("get", ECR)},
                             "regctl": {("list", ""), ("get", "https://" + ECR)}, "docker": {("get", ECR)}}.items():
            with self.subTest(client):
                self.assertEqual(asked(self.push_and_pull(client)), want)
        self.assertEqual(self.calls(), 1)

    def test_docker_without_an_engine(self):
        ref = self.ref(ECR, "skopeo")
        self.run_("skopeo", "copy", "--format", "v2s2", "oci:image:v1", f"docker://{ref}")  # docker 20.10 inspects no other
        self.silent()
        self.assertIn("layers", self.run_("docker", "manifest", "inspect", ref).stdout)
        self.assertEqual(asked(self.silent()), {("get", ECR)})

    def test_login_and_logout(self):
        self.engine()
        for mode in {"credHelpers": {ECR: "ecr"}}, {"credsStore": "ecr"}:
            for client in "docker", "oras", "crane auth", "podman", "skopeo":
                file = f"--authfile {self.home}/.docker/config.json" if client in ("podman", "skopeo") else ""
                if file and "credsStore" in mode:
                    continue  # they know no credsStore
                with self.subTest(client, mode=mode):
                    self.docker_config(**mode)
                    self.run_("sh", "-ec", f"{client} login -u AWS --password-stdin {file} {ECR}", input=self.token(ECR))
                    self.assertIn("store", {h["args"][0] for h in self.silent()})
                    calls = self.calls()
                    p = self.run_("sh", "-ec", f"{client} logout {file} {ECR}")
                    self.assertNotIn("WARNING", p.stdout + p.stderr)
                    self.assertIn(("erase", ECR), asked(self.silent()))
                    self.token(ECR)
                    self.assertEqual(self.calls(), calls + 1)

    def test_docker_login_with_what_the_helper_has(self):
        self.engine()
        for mode in {"credHelpers": {ECR: "ecr"}}, {"credsStore": "ecr"}:
            with self.subTest(mode=mode):
                self.docker_config(**mode)
                self.assertIn("Login Succeeded", self.run_("docker", "login", ECR).stdout)
                self.assertEqual([h["args"] for h in self.silent()], [["get"], ["store"]])

    def test_login_to_another_registry(self):
        self.docker_config(credsStore="ecr")
        p = self.run_("docker", "login", "-u", "someone", "--password-stdin", OTHER, input="CANARY", check=False)
        [h] = [h for h in self.heard() if h["args"] == ["store"]]
        self.assertEqual((p.returncode, h["exit"]), (1, 1))
        self.assertIn(OTHER, h["failure"])
        self.assertIn(h["failure"].strip(), p.stderr)

    def test_another_registry(self):
        self.engine()
        self.push("crane", ECR)
        self.docker_config(credsStore="ecr")
        self.heard()
        for client in "crane", "oras", "regctl", "docker":
            with self.subTest(client):
                self.pull(client, OTHER, pushed_by="crane")
                self.refused(OTHER, client)

    def test_public_registry_without_a_connector(self):
        self.engine()
        self.push("crane", ECR)
        self.heard()
        for client in CLIENTS:
            with self.subTest(client):
                self.pull(client, PUBLIC, pushed_by="crane")
                self.refused(PUBLIC, client)
        self.assertEqual(self.calls("ecr-public:GetAuthorizationToken"), 0)

    def test_public_registry_with_a_connector(self):
        self.engine()
        self.connectors(PUBLIC)
        for client in CLIENTS:
            with self.subTest(client):
                self.push(client, PUBLIC)
                self.pull(client, PUBLIC)
                self.assertEqual(asked(self.silent()), {("get", PUBLIC)})
        self.assertEqual(self.manifests("PUT", PUBLIC, "Bearer"), len(CLIENTS))
        self.assertEqual(self.calls("ecr-public:GetAuthorizationToken"), 1)
        self.run_("docker", "logout", PUBLIC)
        self.heard()
        post(self.aws + "/_fake/fault", {"action": "GetAuthorizationToken", "code": "AccessDeniedException", "message": "not today"})
        self.pull("crane", PUBLIC)
        self.refused(PUBLIC, "crane")

    def refused(self, host, client):
        """Every get was answered with not found, and without a word on stderr."""
        gets = [h for h in self.heard() if h["args"] == ["get"]]
        self.assertEqual(bool(gets), client not in ("oras", "regctl"))  # these ask only when a registry wants a token
        for h in gets:
            self.assertIn(host, h["asked"])
            self.assertEqual((h["failure"].strip(), h["exit"], h["stderr"]), (NOT_FOUND, 1, ""))

    def test_revoked_token(self):
        self.push("crane", ECR)
        self.token(ECR)
        post(self.aws + "/_fake/ecr-revoke", {})
        self.assertIn("authorization token has expired", self.pull("crane", ECR, check=False).stderr)
        self.run_("docker", "logout", ECR)
        self.pull("crane", ECR)
        self.silent()
        self.assertEqual(self.calls(), 2)

    def test_ecr_is_down(self):
        self.engine()
        post(self.aws + "/_fake/fault", {"action": "GetAuthorizationToken", "status": 503, "code": "ServerException", "message": "not today"})
        for client in CLIENTS:
            with self.subTest(client):
                p = self.pull(client, ECR, check=False)
                self.assertNotEqual(p.returncode, 0)
                heard = self.heard()
                self.assertTrue(heard)
                for h in heard:
                    self.assertEqual((h["args"], h["exit"], h["failure"]), (["get"], 1, h["stderr"]))
                    self.assertIn('"images"', h["stderr"])
                    self.assertIn("not today", h["stderr"])
                    self.assertIn(h["stderr"].strip(), p.stderr)

    def test_two_accounts_by_one_connector(self):
        self.connectors("123456789012", FOREIGN)
        for client, host in ("crane", ECR), ("oras", FOREIGN), ("regctl", DUAL), ("skopeo", FOREIGN):
            self.push_and_pull(client, host)
        self.assertEqual(self.calls(), 2)  # one for each region

    def test_registry_of_nobody(self):
        self.connectors(FOREIGN)
        p = self.pull("crane", ECR, check=False)
        self.assertNotEqual(p.returncode, 0)
        self.refused(ECR, "crane")
        self.assertEqual(self.calls(), 0)

    def test_many_at_once(self):
        self.push("crane", ECR)
        self.run_("docker", "logout", ECR)
        self.heard()
        calls = self.calls()
        all_ = [subprocess.Popen(["crane", "digest", self.ref(ECR, "crane")], env=self.env, stdout=subprocess.PIPE, text=True) for _ in range(12)]
        [digest] = {p.communicate()[0] for p in all_}
        self.assertTrue(digest.startswith("sha256:"))
        self.silent()
        self.assertEqual(self.calls(), calls + 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
