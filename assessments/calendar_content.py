"""The usual office hours, days of rest and pace of reminders, before the buyer says otherwise."""

from dataclasses import dataclass
from datetime import time
from functools import cache

from assessments.content_files import read_yaml

MonthDay = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reminders:
    """Business days to the first reminder and between them, how many, and the last before the due date."""

    first_after: int
    then_every: int
    at_most: int
    final_before: int


@dataclass(frozen=True, slots=True)
class CalendarContent:
    """`country` names the public holidays; `new_year` are the first and last (month, day) of the rest."""

    country: str
    opens: time
    closes: time
    new_year: tuple[MonthDay, MonthDay]
    reminders: Reminders
    most_days: int
    most_times: int
    most_per_day: int


@cache
def calendar_content() -> CalendarContent:
    """Give the content."""
    raw = read_yaml("calendar.yaml")
    return CalendarContent(
        country=raw["country"],
        opens=time.fromisoformat(raw["office"]["opens"]),
        closes=time.fromisoformat(raw["office"]["closes"]),
        new_year=(_month_day(raw["new_year"]["first"]), _month_day(raw["new_year"]["last"])),
        reminders=Reminders(**raw["reminders"]),
        most_days=raw["limits"]["days"],
        most_times=raw["limits"]["times"],
        most_per_day=raw["limits"]["per_day"],
    )


def _month_day(written: str) -> MonthDay:
    month, day = written.split("-")
    return int(month), int(day)
