"""The demo of an installation: loading it where it may be, and how to get in afterwards."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.demo import cast
from assessments.demo.build import build
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Message,
    MessageState,
)
from assessments.tokens import known_link_token
from portal import clock, console
from portal.installation import Installation

SIGN_INS = "demo-sign-in.json"
SUPPLIERS, SEED = 300, 2026
PASSWORD_BYTES = 15

console.say(cast.RealSuppliers, "the database holds real suppliers: the demo leaves it alone")


@dataclass(frozen=True)
class SignIn:
    """One way in: the role as shown, the address, the password."""

    role: str
    email: str
    password: str


def load(opened: Installation, *, suppliers: int = SUPPLIERS, seed: int = SEED) -> bool:
    """Load the demo where nothing is; False where it stands already. Raises RealSuppliers, Refused."""
    if not opened.settings.is_loopback:
        raise console.Refused(
            "the demo is for this machine alone: SANPO_PUBLIC_URL is not a loopback address"
        )
    with opened.database.writer() as session:
        cast.refuse_real_suppliers(session)
        if cast.stands(session):
            return False
        passwords = {email: secrets.token_urlsafe(PASSWORD_BYTES) for email in cast.addresses()}
        _keep(opened.settings.data_dir / SIGN_INS, passwords)
        steps = build(
            session,
            count=suppliers,
            seed=seed,
            keys=opened.settings.keys,
            passwords=passwords,
            now=clock.now(),
        )
        for _step in steps:
            session.flush()
        # All of it or nothing: a demo that was stopped half-way is loaded from its beginning the next time.
        session.commit()
    return True


def stands(opened: Installation) -> bool:
    """Tell whether this installation is a demo."""
    with opened.database.reader() as session:
        return cast.stands(session)


def sign_ins(opened: Installation) -> list[SignIn]:
    """Give one sign-in for each role, as kept in the data directory; empty where it is not there."""
    path = opened.settings.data_dir / SIGN_INS
    if not path.exists():
        return []
    kept = json.loads(path.read_text(encoding="utf-8"))
    shown = [entry for entry in cast.script()["users"] if "shown_as" in entry]
    return [SignIn(entry["shown_as"], entry["email"], kept[entry["email"]]) for entry in shown]


def supplier_link(opened: Installation) -> str | None:
    """Give the link of a supplier that has not begun, as its mail carries it."""
    with opened.database.reader() as session:
        found = _not_begun(session)
    if found is None:
        return None
    keys = opened.settings.keys
    token = known_link_token(
        keys, "invitation", found.public_id, found.generation, token_hash=found.token_hash
    )
    return f"{opened.settings.public_url}/s/{token}" if token else None


def _not_begun(session: Session) -> Invitation | None:
    return session.scalar(
        select(Invitation)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .join(Message, Message.invitation_id == Invitation.id)
        .where(
            Campaign.state == CampaignState.OPEN,
            Assessment.state == AssessmentState.NOT_STARTED,
            Invitation.revoked_at.is_(None),
            Message.state == MessageState.SENT,
        )
        .order_by(Invitation.id)
        .limit(1)
    )


def _keep(path: Path, passwords: dict[str, str]) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(passwords, file, indent=2)
