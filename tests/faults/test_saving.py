"""What the page called saved stands, whoever died meanwhile. `make faults` saves ten thousand answers."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Answer
from portal.db import Database
from tests import answering
from tests.faults import runs, saving
from tests.faults.saving import Saved

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_an_answer_that_was_called_saved_outlives_kills(tmp_path: Path) -> None:
    report = runs.saving_on_one_machine(tmp_path, runs.SHORT_SAVING, seed=1)

    assert report.saves == runs.SHORT_SAVING.saves
    assert sum(report.kills.values()) == runs.SHORT_SAVING.kills
    assert not report.lost, report


def test_a_save_that_does_not_stand_is_seen(database: Database, session: Session) -> None:
    mine, _invitation = answering.invited(session)
    by = answering.person(session)
    answering.answer_all(session, mine, by)
    session.commit()
    stands = session.scalars(select(Answer).limit(1)).one()
    said = Saved(stands.assessment_id, stands.question_id, stands.revision, stands.comment)

    assert saving.missing(database, [said]) == []
    for other in (replace(said, version=2), replace(said, comment="別の言葉")):
        assert other in saving.missing(database, [other])
