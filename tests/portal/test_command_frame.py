"""What every operator's command promises: help, one clear line on failure, JSON where it prints records."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from assessments.models import LocalMail
from portal import cli, console
from portal.cli import main
from portal.commands import COMMANDS
from portal.db import Database
from tests import factories

Sanpo = Callable[..., Result]


@pytest.fixture
def sanpo(tmp_path: Path) -> Sanpo:
    """Type a command in an installation of its own."""
    environment = {"SANPO_DATA_DIR": str(tmp_path / "data")}
    return lambda *arguments: CliRunner().invoke(main, arguments, env=environment)


def test_help_lists_what_people_may_call(sanpo: Sanpo) -> None:
    listed = sanpo("--help")

    assert listed.exit_code == 0
    for name in ("serve", "migrate", "mailbox", "web", "worker", "schedule"):
        assert f"\n  {name} " in listed.stdout
    for hidden in ("serve-child", "dispatch", "job"):
        assert f"\n  {hidden} " not in listed.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(sanpo: Sanpo, name: str) -> None:
    shown = sanpo(name, "--help")

    assert shown.exit_code == 0
    assert len(shown.stdout.splitlines()) > 3


def test_an_unknown_command_is_refused(sanpo: Sanpo) -> None:
    assert sanpo("nonsense").exit_code == 2


def test_an_empty_installation_gets_its_tables_from_the_first_command(sanpo: Sanpo) -> None:
    listed = sanpo("mailbox", "--json")

    assert (listed.exit_code, json.loads(listed.stdout)) == (0, [])
    assert sanpo("migrate").stdout == "Nothing to do.\n"


def test_a_refused_setting_is_one_line(tmp_path: Path) -> None:
    tried = CliRunner().invoke(main, ["mailbox"], env={"SANPO_DATA_DIR": str(tmp_path), "SANPO_PORT": "none"})

    assert (tried.exit_code, tried.stderr) == (1, "Error: SANPO_PORT: 'none' is not a port (1-65535)\n")


def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'sanpo.db'}"
    tried = CliRunner().invoke(
        main,
        ["mailbox"],
        env={"SANPO_DATA_DIR": str(tmp_path), "SANPO_DATABASE_URL": url},
    )

    assert (tried.exit_code, tried.stderr) == (1, "Error: database: unable to open database file\n")


def test_anything_else_is_one_line_too(sanpo: Sanpo, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("first\nsecond")

    monkeypatch.setattr(cli.Commands, "get_command", lambda *_arguments: broken)

    told = sanpo("broken")

    assert told.exit_code == 1
    assert told.stderr == "Error: ZeroDivisionError: first (--traceback tells more)\n"
    assert isinstance(sanpo("--traceback", "broken").exception, ZeroDivisionError)


def test_a_broken_rule_is_told_in_the_words_it_was_given() -> None:
    class Rule(Exception):
        pass

    console.say(Rule, "that may not be")

    assert console.refusal(Rule("inner")).message == "that may not be"


def test_the_mailbox_is_printed_as_json(sanpo: Sanpo, tmp_path: Path) -> None:
    sanpo("migrate")
    database = Database(f"sqlite:///{tmp_path / 'data' / 'sanpo.db'}")
    with database.writer.begin() as session:
        session.add(
            LocalMail(
                kind="invitation",
                to_email="taro@aoba.example",
                subject="件名",
                text="本文",
                sent_at=factories.NOW,
            )
        )
    database.dispose()

    [mail] = json.loads(sanpo("mailbox", "--json").stdout)

    assert set(mail) == {"id", "to", "subject", "text", "html", "kind", "sent_at"}
    assert (mail["to"], mail["subject"], mail["sent_at"]) == (
        "taro@aoba.example",
        "件名",
        "2026-11-21T05:00:00+00:00",
    )
