"""Opening a campaign of many: short transactions, and each mail has its moment before any may leave."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from assessments import campaigns, courses
from assessments.models import AdvanceNotice, Campaign, CampaignState, JobState, Message
from portal import campaign_work, clock, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories

SUPPLIERS, PER_DAY = 7, 3


@pytest.fixture
def draft(session: Session) -> Campaign:
    """Seven suppliers to ask, three a business day, each with a notice the day before."""
    made = factories.campaign(
        session,
        state=CampaignState.APPROVED,
        opened_at=None,
        due_on=clock.today("Asia/Tokyo") + timedelta(days=60),
        purpose="一緒に守るため",
    )
    session.add(AdvanceNotice(campaign_id=made.id, business_days=1))
    courses.made(session, made).per_day = PER_DAY
    for _ in range(SUPPLIERS):
        supplier = factories.supplier(session)
        factories.contact(session, supplier)
        factories.assessment(session, made, supplier)
    return made


@pytest.mark.database
def test_moments_are_written_a_chunk_a_transaction(
    session: Session, database: Database, settings: Settings, draft: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_work, "CHUNK", 4)
    job = campaigns.open_(session, draft, now=clock.now(), by=None)
    session.commit()
    commits: list[int] = []
    event.listen(database.write_engine, "commit", lambda _connection: commits.append(1))

    assert tasks.run(database, settings, job.id) is JobState.DONE

    # Claimed, invited in one chunk, fourteen moments in four, opened.
    assert len(commits) == 1 + 1 + 4 + 1
    with database.reader() as reading:
        rows = reading.execute(
            select(Message.kind, Message.invitation_id, Message.due_at).order_by(Message.id)
        ).all()
    notices = {one: due for kind, one, due in rows if kind == "advance_notice"}
    letters = {one: due for kind, one, due in rows if kind == "invitation"}
    assert len(notices) == len(letters) == SUPPLIERS
    days = [due.date() for due in notices.values()]
    assert max(days.count(day) for day in days) <= PER_DAY
    assert all(letters[one] > notices[one] for one in letters)
