"""The unit and the compose file that the README gives: every command and setting in them is ours."""

import configparser
import re
from typing import Any

import click
import pytest
import yaml

from portal import supervisor
from portal.cli import Commands
from tests.promises import tree

README = tree.text_of("README.md")
RUN_FOREVER = {"serve", "web", "worker", "schedule"}
SETTINGS = set(re.findall(r"`(SANPO_[A-Z_]+)`", README.partition("## Configure it")[2].partition("\n## ")[0]))


def _block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    """The systemd unit."""
    made = configparser.ConfigParser(strict=False, interpolation=None)
    made.optionxform = str  # type: ignore[assignment,method-assign]  # names of systemd have capitals
    made.read_string(_block("ini"))
    return made


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file."""
    found: dict[str, Any] = yaml.safe_load(_block("yaml"))["services"]
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
    wanted = set(re.findall(r"\$\{(\w+)\}", _block("yaml")))
    told = README.partition("`.env` holds ")[2].partition(". Any number")[0]

    assert wanted == set(re.findall(r"`(\w+)`", told))
    assert "database" in services["database"]["volumes"][0]
