"""What a client knows and no document can say: a fresh key, a present revision, a position that was reached."""

import re
from itertools import count

import schemathesis

numbers = count()


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    key = headers.get("Idempotency-Key", "")
    if re.fullmatch(r"[A-Za-z0-9_-]{1,255}", key):
        headers["Idempotency-Key"] = f"{key[:200]}-{next(numbers)}"
    if re.fullmatch(r'"[0-9]+"', headers.get("If-Match", "")):
        headers["If-Match"] = "*"
    if re.fullmatch(r"[0-9]{1,19}\.[0-9]{1,19}", headers.get("Oathbook-Wait-For", "")):
        headers["Oathbook-Wait-For"] = "0.1"
