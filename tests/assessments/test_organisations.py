"""The buyer's own facts: neutral words first, then what an administrator wrote down."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import organisations
from assessments.models import AuditEvent, Organisation
from tests import factories
from tests.factories import NOW

FACTS = {
    "name": "株式会社東都製作所",
    "name_en": "Toto Seisakusho Co., Ltd.",
    "genuine_contact": "購買部 代表 03-0000-0000",
    "privacy_contact": "個人情報相談窓口 03-0000-0001",
    "complaint_contact": "取引先相談窓口 03-0000-0002",
}


@pytest.mark.database
def test_the_first_change_makes_the_organisation(session: Session) -> None:
    made = organisations.change(session, FACTS, now=NOW, by="somebody")
    session.commit()

    assert organisations.standing(session) is made
    assert (made.time_zone, made.needs_campaign_approval, made.is_demo) == ("Asia/Tokyo", True, False)


def test_only_what_changed_is_noted(session: Session) -> None:
    organisations.change(session, FACTS, now=NOW, by="somebody")
    organisations.change(session, FACTS | {"name": "東都製作所株式会社"}, now=NOW, by="somebody")
    organisations.change(session, FACTS | {"name": "東都製作所株式会社"}, now=NOW, by="somebody")

    noted = [line.details for line in session.scalars(select(AuditEvent).order_by(AuditEvent.sequence))]
    assert noted[1:] == [{"fields": ["name"]}]
    assert session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_before_that_neutral_words_are_in_force_and_no_row(session: Session) -> None:
    neutral = organisations.in_force(session)
    session.flush()

    assert neutral.name == "発注企業"
    assert neutral.needs_campaign_approval
    assert organisations.standing(session) is None


def test_the_neutral_words_leave_nothing_out(session: Session) -> None:
    made = factories.organisation(session)
    columns = [column.name for column in Organisation.__table__.columns if column.name != "id"]

    neutral = organisations.in_force(session)
    assert neutral is made
    session.delete(made)
    session.flush()
    assert not [name for name in columns if getattr(organisations.in_force(session), name) is None]
