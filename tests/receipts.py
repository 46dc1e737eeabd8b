"""Mails of a supplier's receipt, queued by name, for whoever tries how mail leaves."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Lane
from assessments.tokens import fingerprint, link_token
from portal import clock
from tests import factories
from tests.fixtures_app import KEYS

PUBLIC_ID = "0123456789abcdef0123"
Queue = Callable[[str], int]


def queueing(session: Session, lane: Lane) -> Queue:
    """Give what queues a mail to somebody of a supplier, commits, and tells its id."""
    campaign = factories.campaign(session)
    token = fingerprint(link_token(KEYS, "invitation", PUBLIC_ID, 1))
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    invitation = factories.invitation(session, assessment, public_id=PUBLIC_ID, token_hash=token)

    def put(name: str) -> int:
        made = outbox.queue(
            session,
            kind="accepted",
            send_key=f"accepted:{name}:1",
            lane=lane,
            to_email=name if "@" in name else f"{name}@aoba.example",
            language="ja",
            now=clock.now(),
            invitation_id=invitation.id,
            campaign_id=campaign.id,
        )
        session.commit()
        return made.id

    return put
