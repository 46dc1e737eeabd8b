"""The buyer's users: adding, roles, one-time links, suspending."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import passwords, users
from assessments.addresses import NotAnAddress
from assessments.models import AuditEvent, Membership, Message, Role, User
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS

BY = "operator"
SENTENCE = "裏庭の柿の木には雀が三羽とまっている"


def test_a_user_is_added_with_a_role(session: Session) -> None:
    user = users.add(session, " Keiko.Sato@Buyer.example ", Role.RISK, name="佐藤 恵子", now=NOW, by=BY)

    assert (user.email, user.name) == ("keiko.sato@buyer.example", "佐藤 恵子")
    assert [row.role for row in user.memberships] == [Role.RISK]
    assert _actions(session) == ["user.role_granted"]


def test_the_same_address_stays_one_user_with_both_roles(session: Session) -> None:
    first = users.add(session, "sato@buyer.example", Role.RISK, name="佐藤 恵子", now=NOW, by=BY)
    again = users.add(session, "ＳＡＴＯ@buyer.example", Role.ADMIN, name="別名", now=NOW, by=BY)

    assert again is first
    assert first.name == "佐藤 恵子"
    assert {row.role for row in first.memberships} == {Role.RISK, Role.ADMIN}


def test_a_role_already_held_is_not_doubled(session: Session) -> None:
    user = factories.user(session, Role.RISK)

    users.grant(session, user, Role.RISK, now=NOW, by=BY)

    assert len(user.memberships) == 1
    assert _actions(session) == []


def test_a_role_in_one_unit_stands_beside_the_role_in_all(session: Session) -> None:
    user, unit = factories.user(session, Role.RISK), factories.unit(session)

    users.grant(session, user, Role.RISK, unit_id=unit.id, now=NOW, by=BY)

    assert [row.business_unit_id for row in user.memberships] == [None, unit.id]


@pytest.mark.parametrize("typed", ["", "sato", "a@b@c.example", "sato@buyer.example, ito@buyer.example"])
def test_what_cannot_be_written_to_is_refused(session: Session, typed: str) -> None:
    with pytest.raises(NotAnAddress):
        users.add(session, typed, Role.RISK, name="", now=NOW, by=BY)


def test_a_role_is_taken_away(session: Session) -> None:
    user = factories.user(session, Role.RISK, Role.LEGAL)

    users.revoke(session, user, user.memberships[0], now=NOW, by=BY)

    assert session.scalars(select(Membership.role)).all() == [Role.LEGAL]
    assert _actions(session) == ["user.role_revoked"]


def test_the_last_administrator_stays(session: Session) -> None:
    last = factories.user(session, Role.ADMIN)
    factories.user(session, Role.ADMIN, suspended_at=NOW)

    with pytest.raises(users.LastAdmin):
        users.revoke(session, last, last.memberships[0], now=NOW, by=BY)
    with pytest.raises(users.LastAdmin):
        users.suspend(session, last, now=NOW, by=BY)


def test_an_administrator_beside_another_may_leave(session: Session) -> None:
    leaving = factories.user(session, Role.ADMIN)
    factories.user(session, Role.ADMIN)

    users.revoke(session, leaving, leaving.memberships[0], now=NOW, by=BY)

    assert leaving.memberships == []


def test_one_of_two_admin_rows_of_the_last_administrator_may_go(session: Session) -> None:
    last, unit = factories.user(session, Role.ADMIN), factories.unit(session)
    users.grant(session, last, Role.ADMIN, unit_id=unit.id, now=NOW, by=BY)

    users.revoke(session, last, last.memberships[1], now=NOW, by=BY)

    assert [row.business_unit_id for row in last.memberships] == [None]


def test_nobody_suspends_themselves(session: Session) -> None:
    me = factories.user(session, Role.ADMIN)
    factories.user(session, Role.ADMIN)

    with pytest.raises(users.NotForOneself):
        users.suspend(session, me, now=NOW, by=me.public_id)


def test_a_suspended_user_comes_back(session: Session) -> None:
    user = factories.user(session, Role.RISK)

    users.suspend(session, user, now=NOW, by=BY)
    shut_out_at = user.suspended_at
    users.resume(session, user, now=NOW, by=BY)

    assert (shut_out_at, user.suspended_at) == (NOW, None)
    assert _actions(session) == ["user.suspended", "user.resumed"]


@pytest.mark.database
def test_the_link_is_mailed_once_for_each_time_it_is_asked_for(session: Session) -> None:
    user = factories.user(session, Role.RISK)

    first = users.invite_to_enrol(session, user, now=NOW, by=BY)
    second = users.invite_to_enrol(session, user, now=NOW, by=BY)

    assert (first.kind, first.to_email, first.facts) == ("enrolment", user.email, {"enrolment": 1})
    assert first.send_key != second.send_key
    assert session.scalar(select(func.count()).select_from(Message)) == 2


def test_only_a_user_without_a_password_is_welcomed_by_mail(session: Session) -> None:
    new = factories.user(session, Role.RISK)
    known = factories.user(session, Role.RISK, password_hash="kept")

    assert users.welcome(session, new, now=NOW, by=BY) is not None
    assert users.welcome(session, known, now=NOW, by=BY) is None


def test_a_link_finds_its_user(session: Session) -> None:
    user = factories.user(session, Role.RISK)
    users.open_link(session, user, now=NOW, by=BY)

    assert _found(session, user, _token(user)) is user


def test_a_newer_link_kills_the_one_before(session: Session) -> None:
    user = factories.user(session, Role.RISK)
    users.open_link(session, user, now=NOW, by=BY)
    old = _token(user)

    users.open_link(session, user, now=NOW, by=BY)

    with pytest.raises(users.LinkIsDead):
        _found(session, user, old)


def test_a_link_dies_after_three_days(session: Session) -> None:
    user = factories.user(session, Role.RISK)
    users.open_link(session, user, now=NOW, by=BY)

    with pytest.raises(users.LinkIsDead):
        _found(session, user, _token(user), later=timedelta(days=3, seconds=1))


def test_a_link_dies_when_the_password_is_set(session: Session) -> None:
    user = factories.user(session, Role.RISK)
    users.open_link(session, user, now=NOW, by=BY)

    users.set_password(session, user, SENTENCE, totp_step=7, now=NOW, by=user.public_id)

    assert passwords.matches(SENTENCE, user.password_hash)
    assert user.totp_last_step == 7
    with pytest.raises(users.LinkIsDead):
        _found(session, user, _token(user))


def test_a_suspended_user_s_link_is_dead(session: Session) -> None:
    user = factories.user(session, Role.RISK)
    users.open_link(session, user, now=NOW, by=BY)
    users.suspend(session, user, now=NOW, by=BY)

    with pytest.raises(users.LinkIsDead):
        _found(session, user, _token(user))


@pytest.mark.parametrize("token", ["", "x", "合言葉", "A" * 43])
def test_a_wrong_token_finds_nobody(session: Session, token: str) -> None:
    user = factories.user(session, Role.RISK)
    users.open_link(session, user, now=NOW, by=BY)

    with pytest.raises(users.LinkIsDead):
        _found(session, user, token)


def test_the_trail_names_nobody(session: Session) -> None:
    user = users.add(session, "sato@buyer.example", Role.RISK, name="佐藤 恵子", now=NOW, by=BY)
    users.invite_to_enrol(session, user, now=NOW, by=BY)

    lines = session.scalars(select(AuditEvent)).all()

    assert {line.object_id for line in lines} == {user.public_id}
    assert "sato" not in str([(line.actor, line.details, line.object_kind) for line in lines])


def _token(user: User) -> str:
    return users.enrolment_path(KEYS, user).rsplit("/", 1)[1]


def _found(session: Session, user: User, token: str, later: timedelta = timedelta(0)) -> User:
    return users.find_by_link(session, KEYS, user.public_id, token, now=NOW + later)


def _actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))
