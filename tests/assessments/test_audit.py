"""The trail: chained lines that show when one was changed or taken out."""

from datetime import timedelta, timezone

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assessments import audit
from assessments.models import AuditEvent, Role, Supplier
from assessments.models.base import RecordIsFixed
from tests import factories
from tests.factories import NOW


@pytest.mark.database
def test_lines_are_numbered_and_chained(session: Session) -> None:
    first, second, third = _three_lines(session)

    assert [first.sequence, second.sequence, third.sequence] == [1, 2, 3]
    assert first.previous_hash == "0" * 64
    assert second.previous_hash == first.hash
    assert audit.first_broken_line(session) is None
    assert audit.count(session) == 3


def test_an_empty_trail_is_whole(session: Session) -> None:
    assert audit.first_broken_line(session) is None
    assert audit.count(session) == 0


def test_a_line_is_never_changed(session: Session) -> None:
    first, *_others = _three_lines(session)
    first.action = "something_else"

    with pytest.raises(RecordIsFixed):
        session.flush()


def test_a_line_is_never_taken_out(session: Session) -> None:
    first, *_others = _three_lines(session)
    session.delete(first)

    with pytest.raises(RecordIsFixed):
        session.flush()


@pytest.mark.database
@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody else"},
        {"action": "something_else"},
        {"object_id": "another"},
        {"details": {"fields": []}},
        {"at": NOW + timedelta(seconds=1)},
        {"hash": "0" * 64},
        {"previous_hash": "f" * 64},
    ],
)
def test_a_line_changed_behind_our_back_is_found(session: Session, change: dict[str, object]) -> None:
    _three_lines(session)
    session.execute(update(AuditEvent).where(AuditEvent.sequence == 2).values(change))
    session.expire_all()

    assert audit.first_broken_line(session) == 2


def test_a_line_missing_in_the_middle_is_found(session: Session) -> None:
    _three_lines(session)
    session.execute(delete(AuditEvent).where(AuditEvent.sequence == 2))

    assert audit.first_broken_line(session) == 3


def test_an_act_is_noted_with_its_record_and_its_person(session: Session) -> None:
    campaign, person = factories.campaign(session), factories.user(session, Role.PROCUREMENT)

    audit.note(session, campaign, "campaign.edited", now=NOW, by=person, fields=["message"])

    line = session.scalars(select(AuditEvent)).one()
    assert (line.object_kind, line.object_id) == ("campaign", campaign.public_id)
    assert (line.actor, line.details) == (person.public_id, {"fields": ["message"]})


def test_an_act_of_no_person_is_noted_under_its_name(session: Session) -> None:
    audit.note(session, factories.supplier(session), "supplier.updated", now=NOW, by=audit.OPERATOR)

    assert session.scalars(select(AuditEvent.actor)).all() == ["operator"]


def test_a_record_just_made_is_noted_by_its_public_id(session: Session) -> None:
    made = Supplier(name="株式会社青葉鋳造", search_text="", created_at=NOW, updated_at=NOW)
    session.add(made)

    audit.note(session, made, "supplier.created", now=NOW, by=audit.SYSTEM)

    assert session.scalars(select(AuditEvent.object_id)).all() == [made.public_id]


@pytest.mark.database
def test_the_chain_survives_the_way_through_the_database(session: Session) -> None:
    tokyo = timezone(timedelta(hours=9))
    audit.record(
        session,
        now=NOW.astimezone(tokyo) + timedelta(microseconds=123),
        actor="operator",
        action="organisation.changed",
        object_kind="organisation",
        object_id="1",
        details={"fields": ["name", "name_en"], "count": 2},
    )
    session.commit()
    session.expire_all()

    assert audit.first_broken_line(session) is None


def _three_lines(session: Session) -> list[AuditEvent]:
    for number in range(3):
        audit.record(
            session,
            now=NOW + timedelta(minutes=number),
            actor="operator",
            action="user.role_granted",
            object_kind="user",
            object_id=f"user-{number}",
            details={"role": "risk"},
        )
    return list(session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)))
