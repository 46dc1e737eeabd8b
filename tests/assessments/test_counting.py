"""When an old result stops counting: by the buyer's day, and on every page alike."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import true
from sqlalchemy.orm import Session

from assessments import questionnaires
from assessments.chain import loading
from assessments.chain.picture import Wanted, view
from assessments.counting import first_day, months_before, start
from assessments.rescoring import runs
from tests import factories, rescored, supply_chain

TOKYO = ZoneInfo("Asia/Tokyo")
# 8:30 in the morning of the 21st in Tokyo, the evening before in UTC.
EARLY = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
LAST_MINUTE = datetime(2028, 11, 21, 14, 59, tzinfo=UTC)
NEXT_DAY = datetime(2028, 11, 21, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2028, 11, 20, 14, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2028, 11, 20, 15, 0, tzinfo=UTC), date(2026, 11, 21)),
        (LAST_MINUTE, date(2026, 11, 21)),
        (NEXT_DAY, date(2026, 11, 22)),
    ],
)
def test_the_day_is_the_buyers(now: datetime, day: date) -> None:
    assert first_day(now, 24, TOKYO) == day


def test_a_day_begins_at_the_buyers_midnight() -> None:
    assert start(date(2026, 11, 21), TOKYO) == datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2028, 2, 29), 24, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 13, date(2024, 12, 15)),
    ],
)
def test_a_month_without_that_day_gives_its_last(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


@pytest.mark.database
@pytest.mark.parametrize(("now", "counts"), [(LAST_MINUTE, True), (NEXT_DAY, False)])
def test_the_picture_and_scoring_anew_stop_counting_at_once(
    session: Session, now: datetime, counts: bool
) -> None:
    aoba = factories.supplier(session)
    factories.relationship(session, aoba)
    assessment = factories.assessment(session, factories.campaign(session), aoba)
    content = questionnaires.published(session, assessment.version_id).content
    supply_chain.submit(session, assessment, rescored.said_without(content, 15), at=EARLY)
    rescored.choose(session, practice_1=95)
    chain = loading.load(session)
    assert chain is not None

    [moved] = runs.trial(session, true(), now=now).moved

    assert view(chain, Wanted(), now=now).has_result.tolist() == [counts]
    assert (moved.band_after is not None) == counts


@pytest.mark.database
def test_another_zone_has_another_edge(session: Session) -> None:
    aoba = factories.supplier(session)
    assessment = factories.assessment(session, factories.campaign(session), aoba)
    content = questionnaires.published(session, assessment.version_id).content
    supply_chain.submit(session, assessment, supply_chain.say(content), at=EARLY)
    factories.organisation(session, time_zone="UTC")
    chain = loading.load(session)
    assert chain is not None

    assert not view(chain, Wanted(), now=datetime(2028, 11, 21, 0, 0, tzinfo=UTC)).has_result.any()
