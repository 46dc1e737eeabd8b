"""A pool of suppliers that answered, some weeks ago, for tests of what they see of one another."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assessments import questionnaires, reading
from assessments.models import Assessment, Campaign
from assessments.pool.loading import staff_key
from assessments.questionnaire_content import Content
from tests import factories, supply_chain


def join(
    session: Session,
    campaign: Campaign,
    codes: Sequence[str],
    *,
    at: datetime,
    staff: str | None = "concurrent",
    heads_said: int | None = None,
    axes: Sequence[str] = ("cyber", "secrets", "executive"),
    **supplier: Any,
) -> list[Assessment]:
    """One supplier a code, that gave it to every question asked, and these facts of its profile."""
    content = questionnaires.published(session, campaign.version_id).content
    profile: dict[str, Any] = {staff_key(): {"code": staff, "other": ""}} if staff else {}
    profile |= _heads(content, heads_said)
    made = []
    for number, code in enumerate(codes):
        one = factories.supplier(session, f"同業{code}{number}", **supplier)
        assessment = factories.assessment(session, campaign, one, axes=list(axes))
        said = supply_chain.say(content, default=code)
        supply_chain.submit(session, assessment, said, at=at, profile=profile)
        made.append(assessment)
    session.flush()
    return made


def again(
    session: Session, one: Assessment, code: str, *, at: datetime, heads_said: int | None = None
) -> None:
    """The same supplier answers once more."""
    content = questionnaires.published(session, one.version_id).content
    said, profile = supply_chain.say(content, default=code), _heads(content, heads_said)
    supply_chain.submit(session, one, said, at=at, number=2, profile=profile)


def _heads(content: Content, said: int | None) -> dict[str, Any]:
    """The profile of a firm that tells so many people."""
    counted = reading.head_count_question(content)
    assert counted is not None
    return {counted.key: said} if said is not None else {}
