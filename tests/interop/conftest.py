"""A real Oathbook in an empty directory, with one application."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("OATHBOOK_BIN", ROOT / "target/debug/oathbook")).resolve()

# The binary reads OATHBOOK_… as configuration and refuses what it does not know.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("OATHBOOK_")}
# A tester asks faster than any client may.
GENEROUS = {"OATHBOOK_API__RATE": "100000", "OATHBOOK_API__BURST": "100000"}


@pytest.fixture(scope="module")
def oathbook(tmp_path_factory):
    """The address, the metadata document and the credentials of an application, which no other file changes."""
    directory = tmp_path_factory.mktemp("oathbook")
    command = [BINARY, "quickstart", "--listen", "127.0.0.1:0", "--json"]
    with subprocess.Popen(
        command, cwd=directory, env=ENVIRONMENT | GENEROUS, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            started = json.loads(server.stdout.readline())
            metadata = requests.get(
                started["url"] + "/.well-known/oauth-authorization-server", timeout=10
            )
            metadata.raise_for_status()

            def create(name, scopes=()):
                application = create_application(directory, started, name, scopes)
                wait_until_known(metadata.json()["token_endpoint"], application)
                return application

            application = create("Interop")
            yield SimpleNamespace(
                metadata=metadata.json(), create_application=create, **started, **application
            )
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)


def create_application(directory, started, name, scopes):
    """The client id and the client secret of a new application."""
    options = [
        ("--owner", started["username"]),
        ("--organization", started["organization_id"]),
        ("--name", name),
        *(("--scope", scope) for scope in scopes),
    ]
    arguments = [argument for option in options for argument in option]
    printed = subprocess.run(
        [BINARY, "applications", "create", *arguments, "--json"],
        cwd=directory,
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    created = json.loads(printed)
    return {"client_id": created["client_id"], "client_secret": created["client_secret"]}


def wait_until_known(token_endpoint, application):
    """The server learns of an application a moment after the command line made it."""
    request = {"grant_type": "client_credentials", **application}
    deadline = time.monotonic() + 10
    while requests.post(token_endpoint, data=request, timeout=10).status_code != 200:
        assert time.monotonic() < deadline, "the server does not know the application"
        time.sleep(0.05)
