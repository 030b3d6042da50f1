"""The container, the compose file and the service unit ask for no more than they need, and fit the program that they start.

No image is built here: a linter reads the Dockerfile, and these rules read all of them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import distributions, packages_distributions, requires
from pathlib import Path

import pytest
import yaml

from scorecard import monitoring, places
from scorecard.store import relay
from scorecard.ui import block
from tests.test_layers import module_of, sources

DEPLOY = places.ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
PINNED = re.compile(r"[a-z0-9./-]+:\d+(\.\d+)+(-[a-z0-9.]+)*(@sha256:[0-9a-f]{64})?")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
INSTALLED = {one.metadata["Name"].lower().replace("_", "-") for one in distributions()}


@cache
def instructions() -> list[tuple[str, str]]:
    """(instruction, its words) of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#")))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def said(name: str) -> list[str]:
    return [words for instruction, words in instructions() if instruction == name]


@cache
def image() -> frozenset[str]:
    """The files of the project that get into the image: what is copied, of what the ignore file leaves."""
    rules = [line for line in (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    tracked = subprocess.run(["git", "ls-files", "--cached", "--others"], cwd=places.ROOT, capture_output=True, text=True)
    names = tracked.stdout.splitlines() or [str(path.relative_to(places.ROOT)) for path in places.ROOT.rglob("*") if path.is_file()]
    copied = [part.rstrip("/") for words in said("COPY") if "--from" not in words for part in words.split()[:-1]]
    return frozenset(name for name in names if left(name, rules) and any(name == part or name.startswith(f"{part}/") for part in copied))


def left(name: str, rules: list[str]) -> bool:
    """Whether the ignore file leaves a file: the last rule that speaks of it, or of a folder above it, decides."""
    ways = [str(path) for path in (Path(name), *Path(name).parents) if str(path) != "."]
    kept = True
    for rule in rules:
        pattern = rule.removeprefix("!")
        if any(fnmatch(way, pattern) or fnmatch(way, pattern.removeprefix("**/")) or fnmatch(way.split("/")[-1], pattern.removeprefix("**/")) and "**/" in pattern for way in ways):
            kept = rule.startswith("!")
    return kept


def test_a_linter_finds_nothing_to_say_about_the_dockerfile():
    linter = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([linter, "--strict-labels", "--failure-threshold", "style", str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_image_has_a_pinned_base_and_runs_without_rights():
    assert all(PINNED.fullmatch(words.split(" AS ")[0]) for words in said("FROM"))
    assert said("USER") == ["10001:10001"] and not said("ADD")
    last = [name for name, _ in instructions()]
    assert last.index("USER") > max(place for place, name in enumerate(last) if name == "RUN"), "what runs after USER could not write"
    assert not re.search(r"curl|wget|sudo|--privileged|chmod 777", "\n".join(said("RUN")))
    assert all(words.startswith("[") for words in said("CMD")), "a shell would stand between the signal and the server"


def test_the_health_of_the_container_is_an_address_that_the_server_answers_to():
    (check,) = said("HEALTHCHECK")
    paths = {path for path, _ in monitoring.ROUTES}
    assert re.search(r"http://127\.0\.0\.1:8501(/[a-z/]+)", check)[1] in paths
    assert re.search(r"http://app:8501(/[a-z/]+)", " ".join(SERVICES["proxy"]["healthcheck"]["test"]))[1] in paths
    assert said("EXPOSE") == ["8501"] and '"8501"' in said("CMD")[0]


def test_all_that_the_program_imports_and_reads_is_in_the_image():
    modules = {module_of(name) for name in image() if name.endswith(".py")}
    missing = {module_of(file) for file in sources()} - modules
    assert not missing, f"{sorted(missing)[0]} is not copied into the image."
    shipped = {str(path.relative_to(places.ROOT)) for path in (places.ROOT / "data").glob("*.toml")} | {".streamlit/config.toml", "pyproject.toml", "app.py"}
    assert shipped <= image() and any(name.startswith("data/sample/exports/") for name in image())


@pytest.mark.parametrize("name", ["data/state.duckdb", "data/facts.duckdb.wal", "data/backups/20260101/state.duckdb", "data/state.duckdb.token",
                                  ".streamlit/secrets.toml", "deploy/.env", "deploy/secrets.toml", ".git/config", "tests/conftest.py", "scorecard/__pycache__/x.pyc"])
def test_nothing_that_people_wrote_and_no_secret_gets_into_the_image(name):
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split("\n")
    assert not left(name, [rule for rule in rules if rule and not rule.startswith("#")])


def brought(names: set[str]) -> set[str]:
    """The packages that are installed when these are: they themselves, and all that they need."""
    found, todo = set(), set(names)
    while todo:
        name = todo.pop()
        found.add(name)
        needed = requires(name) or () if name in INSTALLED else ()
        todo |= {re.split(r"[ \[(>=<!~;]", one)[0].lower().replace("_", "-") for one in needed if "extra ==" not in one} - found
    return found


def test_the_image_installs_all_that_the_program_imports_and_nothing_of_the_tests():
    cut = re.search(r"sed '/(\^[^/]+)/,\$d' requirements\.txt", DOCKERFILE)[1]
    lines = (places.ROOT / "requirements.txt").read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if re.match(cut, line))
    names = [{re.split(r"[\[>=<]", line)[0].lower().replace("_", "-") for line in part if line and not line.startswith("#")} for part in (lines[:at], lines[at:])]
    owners = packages_distributions()
    imported = {name for file in sources() for name in re.findall(r"^\s*(?:from|import) (\w+)", (places.ROOT / file).read_text("utf-8"), re.M)}
    used = {owner.lower().replace("_", "-") for name in imported for owner in owners.get(name, ())}
    missing = used - brought(names[0])
    assert not missing, f"{sorted(missing)} would not be in the image."
    assert "pytest" in names[1] and "authlib" in names[0]  # Streamlit imports it, when somebody signs in


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_pinned_image_and_no_more_rights_than_it_needs(name):
    service = SERVICES[name]
    assert PINNED.fullmatch(service["image"]), service["image"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert "privileged" not in service and "network_mode" not in service and service["restart"] == "unless-stopped"
    assert name == "app" or "healthcheck" in service  # the app's is in its image


def test_only_the_proxy_is_reached_from_outside_and_the_database_by_the_app_alone():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    reached = {network: {name for name, service in SERVICES.items() if network in service["networks"]} for network in COMPOSE["networks"]}
    assert reached == {"front": {"proxy", "app"}, "back": {"app", "database"}} and COMPOSE["networks"]["back"]["internal"] is True


def test_every_volume_network_and_service_that_is_named_is_there():
    volumes = {one.split(":")[0] for service in SERVICES.values() for one in service.get("volumes", ()) if isinstance(one, str)}
    assert {one for one in volumes if not one.startswith(".")} == set(COMPOSE["volumes"])
    assert all((DEPLOY / one).exists() for one in volumes if one.startswith("."))
    assert {one for service in SERVICES.values() for one in service.get("depends_on", ())} <= set(SERVICES)
    assert (DEPLOY / SERVICES["app"]["build"]["context"] / SERVICES["app"]["build"]["dockerfile"]).exists()


def test_the_container_keeps_what_has_to_last_in_volumes_and_writes_nowhere_else():
    app = SERVICES["app"]
    kept = [one.partition(":")[2] for one in app["volumes"] if isinstance(one, str)]
    (place,) = re.findall(r"SCORECARD_FACTS=(\S+)", DOCKERFILE)
    assert kept == [str(Path(place).parent)] == said("VOLUME") and app["tmpfs"][0].startswith("/tmp:")
    (secret,) = [one for one in app["volumes"] if not isinstance(one, str)]
    assert secret["read_only"] is True and secret["bind"] == {"create_host_path": False} and secret["target"] == "/app/.streamlit/secrets.toml"


def variables(text: str) -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_value_that_is_asked_for_is_in_the_example_and_the_example_holds_no_secret():
    example = dict(line.split("=", 1) for line in (DEPLOY / "environment.example").read_text("utf-8").splitlines() if line and not line.startswith("#"))
    assert variables((DEPLOY / "compose.yaml").read_text("utf-8")) == set(example)
    assert example["DATABASE_PASSWORD"] == example["SCORECARD_METRICS_TOKEN"] == ""
    assert re.findall(r"\{\$([A-Z_]+)\}", (DEPLOY / "Caddyfile").read_text("utf-8")) == ["SCORECARD_ADDRESS"]


def test_files_with_values_of_an_operator_are_never_committed():
    ignored = (places.ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"deploy/.env", "deploy/secrets.toml", ".streamlit/secrets.toml"} <= set(ignored)


def test_the_proxy_keeps_what_is_for_the_operator_inside():
    text = (DEPLOY / "Caddyfile").read_text("utf-8")
    (inside,) = re.findall(r"@inside path (.+)\n\s+respond @inside 404", text)
    assert inside.split() == ["/_stcore/metrics*", "/_scorecard/*"] and relay.ROUTE.startswith("/_scorecard/")
    assert not [page for page in block.PAGES if f"/{page}" in inside.split()], "a page is never kept inside"
    assert text.count("{") == text.count("}") and "reverse_proxy app:8501" in text and "Strict-Transport-Security" in text
    assert "log" not in text.split(), "the lines of a proxy hold addresses, and addresses hold tokens"


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "scorecard.service").read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            found.setdefault(line.partition("=")[0], []).append(line.partition("=")[2])
    return found


def test_the_service_runs_as_nobody_in_particular_and_writes_into_its_own_folder_only():
    has = unit()
    assert has["User"] == ["scorecard"] and has["CapabilityBoundingSet"] == [""] and has["StateDirectoryMode"] == ["0700"] and has["UMask"] == ["0077"]
    assert has["ProtectSystem"] == ["strict"] and "ReadWritePaths" not in has
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces", "RestrictSUIDSGID", "LockPersonality"):
        assert has[name] == ["true"], name
    stored = [one for one in has["Environment"] if re.match(r"SCORECARD_(STATE|FACTS)=", one)]
    assert len(stored) == 2 and all("=/var/lib/scorecard/" in one for one in stored)
    assert "--server.address 127.0.0.1" in has["ExecStart"][0] and has["Restart"] == ["on-failure"]


def test_the_variables_of_all_of_them_are_ones_that_the_program_reads():
    texts = [path.read_text("utf-8") for path in DEPLOY.iterdir() if path.is_file() and path.name != "secrets.toml"]
    named = {name for text in texts for name in re.findall(r"\bSCORECARD_[A-Z]+(?:_[A-Z]+)*\b", text)}
    read = {name for file in sources() for name in re.findall(r'"(SCORECARD_[A-Z_]+)"', (places.ROOT / file).read_text("utf-8"))}
    assert named <= read, f"{sorted(named - read)} are read by nobody."


def test_the_version_of_the_image_is_that_of_the_program():
    assert SERVICES["app"]["image"].rpartition(":")[2] == places.version()
