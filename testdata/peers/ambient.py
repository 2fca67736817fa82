"""The credentials of an environment, as boto3 finds them and as the built binary
does: the same keys, from the same calls, with the same expiry; or none from both.

    python ambient.py PROGRAM FAKEAWSD [SEED]

Where the two differ on purpose, a case says what the binary does and why.
FAKEAWSD is not used.
"""
import concurrent.futures, datetime, getpass, hashlib, json, os, pathlib, shutil, stat, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
PROGRAM = os.path.abspath(sys.argv[1])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 11
ROOT = pathlib.Path(tempfile.mkdtemp())
HOME = ROOT / "home"
PATH = os.environ["PATH"]
os.environ.clear()
os.environ |= {"HOME": str(HOME), "PATH": PATH}  # botocore takes ~ from it when it is imported



def nobody(*_):
    raise EOFError("nobody is here to type an MFA code")


getpass.getpass = nobody  # botocore takes it when it is imported

import boto3, botocore  # noqa: E402

from ambient_cases import generated, written  # noqa: E402
from ambient_fake import BASE, Fake  # noqa: E402

FAKE = Fake()
BASIC = {"HOME": str(HOME), "PATH": PATH, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": FAKE.url,
         "HTTP_PROXY": FAKE.url, "HTTPS_PROXY": FAKE.url, "NO_PROXY": "127.0.0.1,localhost"}


def fill(text):
    if isinstance(text, bytes):
        return text
    return text.replace("{FAKE}", FAKE.url).replace("{HOME}", str(HOME)).replace("{SOON}", later(600)).replace("{LATER}", later(8 * 3600)).replace("{PAST}", later(-600))


def later(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BASE + seconds))


def prepare(case, home=HOME):
    shutil.rmtree(home, ignore_errors=True)
    for name, text in case.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = fill(text)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o700 if text[:2] in ("#!", b"#!") else 0o600)
    (home / "cwd").mkdir(parents=True, exist_ok=True)
    env = BASIC | {k: fill(v) for k, v in case.env.items()}
    return {k: v for k, v in env.items() if v != "(unset)"}


def boto(case):
    env = prepare(case)
    os.environ.clear()
    os.environ |= env
    os.chdir(HOME / "cwd")
    try:
        found = boto3.Session(profile_name=case.profile, region_name="eu-central-1").get_credentials()
        if found is None:
            return None, "none"
        got = found.get_frozen_credentials()
        if not got.access_key or not got.secret_key:
            return None, "empty"
        expires = getattr(found, "_expiry_time", None)
        expires = expires and expires.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        account = str(got.account_id) if got.account_id else None
        return (got.access_key, got.secret_key, got.token or None, expires, account), ""
    except Exception as e:
        return None, f"{type(e).__name__}: {e}"
    finally:
        os.chdir(ROOT)


def ours(case):
    env = prepare(case) | {"AWS_CONNECTOR_CONFIG": str(ROOT / "connectors.toml"), "AWS_CONNECTOR_CACHE_DIR": str(ROOT / "cache")}
    shutil.rmtree(ROOT / "cache", ignore_errors=True)
    profile = f"profile_name = {json.dumps(case.profile)}\n" if case.profile is not None else ""
    (ROOT / "connectors.toml").write_text(f'[connectors.x]\nauth_method = "implicit"\nallow_implicit_auth_methods = true\nregion = "eu-central-1"\n{profile}')
    p = subprocess.run([PROGRAM, "get", "x"], env=env, cwd=HOME / "cwd", capture_output=True, text=True, timeout=60)
    assert "CANARY" not in p.stderr, p.stderr
    if p.returncode:
        assert p.stdout == "", p.stdout
        assert p.stderr.startswith('aws-connector: connector "x": ') and len(p.stderr) < 2048, p.stderr
        return None, f"{p.returncode}: {p.stderr}"
    assert p.stderr == "", p.stderr
    got = json.loads(p.stdout)
    return (got["AccessKeyId"], got["SecretAccessKey"], got.get("SessionToken"), got.get("Expiration"), got.get("AccountId")), ""


def calls():
    """The calls that shape a session, each once: botocore asks twice for what ends soon."""
    seen = [c for c in FAKE.asked]
    return [c for i, c in enumerate(seen) if c not in seen[:i]]


