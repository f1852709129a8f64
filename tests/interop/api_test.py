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
    "notifications:read",
    "notifications:write",
    "organizations:read",
    "organizations:write",
    "users:read",
    "users:write",
]
# Enough to come by every operation, parameter and answer, and the same every time.
SETTINGS = ["--max-examples=5", "--seed=1"]


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


@pytest.fixture
def operations(oathbook):
    """Every operation of the document, as the tester calls it."""
    document = requests.get(oathbook.url + "/api/openapi.json", timeout=10).json()
    return {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }


def the_server_keeps_what_its_document_promises(oathbook, token, operations, tmp_path):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    document = oathbook.url + "/api/openapi.json"
    authorization = f"Authorization: Bearer {token}"
    notes = tmp_path / "notes.tsv"
    environment = {
        "PYTHONPATH": str(HERE),
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "JUDGED_URL": oathbook.url,
        "JUDGED_TOKEN": token,
        "JUDGED_NOTES": str(notes),
    }
    judged = subprocess.run(
        [schemathesis, "run", document, "--header", authorization, *SETTINGS],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Selected: " in judged.stdout
    came_by = [line.split("\t") for line in notes.read_text(encoding="utf-8").splitlines()]
    succeeded = {operation for operation, status in came_by if status.startswith("2")}
    assert succeeded == operations, "each operation was carried out at least once, on something that exists"
