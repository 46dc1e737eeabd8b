"""How long a mail that was put off waits before it is tried again, and how often that may be."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from assessments import calendar
from assessments.models import Lane

MOST_ATTEMPTS, LONGEST_WAIT = 10, timedelta(hours=1)
# Four business days by the usual office hours: longer than a server's ill weekend.
PATIENT_ATTEMPTS, PATIENT_WAIT = 24, timedelta(hours=2)
# Many servers put off a first mail so: shorter waits belong to that try, also once the office has closed.
SHORT_WAIT = timedelta(minutes=30)
FIRST_WAIT = dict(zip(Lane, (timedelta(seconds=one) for one in (3, 30, 60)), strict=True))


def next_try(
    session: Session, attempts: int, lane: Lane, *, may_have_arrived: bool, now: datetime
) -> datetime | None:
    """Give when a mail tried so often is tried again, a campaign's within office hours; None for never.

    What may have arrived is tried again only while the server is sure to know its key, at whatever hour.
    """
    is_patient = lane is Lane.CAMPAIGN and not may_have_arrived
    most, longest = (PATIENT_ATTEMPTS, PATIENT_WAIT) if is_patient else (MOST_ATTEMPTS, LONGEST_WAIT)
    if attempts >= most:
        return None
    wait: timedelta = min(FIRST_WAIT[lane] * 2 ** min(attempts - 1, MOST_ATTEMPTS), longest)
    if is_patient and wait >= SHORT_WAIT:
        return calendar.of_buyer(session).next_open(now + wait)
    return now + wait
