"""Signs in to a dev hub as a demo person: sign-in.py ORIGIN PHONE [CODE] prints the session's cookie; with a
code of the second factor the desk is open too."""

import json
import sys
import urllib.request

ORIGIN, PHONE = sys.argv[1], sys.argv[2]


def call(method: str, path: str, body: object = None, cookie: str = "") -> tuple[object, str]:
    """One request; the answer's body and the cookies it set."""
    headers = {"content-type": "application/json", "origin": ORIGIN, "cookie": cookie}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ORIGIN + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        cookies = [line.split(";")[0] for line in answer.headers.get_all("set-cookie", [])]
        return json.loads(text) if text else None, "; ".join(cookies)


started, first = call("POST", "/api/sign-in/challenges", {"phone": PHONE, "by": "sms"})
codes, _ = call("GET", "/dev/codes")
finish = {"challenge": started["challenge"], "code": codes[0]["code"], "device_name": "api-fuzz"}
me, session = call("POST", "/api/sign-in", finish, first)
for asked in call("GET", "/api/me/consents", None, session)[0]["consents"]:
    call("POST", "/api/me/consents", {"document": asked["document"], "version": asked["version"]}, session)
if len(sys.argv) > 3:
    call("POST", "/api/desk", {"code": sys.argv[3]}, session)
print(session)
