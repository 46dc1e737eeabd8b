"""The one place that reads the clock, and the buyer's own day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """Give the present day in a zone."""
    return now().astimezone(ZoneInfo(zone)).date()
