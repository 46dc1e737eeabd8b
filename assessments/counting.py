"""From which of the buyer's days on a result counts: the one answer to when an old one stops."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

MONTHS = 12


def first_day(now: datetime, months: int, zone: ZoneInfo) -> date:
    """Give the buyer's day from which on a submission still counts, with results kept for so many months."""
    return months_before(now.astimezone(zone).date(), months)


def start(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day of the buyer's begins."""
    return datetime.combine(day, time(), zone)


def months_before(day: date, months: int) -> date:
    """Give the same day so many months earlier, or the last one that month has."""
    years, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    for number in range(day.day, day.day - 4, -1):
        try:
            return date(years, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
