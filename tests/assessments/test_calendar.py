"""Business days and office hours: weekends, holidays, the turn of the year, breaks, daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import calendar
from assessments.calendar import Calendar
from assessments.calendar_content import calendar_content
from assessments.models import AuditEvent
from tests import factories
from tests.factories import NOW

TOKYO = ZoneInfo("Asia/Tokyo")
BREAK = (date(2027, 8, 9), date(2027, 8, 13))
OFFICE = Calendar(TOKYO, time(9), time(17), breaks=(BREAK,))
NEW_YORK = Calendar(ZoneInfo("America/New_York"), time(9), time(17))
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 11, 23), False),  # Labour Thanksgiving
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2027, 3, 22), False),  # the day instead of an equinox on a Sunday
        (date(2028, 2, 29), True),  # a leap day is a Tuesday like any other
        (date(2027, 8, 9), False),
        (date(2027, 8, 13), False),
        (date(2027, 8, 16), True),
    ],
)
def test_the_buyer_rests_on_weekends_holidays_and_in_breaks(day: date, works: bool) -> None:
    assert OFFICE.is_business_day(day) is works


def test_a_buyer_may_work_at_the_turn_of_the_year() -> None:
    working = Calendar(TOKYO, time(9), time(17), rests_at_new_year=False)

    assert working.is_business_day(date(2026, 12, 29))
    assert not working.is_business_day(date(2027, 1, 1))


@given(DAYS, st.integers(1, 40))
def test_days_counted_forward_are_as_many_business_days(day: date, count: int) -> None:
    later = OFFICE.after(day, count)

    between = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    assert sum(OFFICE.is_business_day(one) for one in between) == count
    assert OFFICE.is_business_day(later)


@given(DAYS, st.integers(1, 40))
def test_days_counted_back_and_forward_meet(day: date, count: int) -> None:
    start = OFFICE.on_or_after(day)

    assert OFFICE.after(OFFICE.before(start, count), count) == start


MOMENTS = st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(MOMENTS)
def test_the_next_open_moment_is_now_or_an_opening(moment: datetime) -> None:
    found = NEW_YORK.next_open(moment)

    assert found >= moment
    assert NEW_YORK.is_open(found)
    assert found == moment or found.astimezone(NEW_YORK.zone).time() == time(9)
    if found != moment:
        assert not NEW_YORK.is_open(moment)


def test_office_hours_follow_daylight_saving() -> None:
    assert NEW_YORK.opening(date(2027, 3, 12)) == datetime(2027, 3, 12, 14, tzinfo=UTC)
    assert NEW_YORK.opening(date(2027, 3, 15)) == datetime(2027, 3, 15, 13, tzinfo=UTC)


def test_before_anybody_set_hours_the_usual_ones_hold(session: Session) -> None:
    factories.organisation(session)

    found, usual = calendar.of_buyer(session), calendar_content()

    assert (found.zone, found.opens, found.closes) == (TOKYO, usual.opens, usual.closes)
    assert found.breaks == ()


def test_hours_set_once_are_changed_the_next_time_and_noted(session: Session) -> None:
    buyer = factories.organisation(session)

    for opens in (8, 10):
        calendar.change(
            session,
            buyer,
            opens=time(opens),
            closes=time(16),
            rests_at_new_year=False,
            breaks=[BREAK],
            now=NOW,
            by="somebody",
        )

    assert calendar.of_buyer(session) == Calendar(TOKYO, time(10), time(16), False, (BREAK,))
    noted = session.scalars(select(AuditEvent)).all()
    assert [event.details for event in noted] == [{"fields": ["office_hours"]}] * 2


@pytest.mark.parametrize(
    ("closes", "spans", "refused"),
    [
        (time(8), [], calendar.HoursRefused),
        (time(17), [(date(2027, 8, 13), date(2027, 8, 9))], calendar.BreakRefused),
        (time(17), [(date(2027, 1, 1), date(2027, 12, 31))], calendar.BreakRefused),
        (time(17), [BREAK] * 31, calendar.BreakRefused),
    ],
)
def test_hours_and_breaks_that_make_no_sense_are_refused(
    session: Session, closes: time, spans: list[calendar.Span], refused: type[Exception]
) -> None:
    buyer = factories.organisation(session)

    with pytest.raises(refused):
        calendar.change(
            session,
            buyer,
            opens=time(9),
            closes=closes,
            rests_at_new_year=True,
            breaks=spans,
            now=NOW,
            by="somebody",
        )
