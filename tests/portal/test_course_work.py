"""What the schedule does with campaigns at every look."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import waves
from assessments.models import Job, Organisation
from portal import course_work
from portal.db import Database
from tests import factories


@pytest.mark.database
def test_a_campaign_that_fails_keeps_none_of_the_others(
    session: Session, buyer: Organisation, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = (_due_to_start(session) for _ in range(2))
    start = waves.start

    def fails_once(session: Session, campaign_id: int, *facts: Any, **more: Any) -> Job | None:
        assert campaign_id != broken, "this one is beyond help"
        return start(session, campaign_id, *facts, **more)

    monkeypatch.setattr(waves, "start", fails_once)

    course_work.start_due(database)

    assert session.scalars(select(Job.subject_id)).all() == [sound]


def _due_to_start(session: Session) -> int:
    due = factories.due_campaign(session)
    factories.assessment(session, due, factories.supplier(session))
    session.commit()
    return due.id
