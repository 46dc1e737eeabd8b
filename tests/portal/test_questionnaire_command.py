"""`sanpo questionnaire` as an operator types it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from assessments import questionnaires
from assessments.models import AuditEvent, QuestionnaireVersion
from portal import schema
from portal.cli import main
from portal.db import Database
from tests.factories import QUESTIONNAIRE


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Database]:
    """An empty installation."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    yield database
    database.dispose()


def test_publishing_twice_adds_nothing_and_is_no_failure(installed: Database, tmp_path: Path) -> None:
    first, again = (_publish(installed, tmp_path, QUESTIONNAIRE) for _time in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "is published" in first.stdout
    assert "nothing new" in again.stdout
    with installed.reader() as session:
        assert len(session.scalars(select(QuestionnaireVersion)).all()) == 1
        assert [event.actor for event in session.scalars(select(AuditEvent))] == ["operator"]


def test_an_unknown_name_is_refused_in_one_line(installed: Database, tmp_path: Path) -> None:
    published = _publish(installed, tmp_path, "another")
    exported = CliRunner().invoke(main, ["questionnaire", "export", "another", "--json"])

    for answer in (published, exported):
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert answer.stderr == f"Error: no questionnaire 'another' is shipped; there is {QUESTIONNAIRE}\n"


def test_the_export_is_the_content_s_own(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["questionnaire", "export", QUESTIONNAIRE, "--json"])

    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == questionnaires.export(QUESTIONNAIRE)


def test_without_json_a_person_can_read_it() -> None:
    answer = CliRunner().invoke(main, ["questionnaire", "export", QUESTIONNAIRE])

    lines = answer.stdout.splitlines()
    assert lines[0] == f"name: {QUESTIONNAIRE}"
    assert len(lines) == 4 + len(questionnaires.export(QUESTIONNAIRE)["questions"])


@pytest.mark.slow
def test_the_export_opens_no_database_and_makes_no_directory(tmp_path: Path) -> None:
    nowhere = tmp_path / "data"
    environment = os.environ | {
        "SANPO_DATA_DIR": str(nowhere),
        "SANPO_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        "SANPO_PORT": "not a port",
    }

    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "questionnaire", "export", QUESTIONNAIRE, "--json"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout)["name"] == QUESTIONNAIRE
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def _publish(installed: Database, data_dir: Path, name: str) -> Result:
    environment = {"SANPO_DATA_DIR": str(data_dir), "SANPO_DATABASE_URL": installed.url}
    return CliRunner().invoke(main, ["questionnaire", "publish", name], env=environment)
