"""What schemas do not see: names that nothing has, and configuration that Oathbook does not take.

usage: consistent.py OATHBOOK, in the directory of the files
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

# Made by commands that docs/deployment.md tells, or by others.
ELSEWHERE = {("ConfigMap", "oathbook-grants"), ("Secret", "oathbook-tls")}
# What `.env` beside compose.yml would say.
ENV = {"PUBLIC_HOST": "localhost", "OWNER_PASSWORD": "owner", "SERVER_PASSWORD": "server"}

complaints = []


def complain(text):
    complaints.append(text)


def expect(holds, text):
    if not holds:
        complain(text)


def config_is_taken(oathbook, place, environment, arguments=()):
    """Runs `config check` as the container would, with nothing else in the environment."""
    ours = {key: str(value) for key, value in environment.items() if key.startswith("OATHBOOK_")}
    with tempfile.TemporaryDirectory() as directory:
        command = [oathbook, "config", "check"]
        answer = subprocess.run(command, cwd=directory, env=ours, capture_output=True, text=True)
    expect(answer.returncode == 0, f"{place}: {answer.stderr.strip()}")
    if list(arguments[:1]) == ["serve"]:
        roles = arguments[list(arguments).index("--roles") + 1]
        known = {"api", "projector", "notifier"}
        expect(set(roles.split(",")) <= known, f"{place}: there is no role {roles}")


def interpolated(text):
    """`${NAME:?complaint}` and `${NAME:-default}`, as compose reads them."""
    value = lambda found: ENV.get(found[1], found[3] if found[2] == "-" else "")
    return re.sub(r"\$\{(\w+):([?-])([^}]*)\}", value, str(text))


def compose(oathbook):
    services = yaml.safe_load(Path("compose.yml").read_text())["services"]
    for name, service in services.items():
        if service["image"] == "oathbook":
            environment = {key: interpolated(it) for key, it in service["environment"].items()}
            config_is_taken(oathbook, f"compose.yml, {name}", environment, service.get("command", ()))
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                expect(Path(source).is_file(), f"compose.yml, {name}: there is no file {source}")
    named = set(re.findall(r"(\w+):8080", Path("proxy/Caddyfile").read_text()))
    answering = {name for name, it in services.items() if "api" in it.get("command", ())}
    expect(named == answering, f"proxy/Caddyfile names {named}, compose.yml has {answering}")


def kubernetes(oathbook):
    files = [*sorted(Path("kubernetes").glob("*.yaml")), Path("kubernetes/secrets.yaml.example")]
    objects = [(file, it) for file in files for it in yaml.safe_load_all(file.read_text())]
    named = {(it["kind"], it["metadata"]["name"]): it for _, it in objects}
    pods = [(file, it["spec"]["template"]) for file, it in objects if it["kind"] in ("Deployment", "Job")]
    labels = [pod["metadata"]["labels"] for _, pod in pods]

    def exists(place, kind, name):
        expect((kind, name) in named or (kind, name) in ELSEWHERE, f"{place}: there is no {kind} {name}")

    def selects(place, selector):
        some = any(selector.items() <= pod.items() for pod in labels)
        expect(some, f"{place}: no pod has the labels {selector}")

    for file, it in objects:
        spaceless = it["kind"] == "Namespace"
        expect(spaceless or it["metadata"].get("namespace") == "oathbook", f"{file}: another namespace")
        spec = it.get("spec", {})
        if it["kind"] == "Service":
            selects(file, spec["selector"])
        elif it["kind"] in ("PodDisruptionBudget", "Deployment"):
            selects(file, spec["selector"]["matchLabels"])
        elif it["kind"] == "NetworkPolicy":
            selects(file, spec["podSelector"]["matchLabels"])
        elif it["kind"] == "Ingress":
            for rule in spec["rules"]:
                for path in rule["http"]["paths"]:
                    exists(file, "Service", path["backend"]["service"]["name"])

    config = named["ConfigMap", "oathbook-config"]["data"]["config.yml"]
    images = set()
    for file, pod in pods:
        spec = pod["spec"]
        expect(spec.get("enableServiceLinks") is False, f"{file}: enableServiceLinks is not false")
        volumes = {volume["name"] for volume in spec["volumes"]}
        for volume in spec["volumes"]:
            for kind, key, name in (("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")):
                if key in volume:
                    exists(file, kind, volume[key][name])
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            for mount in container["volumeMounts"]:
                expect(mount["name"] in volumes, f"{file}: there is no volume {mount['name']}")
            environment = {it["name"]: it["value"] for it in container.get("env", ())}
            for source in container["envFrom"]:
                exists(file, "Secret", source["secretRef"]["name"])
                secret = named.get(("Secret", source["secretRef"]["name"]), {})
                environment |= secret.get("stringData", {})
            if "oathbook:" not in container["image"]:
                continue
            images.add(container["image"])
            with tempfile.NamedTemporaryFile("w", suffix=".yml") as written:
                if environment.get("OATHBOOK_CONFIG") == "/etc/oathbook/config.yml":
                    written.write(config)
                    written.flush()
                    environment["OATHBOOK_CONFIG"] = written.name
                config_is_taken(oathbook, f"{file}, {container['name']}", environment, container["args"])
    expect(len(images) == 1, f"kubernetes: several images of Oathbook: {images}")


def units():
    """Both are hardened alike; of the rest only these lines differ."""
    differing = re.compile(r"#.*|Description=.*|ExecStart=.*|EnvironmentFile=-/etc/oathbook/environment\.%i")
    lines = [
        [line for line in Path(unit).read_text().splitlines() if not differing.fullmatch(line)]
        for unit in ("systemd/oathbook.service", "systemd/oathbook@.service")
    ]
    expect(lines[0] == lines[1], "systemd: the units differ in more than roles")


compose(os.path.abspath(sys.argv[1]))
kubernetes(os.path.abspath(sys.argv[1]))
units()
for complaint in complaints:
    print(complaint, file=sys.stderr)
sys.exit(1 if complaints else 0)
