#!/usr/bin/env python3
"""Asks botocore and shlex how they read shared files and command lines.

    python3 golden.py [SEED]

Writes shared.json and split.json beside itself. Texts are Latin-1 of their bytes.
"""
import json
import os
import pathlib
import random
import shlex
import sys
import tempfile

import botocore
from botocore.compat import _windows_shell_split
from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError

HERE = pathlib.Path(__file__).parent
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 11
rng = random.Random(SEED)

WRITTEN = [
    "", "\n\n", "# only\n; comments\n", "[default]\n", "[default]\nregion = x\n", "[profile a]\nregion=x\n[profile b]\nregion=y\n",
    '[profile "my x"]\nregion = x\n', "[profile 'my x']\nregion = x\n", '[profile "plain"]\nregion = x\n', "[profile my\\ x]\nregion = x\n",
    "[profile a b]\nregion = x\n", "[profile]\nregion = x\n", "[profiles x]\nregion = x\n", "[profilex]\nregion=x\n", "[ profile x]\nregion=x\n",
    "[profile x ]\nregion=x\n", "[profile  x]\nregion=x\n", "[profile\tx]\nregion=x\n", '[profile "open]\nregion=x\n', "[default ]\nregion=x\n",
    "[profile default]\nregion=x\n[default]\nregion=y\n", "[default]\nregion=y\n[profile default]\nregion=x\n",
    '[profile x]\na=1\n[profile "x"]\nb=2\n', "[profile x]\na=1\n[profile x]\nb=2\n", "[profile x]\na=1\na=2\n", "[profile x]\na=1\nA=2\n",
    "[DEFAULT]\nregion=d\n[profile x]\na=1\n[default]\nregion=y\n", "[DEFAULT]\na=1\n[DEFAULT]\nb=2\n[default]\nc=3\n", "[DEFAULT]\na=1\n[DEFAULT]\na=2\n",
    "[sso-session 'My Corp']\nsso_region=x\n", "[sso-session corp]\nsso_region = x\nsso_start_url = https://x/#/\n", "[services s]\nsts =\n  endpoint_url = http://x\n",
    "[services s]\nsts =\n  endpoint_url = http://x\ns3 =\n  endpoint_url = http://y\n  Mixed = Case\n", "[default]\ns3 =\n  max = 1\n  # comment\n\n  min = 2\nregion = x\n",
    "[default]\ns3 =\n  nothing\n", "[default]\ns3 =\n  = x\n", "[default]\nregion = x\n  more\n  lines\n", "[default]\nregion = x\n\n  after blank\n",
    "[default]\nregion =\n\n\n", "[default]\nregion = x # not a comment\n", "[default]\nregion = x ; neither\n", "[default]\nregion: x\n", "[default]\nurl = http://a:b=c\n",
    "[default]\n  region = x\n  output = y\n", "  [default]\nregion = x\n", "[default]\n\tregion = x\n\t\toutput = y\n", "[default]\nregion\n", "[default]\n= x\n", "region = x\n",
    "[default]\nREGION = X\n", "[default]\r\nregion = x\r\n", "[default]\rregion = x\r", "[default] # comment\nregion = x\n", "[default] ; x] y\nregion = x\n",
    "[]\nregion=x\n", "[[x]]\nregion=x\n", "[default\nregion=x\n", "[default]region=x\n", "[default]\nregion=x\n]\n", "[profile \u00e4]\nregion=\u00fc\n",
    "[default]\nregion=\u00a0x\u00a0\n", "[default]\n\u00a0region=x\n\u00a0output=y\n", "[default]\nregion=x\x1c\n", "[default]\ns3 =\n  a = 1\x0b  b = 2\n", "[default]\nregion=\u2003x\n",
    "[default]\nkey = \"quoted\"\n", "[default]\nkey = 'quoted'\n", "[default]\nkey = a\\\n  b\n", "[default]\nkey = %(x)s ${y} $z\n", "[preview]\na=1\n[plugins]\nb=2\n",
    "[profile x]\ncredential_process = \"/opt/my dir/cp.sh\" --for \"a b\"\n", "[profile x]\nrole_arn = a\nsource_profile = x\naws_access_key_id = AK\naws_secret_access_key = SK\n",
    "[default]\n# c\nregion = x\n# d\n  e = f\n", "[default]\nregion = x\n; c\n  cont\n", "[default]\nregion = x\n\n[profile y]\n\n\noutput=z\n\n",
    b"[default]\nregion = \xff\n", b"[default]\nregion = \xe4\n", b"\xff\xfe[\x00d\x00]\x00", "[profile x]\n[profile y]\na=1\n", "[default]\na = 1\n b = 2\n  c = 3\nd = 4\n",
    "[default]\na =\n b = 2\n  c = 3\nd = 4\n", "[default]\na =\nb =\n c = d\n", "[profile 'a\"b']\nx=y\n", "[profile \"a\\\"b\"]\nx=y\n", "[profile \"\"]\nx=y\n", "[profile '']\nx=y\n",
    "[profile a/b@c+d]\nx=y\n", "[sso-session]\na=b\n", "[sso-session a b]\na=b\n", "[services]\na=b\n", "[services 'x y']\nsts=\n  endpoint_url=http://z\n",
]

