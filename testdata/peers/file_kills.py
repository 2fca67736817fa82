"""SIGKILL while the encrypted file is written, in each of its forms: under a
passphrase, to an identity, and through a symbolic link. Never a torn file, a lost
key or a link that was replaced, and nothing is left behind after the next write.

    python file_kills.py PROGRAM FAKEAWSD [KILLS [SEED]]

KILLS is how many there are in all: 160 unless told, 500 to accept a change. Half are
at system calls, most of them in the last part of the run, where the file is written,
the others at random times.
"""
import concurrent.futures, json, os, sys

from kills import SEED, Keys, lane

KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 160
IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
FORMS = ("passphrase", "identity", "passphrase through a link", "identity through a link")


class Write(Keys):
    """Keys are stored, and each fourth time removed, in the form that `keystore` says."""

    def __init__(self, form, seed):
        super().__init__("file", seed)
        self.form = form
        config = self.config / "connectors.toml"
        if form.startswith("identity"):
            (self.config / "identity").write_text(f"# a person's\n{IDENTITY}\n")
            (self.config / "identity").chmod(0o600)
            config.write_text(f'keystore_identity = "{self.config}/identity"\n' + config.read_text())
            del self.env["AWS_CONNECTOR_PASSPHRASE_FILE"]
        self.file = self.config / "keys.age"
        if "link" in form:
            (self.home / "cloud").mkdir()
            (self.home / "dotfiles").symlink_to("cloud")
            self.file.symlink_to("../../dotfiles/keys.age")
        self.foreign = self.files()

    def prepare(self):
        self.where = "no kill"
        target = str(self.file.resolve().relative_to(self.home.resolve()))
        self.ours = {".config/aws-connector/keys.age", target, target + ".lock"}
        self.kept, key = self.new_user()
        self.must("key", "add", self.other, "--stdin", stdin=key)
        self.store()

    def use(self):
        pass

    def key_of(self):
        """The number of the user whose key is stored, 0 for none; and what was said."""
        status, out, err = self.run("get", "plain")
        return (int(json.loads(out)["AccessKeyId"][-8:]), "") if status == 0 else (0, err)

    def kill(self, number, exact, total):
        if number < exact and number % 4:  # most of them where the file is written, which comes last
            number = max(0, exact * (1 - self.random.random() * 120 / total) - 0.5)
        return super().kill(number, exact, total)

    def before(self):
        self.current, said = self.key_of()
        if not self.current:
            self.store()
        self.new, self.stdin = self.new_user()
        self.command = ("key", "remove", self.key, "--force") if self.users % 4 == 0 else ("key", "add", self.key, "--stdin")
        if self.command[1] == "remove":
            self.new, self.stdin = 0, b""

    def after(self, finished):
        stored, said = self.key_of()
        if stored not in ((self.new,) if finished else (self.current, self.new)) or not stored and "not in the keystore" not in said:
            self.wrong("a key is lost or wrong", f"{self.where}: user {stored}, was {self.current}, to be {self.new}: {said}")
        if "link" in self.form and not self.file.is_symlink():
            self.wrong("the link was replaced", self.where)
        if not self.file.resolve().read_bytes().startswith(b"age-encryption.org/v1\n"):
            self.wrong("a torn file", self.where)
        self.untouched()
        if self.users % 8 == 0:
            self.others()
            self.store()  # which finds nothing left behind


if __name__ == "__main__":
    print(f"seed {SEED}", flush=True)
    failed = []
    with concurrent.futures.ProcessPoolExecutor(min(2, os.cpu_count()), max_tasks_per_child=1) as pool:
        for done in concurrent.futures.as_completed([pool.submit(lane, Write, form, KILLS // len(FORMS), SEED) for form in FORMS]):
            said, problems = done.result()
            print(said, *problems, sep="\n  ", flush=True)
            failed += problems
    sys.exit(f"file_kills.py: {len(failed)} kinds of problem" if failed else 0)
