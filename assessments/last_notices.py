"""The last notice before a due date: its key tells of which date, which may move while it waits."""

from datetime import date

from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Campaign, Message

FINAL = ":final-"


def ending(due_on: date) -> str:
    """Give how the send key of the last notice before a due date ends."""
    return f"{FINAL}{due_on.isoformat()}"


def last_before(send_key: str) -> date | None:
    """Give the due date before which a mail is the last notice; None for any other mail."""
    _subject, is_last, rest = send_key.partition(FINAL)
    return date.fromisoformat(rest.partition(":")[0]) if is_last else None


def take_back(session: Session, campaign: Campaign) -> int:
    """Take back the last notices of a campaign that wait, as when its due date moves; gives how many.

    The one before the new date has another key, and is planned in its time.
    """
    is_last = Message.send_key.like(f"%{FINAL}%")
    return outbox.cancel(session, (Message.campaign_id == campaign.id) & is_last)
