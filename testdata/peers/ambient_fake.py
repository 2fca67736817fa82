"""A fake of what credentials of the environment come from: STS, IAM Identity
Center, a container's endpoint, instance metadata, a proxy that answers nothing.

What it gives out is made from what it is asked: two clients that get the same
keys have asked for the same thing, with the same keys before. Signatures are
checked; the secret of key X is CANARYX, the token of a session TOKENX.
"""
import hashlib, hmac, http.server, json, re, threading, time, urllib.parse

BASE = int(time.time()) // 60 * 60


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BASE + seconds))


def made(prefix, *parts):
    return prefix + hashlib.sha1(json.dumps(parts, sort_keys=True).encode()).hexdigest().upper()[:16]


class Fake(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.clear()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that went away

    def clear(self):
        self.asked, self.refused = [], []


def signed_by(request, body):
    """The access key id of a request whose signature is right, else None."""
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8}/([^/]+)/sts/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", request.headers.get("Authorization", ""))
    if not found:
        return None
    key, scope, region, names, signature = found.groups()
    headers = "".join(f"{n}:{' '.join(request.headers[n].split())}\n" for n in names.split(";"))
    canonical = "\n".join([request.command, "/", "", headers, names, hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    k = f"AWS4CANARY{key}".encode()
    for part in scope.split("/"):
        k = hmac.new(k, part.encode(), "sha256").digest()
    right = hmac.new(k, text.encode(), "sha256").hexdigest() == signature
    token = f"TOKEN{key}" if key.startswith("ASIA") else None
    return key if right and request.headers.get("X-Amz-Security-Token") == token else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        if self.command == "CONNECT" or url.netloc:
            self.server.refused.append(self.path)
            self.answer(502, "no way out", "text/plain")
        elif url.path == "/federation/credentials":
            self.portal(dict(urllib.parse.parse_qsl(url.query)))
        elif url.path == "/token":
            self.register(json.loads(body))
        elif url.path.startswith("/container/"):
            self.container(url.path)
        elif url.path.startswith("/latest/"):
            self.metadata(url.path)
        else:
            self.sts(dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)), body)

    do_GET = do_POST = do_PUT = do_CONNECT = handle_any

    def sts(self, params, body):
        action, name = params.pop("Action", ""), params.get("RoleSessionName", "")
        if re.match(r"botocore-session-\d+$|aws-connector-", name):
            params["RoleSessionName"] = "(default)"
        params.pop("Version", None)
        params.setdefault("DurationSeconds", "3600")  # AWS's default
        by = signed_by(self, body) if action != "AssumeRoleWithWebIdentity" else "nobody"
        self.server.asked.append([action, by, params])
        if action == "GetCallerIdentity" and by:
            self.answer(200, f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/{by}</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>""", "text/xml")
            return
        wrong = by is None or not params.get("RoleArn", "").startswith("arn:aws:iam::") or "/Denied" in params["RoleArn"]
        if wrong or action == "AssumeRoleWithWebIdentity" and not params.get("WebIdentityToken", "").startswith("jwt"):
            self.answer(403, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>", "text/xml")
            return
        key = made("ASIA", action, by, params)
        account, _, role = params["RoleArn"].removeprefix("arn:aws:iam::").partition(":role/")
        self.answer(200, f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>
<SecretAccessKey>CANARY{key}</SecretAccessKey><SessionToken>TOKEN{key}</SessionToken><Expiration>{stamp(3600 + int(params["DurationSeconds"]))}</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/{role}/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser></{action}Result></{action}Response>""", "text/xml")

    def portal(self, query):
        token = self.headers.get("x-amz-sso_bearer_token", "")
        self.server.asked.append(["GetRoleCredentials", token, query])
        if not token.startswith(("good", "new-good")):
            self.answer(401, {"message": "Session token not found or invalid"}, **{"x-amzn-ErrorType": "UnauthorizedException"})
        elif query.get("role_name") == "Denied":
            self.answer(403, {"message": "No access"}, **{"x-amzn-ErrorType": "ForbiddenException"})
        else:
            key = made("ASIA", query, token)
            self.answer(200, {"roleCredentials": {"accessKeyId": key, "secretAccessKey": "CANARY" + key, "sessionToken": "TOKEN" + key, "expiration": (BASE + 7200) * 1000 + 789}})

    def register(self, asked):
        self.server.asked.append(["CreateToken", "", asked])
        if asked.get("refreshToken") == "revoked":
            self.answer(400, {"error": "invalid_grant", "error_description": "no"}, **{"x-amzn-ErrorType": "InvalidGrantException"})
            return
        self.answer(200, {"accessToken": "new-" + asked["refreshToken"], "refreshToken": asked["refreshToken"] + "-2", "expiresIn": 28800, "tokenType": "Bearer"})

    def container(self, path):
        token = self.headers.get("Authorization")
        if path == "/container/broken":
            self.answer(200, {"AccessKeyId": "CANARY"})
        elif path == "/container/denied":
            self.answer(403, {"code": "AccessDenied", "message": "no"})
        else:
            life = {"/container/100": 100, "/container/880": 880}.get(path, 6 * 3600)
            key = made("ASIA", path, token)
            self.answer(200, {"AccessKeyId": key, "SecretAccessKey": "CANARY" + key, "Token": "TOKEN" + key, "Expiration": stamp(600 + life), "AccountId": "123456789012"})

    def metadata(self, path):
        if path == "/latest/api/token":
            self.answer(200 if self.command == "PUT" else 405, "instance-token", "text/plain")
        elif self.headers.get("x-aws-ec2-metadata-token") != "instance-token":
            self.answer(401, "", "text/plain")
        elif path.endswith("/security-credentials/"):
            self.answer(200, "Worker", "text/plain")
        else:
            key = made("ASIA", path)
            self.answer(200, {"Code": "Success", "AccessKeyId": key, "SecretAccessKey": "CANARY" + key, "Token": "TOKEN" + key, "Expiration": stamp(6 * 3600)})
