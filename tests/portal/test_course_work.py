"""What the schedule does with campaigns at every look."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import courses, waves
from assessments.models import CampaignState, Job, Organisation
from portal import clock, course_work
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
    """An approved campaign whose moment came a minute ago."""
    now = clock.now()
    campaign = factories.campaign(
        session,
        state=CampaignState.APPROVED,
        opened_at=None,
        approval="colleague",
        approved_at=now,
        due_on=now.date() + timedelta(days=60),
    )
    factories.assessment(session, campaign, factories.supplier(session))
    courses.made(session, campaign).starts_at = now - timedelta(minutes=1)
    session.commit()
    return campaign.id
