"""An independent tester of APIs judges the running server by its own OpenAPI document."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

SCOPES = [
    "applications:read",
    "applications:write",
    "organizations:read",
    "organizations:write",
    "users:read",
    "users:write",
]
# Enough to come by every operation, parameter and answer, and the same every time.
SETTINGS = ["--max-examples=15", "--seed=1", "--generation-database=none"]


@pytest.fixture(scope="module")
def token(oathbook):
    """A token of an application that the tester cannot reach: it belongs to another owner."""
    application = oathbook.create_application("Judge", SCOPES)
    answer = requests.post(
        oathbook.metadata["token_endpoint"],
        data={"grant_type": "client_credentials", **application},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["access_token"]


def the_server_keeps_what_its_document_promises(oathbook, token):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    document = oathbook.url + "/api/openapi.json"
    authorization = f"Authorization: Bearer {token}"
    judged = subprocess.run(
        [schemathesis, "run", document, "--header", authorization, *SETTINGS],
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Warning" not in judged.stderr
