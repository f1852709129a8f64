"""An independent tester of APIs judges the running server by its own OpenAPI document."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent
SCOPES = [
    "applications:read",
    "applications:write",
    "audit:read",
    "organizations:read",
    "organizations:write",
    "users:read",
    "users:write",
]
# Enough to come by every operation, parameter and answer, and the same every time.
SETTINGS = ["--max-examples=10", "--seed=1"]


@pytest.fixture
def token(oathbook):
    application = oathbook.create_application("Judge", SCOPES)
    answer = requests.post(
        oathbook.metadata["token_endpoint"],
        data={"grant_type": "client_credentials", **application},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["access_token"]


def the_server_keeps_what_its_document_promises(oathbook, token, tmp_path):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    document = oathbook.url + "/api/openapi.json"
    authorization = f"Authorization: Bearer {token}"
    hooks = {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "schemathesis_hooks"}
    judged = subprocess.run(
        [schemathesis, "run", document, "--header", authorization, *SETTINGS],
        cwd=tmp_path,
        env=os.environ | hooks,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Selected: " in judged.stdout