LINES = ["[default]", "[profile a]", '[profile "a"]', "[profile b c]", '[profile "b c"]', "[sso-session s]", "[services v]", "[DEFAULT]", "[other]", "", "  ", "# c", " ; c", "region = x",
         "Region = y", "output: json", "s3 =", "  a = b", "\tc = d", "    deep = er", "s3 = v", "novalue", "  novalue", "key =", "= v", "role_arn = arn:aws:iam::1:role/x", "k = a # b"]
COMMANDS = ["", " ", "a", "a b", "a  b\tc", '"a b" c', "'a b' c", 'a"b c"d', "a\\ b", "a\\\\b", '"a\\"b"', '"a\\b"', '"a\\\\b"', "'a\\b'", "'a\\'b'", '""', "''", "a ''", 'a "" b', '"open', "'open", "end\\",
            '"end\\', "a # b", "a ; b | c", "$HOME/x ~/y", "a\nb", 'C:\\x\\y.exe get z', '"C:\\Program Files\\x.exe" get z', '"C:\\dir\\\\" z', 'a\\"b', 'a\\\\"b c"', 'a\\\\\\"b', "\\", "\\\\", '\\"', "a\u00a0b", "ä 'ö ü'",
            "a=b c='d e'", "{a,b}", "a>b", "`x` $(y)", "a\x0bb", "a\rb", '"a"\'b\'c', "\\\nx", '"\\\n"', "a\\'b", "\"a'b\" 'c\"d'"]


def shared(text):
    data = text if isinstance(text, bytes) else text.encode()
    with tempfile.NamedTemporaryFile(delete=False) as f:
        f.write(data)
    out = {"text": data.decode("latin-1")}
    try:
        loaded = load_config(f.name)
        out["profiles"], out["sessions"], out["services"] = loaded["profiles"], loaded["sso_sessions"], loaded["services"]
        out["raw"] = raw_config_parse(f.name)
    except ConfigParseError:
        out["refused"] = True
    finally:
        os.unlink(f.name)
    return out


def split(line):
    out = {"line": line}
    for name, function in (("posix", shlex.split), ("windows", _windows_shell_split)):
        try:
            out[name] = function(line)
        except ValueError:
            out[name] = None
    return out


def main():
    texts = WRITTEN + ["\n".join(rng.sample(LINES, k=rng.randint(1, 6))) + "\n" for _ in range(300)]
    # Python reads files in the locale's encoding; on this side it is always UTF-8.
    assert sys.flags.utf8_mode or open(os.devnull).encoding.lower() == "utf-8"
    lines = COMMANDS + ["".join(rng.choices("ab \t'\"\\ ", k=rng.randint(1, 12))) for _ in range(150)]
    head = f"botocore {botocore.__version__}, Python {sys.version.split()[0]}, seed {SEED}"
    for name, cases in (("shared", map(shared, texts)), ("split", map(split, lines))):
        body = ",\n".join(json.dumps(c) for c in cases)
        (HERE / f"{name}.json").write_text(f'{{"by": "{head}", "cases": [\n{body}\n]}}\n')


main()