def differs(case):
    """What is wrong with one case, "" for nothing."""
    FAKE.clear()
    want, why = boto(case)
    wanted, kept = calls(), signed_in()
    FAKE.clear()
    got, said = ours(case)
    case.answered = got is not None
    asked = calls()
    account = want and want[4]
    if got and want and got[4] != account and (account is None or len(account) != 12 or not account.isdigit()):
        got = got[:4] + (account,)  # only an account id is handed out as one
    told = f"\n  boto3:  {want} {why}\n  binary: {got} {said}\n  asked:  {wanted}\n          {asked}"
    if case.differs:
        right = got is None if case.expect == "refused" else got is not None and got[0] == case.expect
        return "" if right and (got != want) else f"not as expected ({case.differs}): {case.expect}{told}"
    if got != want:
        return "other credentials" + told
    if want and asked != wanted:
        return "other calls" + told
    if want and signed_in() != kept:
        return f"another sign-in is kept: {kept} and {signed_in()}"
    if got is None and said[0] not in "1234":
        return "exit status" + told
    return ""


def signed_in():
    """The SSO tokens, without the second in which they were made, and their modes."""
    found = {}
    for path in sorted((HOME / ".aws/sso/cache").glob("*")):
        token = json.loads(path.read_text() or "{}") if path.suffix == ".json" and path.read_text().startswith("{\"startUrl") else path.read_text()
        if isinstance(token, dict):
            token["expiresAt"] = token["expiresAt"][:14]
        found[path.name] = (token, stat.S_IMODE(path.stat().st_mode))
    return found


def two_at_once():
    """Two processes of two connectors that renew one sign-in make one token."""
    session = "[sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://c/start\n"
    profiles = "".join(f"[profile {p}]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = {p}\n" for p in ("a", "b"))
    token = json.dumps({"startUrl": "https://c/start", "region": "eu-central-1", "accessToken": "old", "expiresAt": later(-60), "clientId": "c",
                        "clientSecret": "CANARYs", "registrationExpiresAt": later(9 * 86400), "refreshToken": "good"})
    path = f".aws/sso/cache/{hashlib.sha1(b's').hexdigest()}.json"
    case = type("", (), {"files": {".aws/config": session + profiles, path: token}, "env": {}})
    env = prepare(case) | {"AWS_CONNECTOR_CONFIG": str(ROOT / "connectors.toml"), "AWS_CONNECTOR_CACHE_DIR": str(ROOT / "cache")}
    shutil.rmtree(ROOT / "cache", ignore_errors=True)
    (ROOT / "connectors.toml").write_text("".join(f'[connectors.{p}]\nauth_method = "implicit"\nallow_implicit_auth_methods = true\nregion = "eu-central-1"\nprofile_name = "{p}"\n' for p in ("a", "b")))
    FAKE.clear()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda n: subprocess.run([PROGRAM, "get", n], env=env, capture_output=True, text=True, timeout=60), ["a", "b"] * 4))
    assert all(p.returncode == 0 and p.stderr == "" for p in runs), runs
    assert len({p.stdout for p in runs}) == 2, runs
    made = [a for a, *_ in FAKE.asked if a == "CreateToken"]
    assert len(made) == 1, FAKE.asked
    # The AWS CLI goes on with it, for the role of that connector.
    key = json.loads(runs[0].stdout)["AccessKeyId"]
    cli = subprocess.run([sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--profile", "a", "--region", "eu-central-1"], env=env, capture_output=True, text=True, timeout=60)
    assert cli.returncode == 0 and json.loads(cli.stdout)["Arn"].endswith(key), cli
    assert len([a for a, *_ in FAKE.asked if a == "CreateToken"]) == 1, FAKE.asked


def main():
    cases = written() + generated(SEED, 440)
    failed, answered = [], 0
    for case in cases:
        said = differs(case)
        answered += case.answered
        if said:
            failed.append(f"{case.name}: {said}\n  profile {case.profile!r}, {case.env}\n" + "".join(f"  -- {n}\n{fill(t)}\n" for n, t in case.files.items()))
    two_at_once()
    shutil.rmtree(ROOT)
    print(f"{len(cases)} environments, botocore {botocore.__version__}, seed {SEED}: {len(cases) - len(failed)} alike or as listed, {answered} with credentials")
    for reason in sorted({c.differs for c in cases if c.differs}):
        print("differs on purpose:", reason)
    if FAKE.refused:
        failed.append(f"the proxy was asked for {sorted(set(FAKE.refused))}")
    if failed:
        sys.exit("\n".join(failed[:20]) + f"\n{len(failed)} failed")


main()
