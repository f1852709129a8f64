"""What a client knows and no document can say: things that exist, their revisions, names that are free, a fresh key, a position
that was reached. A request that is meant to be right is given them; one that is meant to be wrong stays wrong."""

import json
import os
import re
import time
from functools import cache
from itertools import count

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

MEDIA_TYPE = "application/vnd.api+json"

# What a rule can say without breaking one: occasion, template, days and recipients must go together.
RULE = {"occasion": "application_created", "recipients": {"owner": True}}

numbers = count()


class House:
    """What exists at the server that is judged. Every thing is asked for to be used up: whoever changes it spoils nothing."""

    def __init__(self, url, token):
        self.api = url + "/api"
        self.http = requests.Session()
        self.http.headers = {"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE}
        [program] = self.get("/oauthapplications?filter[name]=Judge")["data"]
        self.owner = program["relationships"]["owner"]["data"]["id"]
        self.organization = program["relationships"]["organization"]["data"]["id"]

    def get(self, path):
        answer = self.http.get(self.api + path, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def etag(self, path):
        return self.http.get(self.api + path, timeout=10).headers.get("ETag")

    def post(self, path, document=None):
        body = None if document is None else json.dumps(document)
        headers = {"Content-Type": MEDIA_TYPE}
        answer = self.http.post(self.api + path, data=body, headers=headers, timeout=10)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["data"]["id"]

    def make(self, kind, attributes, relationships=None):
        data = {"type": kind, "attributes": attributes, "relationships": relationships or {}}
        return self.post(f"/{kind}", {"data": data})

    def oauthapplications(self):
        return self.make("oauthapplications", {"name": fresh("Subject")})

    def deleted(self):
        id = self.oauthapplications()
        self.http.delete(f"{self.api}/oauthapplications/{id}", timeout=10).raise_for_status()
        return id

    def users(self, relationships=None):
        name = fresh("subject")
        attributes = {"userName": name, "displayName": name, "email": f"{name}@a.example"}
        return self.make("users", attributes, relationships)

    def strangers(self):
        """Somebody who belongs to another organization alone."""
        elsewhere = {"organization": {"data": {"type": "organizations", "id": self.organizations()}}}
        return self.users(elsewhere)

    def organizations(self):
        return self.make("organizations", {"name": fresh("Subject")})

    def notifications(self):
        """A letter that was sent: the owner is told of every new application."""
        sent = f"/notifications?filter[state]=sent&filter[application]={self.oauthapplications()}"
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if letters := self.get(sent)["data"]:
                return letters[0]["id"]
            time.sleep(0.05)
        raise AssertionError("a letter is sent")

    def canceled(self):
        """A letter that was to be sent again, and called off before it left. Whoever is too late takes the next one."""
        for _ in range(50):
            id = self.notifications()
            self.post(f"/notifications/{id}/resend")
            if self.http.post(f"{self.api}/notifications/{id}/cancel", timeout=10).ok:
                return id
        raise AssertionError("a letter is called off before it leaves")

    def emailtemplates(self):
        attributes = {"name": fresh("Subject"), "occasion": "application_created"}
        return self.make("emailtemplates", attributes)

    def memberships(self):
        return f"{self.organization}.{self.users()}"

    def notificationrules(self):
        return self.make("notificationrules", {"name": fresh("Subject"), **RULE})

    @cache
    def any(self, kind):
        return getattr(self, kind)()


def fresh(name):
    return f"{name}-{next(numbers)}"


house = None


def right(case, location):
    """Whether this part of the request is meant to be right."""
    meta = case.meta
    part = meta.components.get(location) if meta else None
    if part is None or part.mode.is_negative:
        return False
    # A value of another type in a header looks right, since all of them are text, and what is wrong is nowhere else.
    wrong_elsewhere = any(other.mode.is_negative for other in meta.components.values())
    return meta.generation.mode.is_positive or wrong_elsewhere


@schemathesis.hook
def before_call(context, case, kwargs):
    global house
    if house is None:
        house = House(os.environ["JUDGED_URL"], os.environ["JUDGED_TOKEN"])
    # What follows from answers leads to what they told of already.
    follows = case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL
    if not follows and right(case, ParameterLocation.PATH) and "id" in case.path_parameters:
        case.path_parameters = {**case.path_parameters, "id": subject(case)}
    if right(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        case.body = possible(case)
    headers(case)


def subject(case):
    """The id of something that this can be done to."""
    if case.path.endswith("/cancel"):
        return house.any("canceled")
    return some(case, "deleted" if case.path.endswith("/restore") else case.path.split("/")[1])


def some(case, kind):
    """The id of something new for a request that will change it, or of any for one that will be refused."""
    if case.meta.generation.mode.is_positive and case.method != "GET":
        return getattr(house, kind)()
    return house.any(kind)


def possible(case):
    """The same body, about things that exist and under names that are free."""
    body = json.loads(json.dumps(case.body))
    data = body.get("data")
    if not isinstance(data, dict):
        return body
    if case.path.endswith("/relationships/owner"):
        data["id"] = some(case, "users")
        return body
    if "id" in data:
        data["id"] = case.path_parameters.get("id", data["id"])
    attributes = data.get("attributes", {})
    for name in ("name", "userName"):
        if name in attributes:
            number = f"-{next(numbers)}"
            attributes[name] = attributes[name][: 255 - len(number)] + number
    if case.path.startswith("/notificationrules"):
        attributes.update((name, value) for name, value in RULE.items() if name in attributes)
        for name in ("days", "template", "filter"):
            attributes.pop(name, None)
    if "words" in attributes:
        # What letters say must render, and is said of one language.
        attributes["words"] = {"de": {"subject": "x", "text": "{{recipient}}", "html": "<p>x</p>"}}
    for name, linkage in data.get("relationships", {}).items():
        linkage["data"]["id"] = related(case, name)
    return body


def related(case, name):
    """Somebody who may own an application or become a member, and an organization where they may."""
    if name == "owner":
        return house.owner if case.method == "POST" else some(case, "users")
    if name == "user":
        return some(case, "strangers")
    return house.organization if case.path.startswith("/oauthapplications") else some(case, "organizations")


def headers(case):
    given = case.headers or {}
    key = given.get("Idempotency-Key", "")
    if not right(case, ParameterLocation.HEADER):
        # What is meant to be of another type is text like any other in a header: it is spelt wrong instead.
        if key:
            given["Idempotency-Key"] = '"'
    elif re.fullmatch(r"[A-Za-z0-9_-]{1,255}", key):
        given["Idempotency-Key"] = f"{key[:200]}-{next(numbers)}"
    if "If-Match" in given and right(case, ParameterLocation.HEADER):
        given["If-Match"] = house.etag(resource(case)) or "*"
    if re.fullmatch(r"[0-9]{1,19}\.[0-9]{1,19}", given.get("Oathbook-Wait-For", "")):
        given["Oathbook-Wait-For"] = "0.1"


def resource(case):
    """Where the thing is that something is done to."""
    kind = case.path.split("/")[1]
    return f"/{kind}/{case.path_parameters.get('id')}"


@schemathesis.hook
def after_call(context, case, response):
    """Notes what became of which operation."""
    with open(os.environ["JUDGED_NOTES"], "a", encoding="utf-8") as notes:
        print(case.operation.label, response.status_code, sep="\t", file=notes)
