"""kubectl with tokens of `kube-token`, against a server that verifies them as EKS
does, and what `configure kube` leaves of kubeconfigs.

    kube.py PROGRAM FAKEAWSD KUBECTL SERVER
"""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile, time, unittest, urllib.request

PROGRAM, FAKEAWSD, KUBECTL, SERVER = map(os.path.abspath, sys.argv[1:5])
ACCOUNT, REGION = "123456789012", "eu-central-1"
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "CANARYwJalrXUtnFEMIK7MDENG"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"
OTHERS = """# mine
apiVersion: v1
kind: Config
current-context: old   # of work
clusters:
- cluster: &old
    server: https://old.example
  name: old
- {name: same, cluster: *old}
contexts:
- name: old
  context: {cluster: old, user: eks, namespace: "it's"}
# below are the users
users:
- name: eks
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws
      args: [eks, get-token, --cluster-name, old]
      env:
      - {name: AWS_PROFILE, value: work}
- name: token
  user: {token: abc}
"""
EMPTY = "apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: \"\"\nkind: Config\npreferences: {}\nusers: []\n"


def post(url, body):
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})).close()


class Kube(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        self.bin = self.home / "bin"
        self.bin.mkdir()
        self.program = str(self.bin / "aws-connector")
        shutil.copy(PROGRAM, self.program)
        (self.home / "passphrase").touch(0o600)
        (self.home / "passphrase").write_text("x y z\n")
        self.env = {"HOME": str(self.home), "AWS_CONNECTOR_PASSPHRASE_FILE": str(self.home / "passphrase"), "PATH": f"{self.bin}:{os.environ['PATH']}"}
        self.config = self.home / ".kube/config"
        self.url = self.start(FAKEAWSD).readline().strip()
        post(self.url + "/_fake/user", {"arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "access_key_id": KEY_ID, "secret": SECRET})
        post(self.url + "/_fake/role", {"arn": ROLE})
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=demo", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.home / "key.pem", "-out", self.home / "cert.pem"], check=True, capture_output=True)
        self.log, self.seen = self.home / "server.log", 0
        with self.log.open("w") as log:
            server = subprocess.Popen([SERVER, "demo", REGION, self.url, self.home / "cert.pem", self.home / "key.pem"], stdout=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        while "\n" not in self.log.read_text():
            self.assertIsNone(server.poll())
            time.sleep(0.01)
        address = self.log.read_text().splitlines()[0]
        for name in ("demo", "other"):
            post(self.url + "/_fake/cluster", {"account": ACCOUNT, "region": REGION, "name": name, "endpoint": "https://" + address,
                                               "certificate_authority": (self.home / "cert.pem").read_text()})
        toml = self.home / ".config/aws-connector/connectors.toml"
        toml.parent.mkdir(parents=True)
        # Tokens are of AWS's own STS, for which the server takes the fake one.
        toml.write_text(f'keystore = "file"\n[defaults]\nregion = "{REGION}"\nendpoint_urls = {{ eks = "{self.url}" }}\n'
                        f'[connectors.role]\nauth_method = "iam-role"\nkey = "main"\nendpoint_url = "{self.url}"\nrole_arn = "{ROLE}"\n'
                        '[connectors.demo]\nauth_method = "sts-token"\nkey = "temporary"\nresource_type = "kubernetes-cluster"\nresource_id = "demo"\n'
                        '[connectors.alice]\nauth_method = "secret-key"\nkey = "main"\n')
        self.run_(self.program, "key", "add", "main", "--stdin", input=json.dumps({"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))
        self.run_(self.program, "key", "add", "temporary", "--stdin", input=self.run_(self.program, "get", "role"))

    def start(self, program):
        p = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
        self.addCleanup(p.wait)
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.terminate)
        return p.stdout

    def run_(self, *args, status=0, **more):
        p = subprocess.run(args, capture_output=True, text=True, env=self.env, timeout=120, **more)
        self.assertEqual(p.returncode, status, f"{args}: {p.stdout}{p.stderr}")
        self.assertNotIn("CANARY", p.stdout + p.stderr)
        return p.stdout if status == 0 else p.stderr

    def calls(self, action):
        with urllib.request.urlopen(f"{self.url}/_fake/calls?action={action}") as r:
            return int(r.read())

    def told(self):
        """What the server has said since it was asked last."""
        lines = self.log.read_text().splitlines()[1:]
        new, self.seen = lines[self.seen:], len(lines)
        return new

    def reach(self, context, arn):
        self.told()
        self.assertIn("behind-the-token", self.run_(KUBECTL, "--context", context, "get", "ns"))
        self.assertEqual(set(self.told()), {arn})

    def test_kubectl(self):
        self.run_(self.program, "configure", "kube", "demo", "--use")
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/aws-connector-role"
        self.reach("demo", session)
        first = self.run_(self.program, "kube-token", "demo", "--cluster", "demo")
        for version in ("v1beta1", "v1"):
            self.config.write_text(re.sub("k8s.io/v1.*", "k8s.io/" + version, self.config.read_text()))
            self.assertIn(f"k8s.io/{version}\n", self.config.read_text())
            self.reach("demo", session)
        again = self.run_(self.program, "kube-token", "demo", "--cluster", "demo")
        self.assertEqual(first, again)
        self.assertEqual(self.calls("AssumeRole"), 1)
        self.run_(self.program, "configure", "kube", "alice", "--cluster", "demo")
        self.reach("alice@demo", f"arn:aws:iam::{ACCOUNT}:user/alice")

    def test_another_cluster(self):
        self.run_(self.program, "configure", "kube", "demo", "--cluster", "other")
        self.assertRegex(self.run_(KUBECTL, "--context", "demo@other", "get", "ns", status=1), "Unauthorized|logged in")
        self.assertRegex("\n".join(self.told()), "(?m)^refused: .*SignatureDoesNotMatch")

    def test_an_unknown_version(self):
        self.env["KUBERNETES_EXEC_INFO"] = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1alpha1"}'
        self.assertIn("v1alpha1", self.run_(self.program, "kube-token", "demo", status=2))

    def view(self):
        v = json.loads(self.run_(KUBECTL, "config", "view", "--raw", "-o", "json"))
        return {k: v.get(k) or None for k in ("clusters", "contexts", "users", "current-context")}

    def test_kubeconfigs(self):
        js = json.dumps({"kind": "Config", "apiVersion": "v1", "users": [{"name": "x", "user": {"token": "]}'\""}}], "contexts": None}, indent=4)
        files = {
            "absent": None, "empty": "", "as kubectl makes it": EMPTY, "comments, anchors, plugins": OTHERS, "Windows": OTHERS.replace("\n", "\r\n"),
            "JSON": js, "JSON in one line": json.dumps(json.loads(js)), "indented": EMPTY.replace("[]", "").replace("contexts:", "contexts:\n  - {name: a, context: {cluster: a, user: a}}"),
            "no end of line": OTHERS.rstrip("\n"), "link": OTHERS, "several": OTHERS,
        }
        for name, text in files.items():
            with self.subTest(name):
                shutil.rmtree(self.home / ".kube", ignore_errors=True)
                (self.home / ".kube").mkdir()
                self.env.pop("KUBECONFIG", None)
                real = self.config
                if name == "link":
                    real = self.home / ".kube/real"
                    self.config.symlink_to(real)
                if name == "several":
                    real = self.home / ".kube/second"
                    (self.home / ".kube/third").write_text("users:\n- name: third\n  user: {token: t}\n")
                    self.env["KUBECONFIG"] = f"{self.home}/.kube/none:{real}:{self.home}/.kube/third"
                if text is not None:
                    real.write_bytes(text.encode())
                before = self.view()
                self.run_(self.program, "configure", "kube", "demo")
                after = self.view()
                self.assertEqual(after["current-context"], before["current-context"])
                for section in ("clusters", "contexts", "users"):
                    self.assertEqual([x for x in after[section] if x["name"] != "demo"], before[section] or [])
                    self.assertEqual(len(after[section]), len(before[section] or []) + 1)
                self.run_(KUBECTL, "--context", "demo", "get", "ns")
                self.run_(self.program, "configure", "kube", "--remove")
                self.assertEqual(self.view(), before)
                if text and "- name: old" in text and name not in ("JSON", "no end of line"):
                    self.assertEqual(real.read_bytes(), text.encode())
                self.assertEqual(self.config.is_symlink(), name == "link")

    def test_read_only(self):
        self.config.parent.mkdir()
        self.config.write_text(OTHERS)
        self.config.chmod(0o400)
        before = self.view()
        self.assertIn("read-only", self.run_(self.program, "configure", "kube", "demo", status=1))
        self.assertEqual(self.view(), before)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
