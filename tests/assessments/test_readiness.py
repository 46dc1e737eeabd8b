"""What one set of answers says of the public schemes, and what a supplier declared."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assessments import declarations, readiness
from assessments.declarations import DayToCome, NotADeclarationId, NotAWebAddress, NothingToCheck, Told
from assessments.models import AuditEvent, RecordIsFixed, SecurityActionDeclaration, Supplier, User
from assessments.questionnaire_content import Content, read
from assessments.readiness import Crosswalk, NotAsked, Step
from scoring.crosswalk import Reach
from tests import factories
from tests.factories import NOW

TODAY = date(2026, 11, 21)
TWO_STARS = Told(2, "50123456789", date(2026, 5, 1), "https://aoba.example/policy")


@pytest.fixture(scope="module")
def content() -> Content:
    return read("sanpo-2026")


@pytest.fixture
def aoba(session: Session) -> Supplier:
    return factories.supplier(session)


@pytest.fixture
def keiko(session: Session) -> User:
    return factories.user(session)


def test_a_supplier_asked_only_the_basics_is_told_what_was_not_asked(content: Content) -> None:
    found = readiness.star3(content, said(content, "implemented", axes={"cyber"}))

    assert standing(found, "1-2-1") == (Reach.PARTLY, None)
    assert standing(found, "2-1-4") == (Reach.PARTLY, None)
    assert standing(found, "4-4-1") == (Reach.NOT_ASKED, NotAsked.UNTOUCHED)
    assert found.remaining == 26 - found.count(Reach.DECLARED)
    assert sum(found.count(reach) for reach in Reach) == 26


def test_a_requirement_of_a_part_not_asked_says_so(content: Content) -> None:
    found = readiness.star3(content, said(content, "implemented", axes={"executive"}))

    assert standing(found, "4-3-4") == (Reach.NOT_ASKED, NotAsked.THIS_TIME)
    assert standing(found, "1-2-1") == (Reach.DECLARED, None)


def test_what_a_firm_does_not_have_gives_no_standing(content: Content) -> None:
    answers = said(content, "implemented")
    services = [one for one in content.scored if "3-1-3" in one.requirements["direct"]]
    found = readiness.star3(content, answers | {one.key: "absent" for one in services})

    assert standing(found, "3-1-3") == (Reach.NOT_ASKED, NotAsked.ABSENT)


def test_without_any_measure_nothing_is_reached(content: Content) -> None:
    found = readiness.star3(content, said(content, "not_planned"))

    assert found.count(Reach.NOT_YET) == 25
    assert found.remaining == 26


def test_the_basics_follow_the_answers(content: Content) -> None:
    ready = readiness.security_action(content, said(content, "partial"), None)

    assert {one.step for one in ready.basics} == {Step.PARTLY}
    assert ready.begun == 6
    assert (ready.self_check, ready.policy_set, ready.policy_published) == (
        Step.DONE, Step.PARTLY, Step.MISSING,
    )  # fmt: skip
    assert ready.missing_for_two == 2


def test_without_the_president_s_part_only_a_published_policy_tells(content: Content) -> None:
    answers = said(content, "implemented", axes={"cyber"})
    published = SecurityActionDeclaration(star=0, policy_url="https://aoba.example/policy")

    assert readiness.security_action(content, answers, None).policy_set is Step.NOT_ASKED
    assert readiness.security_action(content, answers, published).missing_for_two == 0


def test_without_answers_nothing_is_known(content: Content) -> None:
    ready = readiness.security_action(content, {}, None)

    assert {one.step for one in ready.basics} == {Step.NOT_ASKED}
    assert ready.self_check is Step.NOT_ASKED


@pytest.mark.database
def test_what_was_told_last_counts_and_all_of_it_is_kept(
    session: Session, aoba: Supplier, keiko: User
) -> None:
    tell(session, aoba, keiko, Told(1, "", date(2024, 6, 1), ""))
    told = tell(session, aoba, keiko, TWO_STARS)

    assert declarations.current(session, aoba.id) is told
    assert len(session.scalars(select(SecurityActionDeclaration)).all()) == 2
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert (event.action, event.details) == ("security_action.told", {"star": 2})


def test_a_check_stays_with_the_same_star_and_falls_with_another(
    session: Session, aoba: Supplier, keiko: User
) -> None:
    tell(session, aoba, keiko, TWO_STARS)
    declarations.check(session, aoba, now=NOW, today=TODAY, by=keiko)

    moved = tell(session, aoba, keiko, Told(2, "50123456789", date(2026, 5, 1), "https://aoba.example/new"))
    other = tell(session, aoba, keiko, Told(1, "50123456789", date(2026, 5, 1), ""))

    assert moved.checked_on == TODAY
    assert other.checked_on is None


def test_who_declared_nothing_cannot_be_looked_up(session: Session, aoba: Supplier, keiko: User) -> None:
    tell(session, aoba, keiko, Told(0, "", None, "https://aoba.example/policy"))

    with pytest.raises(NothingToCheck):
        declarations.check(session, aoba, now=NOW, today=TODAY, by=keiko)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(1, "12345678901", TODAY, ""), NotADeclarationId),
        (Told(1, "", TODAY + timedelta(days=1), ""), DayToCome),
        (Told(0, "", None, "ftp://aoba.example/policy"), NotAWebAddress),
        (Told(0, "", None, "https://aoba"), NotAWebAddress),
        (Told(0, "", None, "https://[aoba.example"), NotAWebAddress),
        (Told(0, "", None, "https://aoba.example/" + "x" * 500), NotAWebAddress),
    ],
)
def test_what_cannot_be_is_refused(
    session: Session, aoba: Supplier, keiko: User, told: Told, error: type[Exception]
) -> None:
    with pytest.raises(error):
        tell(session, aoba, keiko, told)


@pytest.mark.database
def test_a_star_without_its_day_cannot_be_stored(session: Session, aoba: Supplier, keiko: User) -> None:
    session.add(
        SecurityActionDeclaration(supplier_id=aoba.id, star=1, recorded_by_id=keiko.id, recorded_at=NOW)
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_what_was_told_is_never_edited(session: Session, aoba: Supplier, keiko: User) -> None:
    kept = tell(session, aoba, keiko, TWO_STARS)
    kept.star = 1

    with pytest.raises(RecordIsFixed):
        session.flush()


def test_stars_are_counted_by_what_was_told_last(session: Session, aoba: Supplier, keiko: User) -> None:
    umeda = factories.stranger(session)
    tell(session, aoba, keiko, Told(1, "", TODAY, ""))
    tell(session, aoba, keiko, TWO_STARS)
    tell(session, umeda, keiko, Told(1, "", TODAY, ""))
    declarations.check(session, umeda, now=NOW, today=TODAY, by=keiko)

    both = declarations.count_stars(session, [aoba.id, umeda.id])
    ours = declarations.count_stars(session, [aoba.id])

    assert (both.one, both.two, both.checked) == (1, 1, 1)
    assert (ours.one, ours.two, ours.checked) == (0, 1, 0)


def tell(session: Session, supplier: Supplier, by: User, told: Told) -> SecurityActionDeclaration:
    return declarations.tell(session, supplier, told, now=NOW, today=TODAY, by=by)


def said(content: Content, code: str, axes: set[str] | None = None) -> dict[str, str]:
    return {one.key: code for one in content.scored if axes is None or one.axis in axes}


def standing(found: Crosswalk, requirement: str) -> tuple[Reach, NotAsked | None]:
    (line,) = [one for one in found.lines if one.requirement.id == requirement]
    return line.reach, line.not_asked
