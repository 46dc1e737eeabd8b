"""Business days and office hours of the buyer, in its own zone: what leaves by itself leaves then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import audit, organisations
from assessments.calendar_content import calendar_content
from assessments.models import OfficeHours, Organisation

A_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST_BREAK = timedelta(days=31)
MOST_BREAKS = 30
Span = tuple[date, date]


class BreakRefused(Exception):
    """A break ends before it begins, is longer than a month, or there are too many of them."""


class HoursRefused(Exception):
    """The office would close before it opens."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the buyer works; days are its own, moments are aware."""

    zone: ZoneInfo
    opens: time
    closes: time
    rests_at_new_year: bool = True
    breaks: tuple[Span, ...] = ()

    def day_of(self, moment: datetime) -> date:
        """Give the buyer's day of a moment."""
        return moment.astimezone(self.zone).date()

    def is_business_day(self, day: date) -> bool:
        """Tell whether the buyer works on a day: no weekend, public holiday, turn of the year, break."""
        return not (
            day.weekday() >= SATURDAY
            or day in _public_holidays(day.year)
            or (self.rests_at_new_year and _is_turn_of_year(day))
            or any(first <= day <= last for first, last in self.breaks)
        )

    def on_or_after(self, day: date) -> date:
        """Give the first business day from a day on."""
        while not self.is_business_day(day):
            day += A_DAY
        return day

    def after(self, day: date, count: int) -> date:
        """Give the business day that is `count` business days after a day."""
        for _ in range(count):
            day = self.on_or_after(day + A_DAY)
        return day

    def before(self, day: date, count: int) -> date:
        """Give the business day that is `count` business days before a day."""
        for _ in range(count):
            day -= A_DAY
            while not self.is_business_day(day):
                day -= A_DAY
        return day

    def opening(self, day: date) -> datetime:
        """Give the moment at which the office opens on a day."""
        return datetime.combine(day, self.opens, self.zone).astimezone(UTC)

    def closing(self, day: date) -> datetime:
        """Give the moment at which the office closes on a day."""
        return datetime.combine(day, self.closes, self.zone).astimezone(UTC)

    def is_open(self, moment: datetime) -> bool:
        """Tell whether a moment lies within office hours."""
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime:
        """Give the moment itself within office hours, else the next opening."""
        day = self.on_or_after(self.day_of(moment))
        if moment >= self.closing(day):
            day = self.on_or_after(day + A_DAY)
        return max(moment.astimezone(UTC), self.opening(day))


def of_buyer(session: Session) -> Calendar:
    """Give the buyer's calendar: its own settings, or the usual ones before anybody set them."""
    organisation = organisations.in_force(session)
    hours = hours_of(session) or usual_hours()
    return Calendar(
        zone=ZoneInfo(organisation.time_zone),
        opens=hours.opens_at,
        closes=hours.closes_at,
        rests_at_new_year=hours.rests_at_new_year,
        breaks=hours.spans(),
    )


def hours_of(session: Session) -> OfficeHours | None:
    """Give the settings somebody made, or None."""
    return session.scalar(select(OfficeHours).order_by(OfficeHours.id).limit(1))


def usual_hours() -> OfficeHours:
    """Give the usual settings, which are no row."""
    usual = calendar_content()
    return OfficeHours(opens_at=usual.opens, closes_at=usual.closes, rests_at_new_year=True, breaks=[])


def change(
    session: Session,
    organisation: Organisation,
    *,
    opens: time,
    closes: time,
    rests_at_new_year: bool,
    breaks: Sequence[Span],
    now: datetime,
    by: str,
) -> OfficeHours:
    """Set office hours and the company's own breaks. Raises HoursRefused, BreakRefused."""
    if opens >= closes:
        raise HoursRefused
    if len(breaks) > MOST_BREAKS or any(
        not timedelta(0) <= last - first <= LONGEST_BREAK for first, last in breaks
    ):
        raise BreakRefused
    hours = hours_of(session) or OfficeHours(organisation_id=organisation.id)
    hours.opens_at, hours.closes_at, hours.rests_at_new_year = opens, closes, rests_at_new_year
    hours.breaks = [[first.isoformat(), last.isoformat()] for first, last in sorted(breaks)]
    session.add(hours)
    session.flush()
    audit.record(
        session,
        now=now,
        actor=by,
        action="organisation.changed",
        object_kind="organisation",
        object_id=str(organisation.id),
        details={"fields": ["office_hours"]},
    )
    return hours


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(calendar_content().country, years=year))


def _is_turn_of_year(day: date) -> bool:
    first, last = calendar_content().new_year
    return (day.month, day.day) >= first or (day.month, day.day) <= last
