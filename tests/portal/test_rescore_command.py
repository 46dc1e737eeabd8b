"""`sanpo rescore` as an operator types it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from assessments import constants, questionnaires
from assessments.models import AssessmentResult
from portal import schema
from portal.cli import main
from portal.db import Database
from tests import factories, supply_chain


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Database]:
    """青葉鋳造 with a result that other constants lower."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    with database.writer.begin() as session:
        campaign = factories.campaign(session)
        content = questionnaires.published(session, campaign.version_id).content
        aoba = factories.supplier(session, code="A1")
        factories.relationship(session, aoba)
        said = supply_chain.say(content)
        own = [one for one in content.scored if one.axis == content.axes[0].key and not one.essential]
        said[own[-1].key] = supply_chain.answer("planned")
        supply_chain.submit(session, factories.assessment(session, campaign, aoba), said)
        constants.choose(
            session,
            content.model,
            {"practice_1": Decimal(100)},
            decided_by="委員会",
            decided_on=factories.NOW.date(),
            reason="見直し",
            today=factories.NOW.date(),
            now=factories.NOW,
            by=factories.user(session),
        )
    yield database
    database.dispose()


def test_a_dry_run_tells_and_writes_nothing(installed: Database, tmp_path: Path) -> None:
    tried = _rescore(tmp_path, "--dry-run")

    assert tried.exit_code == 0, tried.output
    assert "1 of 1 results would be scored anew, 1 move." in tried.stdout
    assert _results(installed) == 1


def test_it_scores_anew_once_and_tells_who_moves_and_why(installed: Database, tmp_path: Path) -> None:
    told, again = (_json(tmp_path) for _time in range(2))

    assert told == {
        "results": 1,
        "rescored": 1,
        "moved": [
            {
                "supplier": "A1",
                "name": "株式会社青葉鋳造",
                "axes": {"cyber": {"before": 3, "after": 2}},
                "lenses": {},
                "domains": {"organisation": {"before": 3, "after": 2}},
                "official_score": {"before": 96, "after": 96},
                "band_before": "moderate",
                "band_after": "moderate",
                "why": [{"constant": "practice", "place": 1, "was": 80, "becomes": 100}],
            }
        ],
    }
    assert again == {"results": 1, "rescored": 0, "moved": []}
    assert _results(installed) == 2


def test_a_table_is_readable(installed: Database, tmp_path: Path) -> None:
    told = _rescore(tmp_path)

    first, last = told.stdout.splitlines()
    assert first.split("\t")[:3] == ["A1", "株式会社青葉鋳造", "cyber 3 -> 2, organisation 3 -> 2"]
    assert last == "1 of 1 results were scored anew, 1 move."


def _rescore(tmp_path: Path, *arguments: str) -> Result:
    environment = {
        "SANPO_DATA_DIR": str(tmp_path),
        "SANPO_DATABASE_URL": f"sqlite:///{tmp_path / 'sanpo.db'}",
    }
    return CliRunner().invoke(main, ["rescore", *arguments], env=environment)


def _json(tmp_path: Path) -> Any:
    answer = _rescore(tmp_path, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def _results(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(select(func.count()).select_from(AssessmentResult)) or 0
