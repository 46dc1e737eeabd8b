"""The star expected of a relationship: decided with a reason, counted wherever it shows, taken back."""

from datetime import date

import pytest
from sqlalchemy import true
from sqlalchemy.orm import Session

from assessments import draft_check, stars
from assessments.chain import loading
from assessments.chain.listing import has_too_many_stars, lines
from assessments.chain.picture import Picture, Wanted, view
from assessments.models import Campaign, CampaignState, RecordIsFixed, Relationship, StarOverride
from assessments.stars import NoReasonGiven, NotAStar, NothingDecided
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database


def test_a_decided_star_stands_in_place_of_the_reckoned_one(session: Session) -> None:
    between = related(session, confidentiality=5)
    assert star(session) == 4

    decide(session, between, 3)

    assert star(session) == 3
    stars.take_back(session, between, reason="元に戻ったため", now=NOW, by=factories.user(session))
    assert star(session) == 4
    assert [one.star for one in stars.history(session, between)] == [None, 3]


def test_it_counts_without_exposures_too(session: Session) -> None:
    between = related(session, confidentiality=None)
    assert star(session) is None

    decide(session, between, 4)

    assert star(session) == 4


def test_each_relationship_has_its_own(session: Session) -> None:
    between = related(session)
    unit = factories.unit(session)
    factories.relationship(session, between.supplier, business_unit_id=unit.id)

    decide(session, between, 4)

    assert list(stars.of_supplier(session, between.supplier)) == [between.business_unit_id]
    assert stars.decided(session) == {(between.supplier_id, between.business_unit_id): 4}


def test_what_has_no_reason_or_no_sense_is_refused(session: Session) -> None:
    between, by = related(session), factories.user(session)

    with pytest.raises(NoReasonGiven):
        stars.decide(session, between, 4, reason=" ", now=NOW, by=by)
    with pytest.raises(NotAStar):
        stars.decide(session, between, 5, reason="理由", now=NOW, by=by)
    with pytest.raises(NothingDecided):
        stars.take_back(session, between, reason="理由", now=NOW, by=by)


def test_a_decision_is_never_edited(session: Session) -> None:
    made = decide(session, related(session), 4)
    made.star = 3

    with pytest.raises(RecordIsFixed):
        session.flush()
    session.rollback()


def test_decided_stars_count_towards_the_warning(session: Session) -> None:
    campaign = factories.campaign(session, state=CampaignState.DRAFT, opened_at=None)
    between = [related(session) for _number in range(3)]
    for one in between:
        factories.assessment(session, campaign, one.supplier)
    assert (high(session, campaign), has_too_many_stars(picture(session))) == ((0, False), False)

    decide(session, between[0], 4)

    assert (high(session, campaign), has_too_many_stars(picture(session))) == ((1, True), True)
    decide(session, between[0], 3)
    assert (high(session, campaign), has_too_many_stars(picture(session))) == ((0, False), False)


def related(session: Session, **exposures: int | None) -> Relationship:
    """What 全社 has with a supplier of its own."""
    factories.version(session)
    return factories.relationship(session, factories.supplier(session), **exposures)


def decide(session: Session, between: Relationship, number: int) -> StarOverride:
    """Expect a star of a relationship."""
    return stars.decide(session, between, number, reason="取引の見直し", now=NOW, by=factories.user(session))


def picture(session: Session) -> Picture:
    """The whole chain."""
    chain = loading.load(session)
    assert chain is not None
    return view(chain, Wanted(), now=NOW)


def star(session: Session) -> int | None:
    """The star of the first supplier as lists show it."""
    return lines(picture(session), [0], axis="cyber")[0].expected_star


def high(session: Session, campaign: Campaign) -> tuple[int, bool]:
    """How many of a draft's suppliers ★4 fits, and whether that is too many."""
    found = draft_check.check(session, campaign, scope=true(), now=NOW, today=date(2026, 11, 21))
    return found.high, found.is_mostly_high
