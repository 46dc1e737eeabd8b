"""The unit and the compose file that the README gives: every command and setting in them is ours."""

import configparser
import re
import shutil
import subprocess
import sys
import tomllib
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from portal import supervisor
from portal.cli import Commands
from tests import running, servers
from tests.promises import tree
from tests.servers import PostgreSQL

README = tree.text_of("README.md")
SYSTEMD = shutil.which("systemd-analyze")
RUN_FOREVER = {"serve", "web", "worker", "schedule"}
DOT_ENV = {
    "SANPO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "SANPO_PUBLIC_URL": "https://sanpo.buyer.example",
    "SANPO_MAIL_URL": "smtp://127.0.0.1:9",
    "SANPO_MAIL_FROM": "Sanpo <sanpo@buyer.example>",
    "POSTGRES_PASSWORD": "of-the-tests",
}
SETTINGS = set(re.findall(r"`(SANPO_[A-Z_]+)`", README.partition("## Configure it")[2].partition("\n## ")[0]))


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


SERVICE, BACKUP_SERVICE, BACKUP_TIMER = _blocks("ini")
[COMPOSE] = _blocks("yaml")


def _unit(words: str) -> configparser.ConfigParser:
    made = configparser.ConfigParser(strict=False, interpolation=None)
    made.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd have capitals
    made.read_string(words)
    return made


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    """The systemd unit."""
    return _unit(SERVICE)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, what it takes from `.env` filled in."""
    words = re.sub(r"\$\{(\w+)\}", lambda found: DOT_ENV[found[1]], COMPOSE)
    found: dict[str, Any] = yaml.safe_load(words)
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    """The services of the compose file."""
    found: dict[str, Any] = compose["services"]
    return found


def _command(words: list[str]) -> click.Command:
    """Give the command of `sanpo …`, its options read."""
    assert words[0] == "sanpo"
    found = Commands("sanpo").get_command(click.Context(click.Group()), words[1])
    assert found is not None, words
    found.make_context(words[1], words[2:])
    return found


def test_the_unit_runs_each_of_the_commands_that_run_forever(unit: configparser.ConfigParser) -> None:
    line = unit["Service"]["ExecStart"]
    named = set(re.findall(r"[ `]sanpo@(\w+)`", README))

    assert line.endswith("/bin/sanpo %i")
    assert named == RUN_FOREVER
    for name in named:
        _command(["sanpo", name])


def test_the_unit_starts_again_and_gives_mail_in_flight_its_time(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]

    assert service["Restart"] == "always"
    assert service["KillMode"] == "mixed", "whoever is told to leave sees to its own children"
    assert int(service["TimeoutStopSec"]) > supervisor.LEAVE_SECONDS
    assert service["Environment"].partition("=")[0] in SETTINGS
    assert service["Environment"].endswith(service["StateDirectory"])


def test_the_compose_file_runs_our_commands_with_our_settings(services: dict[str, Any]) -> None:
    ours = {name: service for name, service in services.items() if service.get("image") == "sanpo"}

    assert set(ours) == {"migrate", *RUN_FOREVER - {"serve"}}
    for service in ours.values():
        _command(service["command"])
        assert set(service["environment"]) <= SETTINGS
        assert {"SANPO_DATABASE_URL", "SANPO_BROKER_URL", "SANPO_SECRET_KEY"} <= set(service["environment"])
        assert set(service["depends_on"]) <= set(services)


def test_every_name_the_compose_file_takes_from_outside_is_told(services: dict[str, Any]) -> None:
    wanted = set(re.findall(r"\$\{(\w+)\}", COMPOSE))
    told = README.partition("`.env` holds ")[2].partition(". Any number")[0]

    assert wanted == set(DOT_ENV) == set(re.findall(r"`(\w+)`", told))
    assert "database" in services["database"]["volumes"][0]


def test_every_volume_and_dependency_of_the_compose_file_is_declared(compose: dict[str, Any]) -> None:
    services = compose["services"]
    volumes = {name.partition(":")[0] for one in services.values() for name in one.get("volumes", ())}

    assert volumes == set(compose["volumes"])
    assert services["database"]["environment"]["POSTGRES_PASSWORD"] == DOT_ENV["POSTGRES_PASSWORD"]
    for one in services.values():
        for name, wanted in one.get("depends_on", {}).items():
            assert "healthcheck" in services[name] or wanted["condition"] != "service_healthy"


def test_the_image_is_made_of_what_the_repository_holds(compose: dict[str, Any]) -> None:
    steps = [line.split() for line in compose["x-sanpo"]["build"]["dockerfile_inline"].splitlines()]
    copied = {name for step in steps if step[0] == "COPY" for name in step[2:-1]}
    layers = tomllib.loads(tree.text_of("pyproject.toml"))

    assert [step[0] for step in steps][:2] == ["FROM", "RUN"]
    assert steps[0][1].removeprefix("python:").removesuffix("-slim") in layers["project"]["requires-python"]
    assert set(layers["tool"]["importlinter"]["root_packages"]) | {"migrations", "templates"} <= copied
    assert all((tree.ROOT / name).exists() for name in copied)
    assert ["RUN", "make", "setup"] in steps
    assert not copied & {".", ".data", ".venv"}, "nothing of the machine it is made on goes along"


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is missing: the units were read, not verified")
def test_each_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    texts = {
        "sanpo@serve.service": SERVICE,
        "sanpo-backup.service": BACKUP_SERVICE,
        "sanpo-backup.timer": BACKUP_TIMER,
    }
    for name, words in texts.items():
        here = words.replace("/opt/sanpo/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / name).write_text(here)

    done = subprocess.run(
        [str(SYSTEMD), "verify", *(tmp_path / name for name in texts)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "sanpo" in line] == []
    assert done.returncode == 0, done.stderr


def test_the_backup_unit_runs_our_commands_each_night() -> None:
    service, timer = _unit(BACKUP_SERVICE)["Service"], _unit(BACKUP_TIMER)
    line = service["ExecStart"].rstrip("'")
    commands = [found.split() for found in re.findall(r"sanpo [^;]+", line.partition("$$PATH;")[2])]

    assert [_command(words).name for words in commands] == ["backup", "restore"]
    assert [words[-1] for words in commands] == ["$$file", "$$file"]
    assert service["Environment"].partition("=")[0] in SETTINGS
    assert "SANPO_BACKUP_PASSPHRASE" in SETTINGS
    assert timer["Timer"]["OnCalendar"].startswith("*-*-*")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_of_the_compose_file_run_together(
    services: dict[str, Any], tmp_path: Path, postgresql_server: PostgreSQL, redis_url: str
) -> None:
    """As processes of this machine, with their own environment, the names of the other machines replaced."""
    name = f"compose_{uuid.uuid4().hex[:12]}"
    port = servers.free_port()
    here = {
        "SANPO_DATA_DIR": str(tmp_path),
        "SANPO_PORT": str(port),
        "SANPO_DATABASE_URL": postgresql_server.create(name),
        "SANPO_BROKER_URL": redis_url,
    }
    _program, *migrate = services["migrate"]["command"]
    migrated = running.command(*migrate, environment=services["migrate"]["environment"] | here)
    assert migrated.returncode == 0, migrated.stderr
    with ExitStack() as stack:
        for service in ("web", "worker", "schedule"):
            _program, *arguments = services[service]["command"]
            environment = services[service]["environment"] | here
            stack.enter_context(running.running(*arguments, environment=environment))
        _kind, python, *look = [
            word.replace(":8000/", f":{port}/") for word in services["web"]["healthcheck"]["test"]
        ]
        running.eventually(lambda: _ends_well([sys.executable, *look]))
    postgresql_server.drop(name)

    assert python == "python"


def _ends_well(line: list[str]) -> bool:
    return subprocess.run(line, stderr=subprocess.DEVNULL, check=False).returncode == 0
