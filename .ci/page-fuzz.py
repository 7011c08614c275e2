"""Requests by chance to the pages without scripts, which stand in no document: every link and form
that a person meets under /board, /track, /delegates, /threads and /desk, with fields that are right,
missing, doubled, foreign, too long or hostile.

page-fuzz.py ORIGIN COOKIE SECONDS SEED: fails when an answer is a fault (5xx) or not one that pages give,
when a refusal says nothing, or when a planted tag comes back as one."""

import http.client
import random
import re
import sys
import time
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urljoin, urlsplit

ORIGIN, COOKIE, SECONDS, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
CHANCE = random.Random(SEED)
PLACES = re.compile(r"^/(board|track|delegates|threads|desk/(board|delegate|opinions|liaison))([/?]|$)")
STATUSES = {200, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 431}
PLANTED = "<planted onmouseover=1>"
HOSTILE = [
    "", " ", PLANTED, f"\"'>{PLANTED}", "=cmd()", "-1", "0", "99999999999999999999", "1e9", "\u202e文字",
    "𠮷" * 30, "字" * 2001, "字" * 40_000, "\x00", "a\r\nset-cookie: x=1", "../../etc/passwd", "%00", "null",
    "10000000001", "110101199003070011", "2026-02-30", "9999-12-31T23:59:59Z",
    "00000000-0000-0000-0000-000000000000", "' OR 1=1 --", "\ufeff", "é" * 501,
]
connection = http.client.HTTPConnection(urlsplit(ORIGIN).netloc, timeout=60)


class Reader(HTMLParser):
    """Links, forms and planted tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.forms, self.planted, self.words = [], [], False, 0
        self.form, self.select = None, None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        at = dict(attributes)
        self.planted = self.planted or tag == "planted" or "onmouseover" in at
        if tag == "a" and at.get("href"):
            self.links.append(at["href"])
        elif tag == "form":
            self.form = {"action": at.get("action"), "method": at.get("method", "get"), "fields": {}}
            self.forms.append(self.form)
        elif tag == "option" and self.select is not None:
            self.select.append(at.get("value", ""))
        elif self.form is not None and at.get("name"):
            values = self.form["fields"].setdefault(at["name"], [])
            if tag == "select":
                self.select = values
            elif tag in ("input", "textarea", "button"):
                values.append(at.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        self.words += len(data.strip())


def ask(method: str, path: str, body: bytes | None) -> tuple[int, str, str]:
    """One request: status, type and text of the answer. Cookies that it sets are not taken: nobody is
    signed in or out by chance."""
    headers = {"origin": ORIGIN, "cookie": COOKIE}
    if body is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
    for _ in range(2):
        try:
            connection.request(method, path, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused while the rest of a long body was on its way; the answer says why.
        try:
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return answer.status, answer.headers.get("content-type", ""), text
        except (http.client.HTTPException, ConnectionError):
            # The hub closed after the answer before this one, or it leaves the rest of the body.
            connection.close()
    return (413, "", "closed") if len(body or b"") > 60_000 else (599, "", "no answer")


def filled(fields: dict) -> list[tuple[str, str]]:
    """Fields of a form with most of them right, in a body of their own."""
    made = []
    for name, values in fields.items():
        chance = CHANCE.random()
        if chance < 0.08:
            continue
        ready = [value for value in values if value]
        if chance < 0.55 and ready:
            made.append((name, CHANCE.choice(ready)))
        elif chance < 0.75:
            made.append((name, f"由机会写下的一句话 {CHANCE.randrange(1000)}"))
        else:
            made.append((name, CHANCE.choice(HOSTILE)))
        if chance > 0.97:
            made.append((name, CHANCE.choice(HOSTILE)))
    if CHANCE.random() < 0.05:
        made.append(("unknown", CHANCE.choice(HOSTILE)))
    return made


def local(page: str, link: str) -> str | None:
    """The path of a link of a page, where it is one of those that are tried."""
    parts = urlsplit(urljoin(ORIGIN + page, link))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if f"{parts.scheme}://{parts.netloc}" == ORIGIN and PLACES.match(path) else None


def main() -> None:
    pages = ["/board", "/board/new", "/board/sign-in", "/track", "/delegates", "/threads", "/desk/board",
             "/desk/delegate", "/desk/opinions", "/desk/liaison"]
    known, forms, counts, faults = set(pages), {}, {}, []
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and len(faults) < 10:
        if forms and CHANCE.random() < 0.6:
            (action, _), form = CHANCE.choice(list(forms.items()))
            made = filled(form["fields"])
            if form["method"] == "post":
                method, path, body = "POST", action, urlencode(made).encode()
                if CHANCE.random() < 0.03:
                    body = bytes(CHANCE.randrange(256) for _ in range(CHANCE.randrange(200)))
            else:
                method, path, body = "GET", f"{action.split('?')[0]}?{urlencode(made)}", None
        else:
            method, path, body = "GET", CHANCE.choice(pages), None
            if CHANCE.random() < 0.1:
                path = f"{path.split('?')[0]}/{quote(CHANCE.choice(HOSTILE)[:200], safe='')}"
        status, got, text = ask(method, path, body)
        counts[status] = counts.get(status, 0) + 1
        page = Reader(text) if "html" in got else None
        what = f"{method} {path[:200]} {(body or b'')[:400]!r} -> {status}"
        if status not in STATUSES:
            faults.append(f"{what}\n{text[:300]}")
        elif status >= 400 and status not in (404, 405, 431) and len(text) < 4:
            faults.append(f"{what}: says nothing")
        elif page and page.planted:
            faults.append(f"{what}: a planted tag came back")
        if not page or status >= 400:
            continue
        for link in page.links:
            found = local(path, link)
            if found and found not in known and len(pages) < 400:
                known.add(found)
                pages.append(found)
        for form in page.forms:
            action = local(path, form["action"] or path)
            if action and len(forms) < 400:
                forms[(action, form["method"].upper())] = form
    places = len({re.sub(r"[0-9a-f-]{36}|\d+|\?.*", "*", action) for action, _ in forms})
    print(f"{sum(counts.values())} requests, {len(pages)} pages, {places} kinds of forms, statuses {dict(sorted(counts.items()))}")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main()
