"""The buyer's own facts: what mails and pages say of it, and the rules it set itself."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import audit
from assessments.models import Organisation

USUAL_CONTACT = "いつもの番号 (the number you know)"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
# Each request asks for it: built once.
_STANDING = select(Organisation).order_by(Organisation.id).limit(1)


def standing(session: Session) -> Organisation | None:
    """Give the one organisation of this installation, or None before anybody wrote it down."""
    return session.scalar(_STANDING)


def in_force(session: Session) -> Organisation:
    """Give the organisation; before anybody wrote it down, neutral words that are no row."""
    return standing(session) or Organisation(
        name="発注企業",
        name_en="Your customer",
        time_zone="Asia/Tokyo",
        genuine_contact=USUAL_CONTACT,
        privacy_contact=USUAL_CONTACT,
        complaint_contact=USUAL_CONTACT,
        retention_years=5,
        yearly_capacity=30,
        needs_campaign_approval=True,
        is_demo=False,
    )


def address(organisation: Organisation) -> str:
    """Give the mail address among the contacts that suppliers are told, or nothing where they hold none."""
    found = _ADDRESS.search(f"{organisation.genuine_contact} {organisation.complaint_contact}")
    return found.group() if found else ""


def change(session: Session, facts: Mapping[str, Any], *, now: datetime, by: str) -> Organisation:
    """Keep the facts given by column name; the first time makes the organisation."""
    organisation = standing(session) or Organisation()
    changed = [name for name, value in facts.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, facts[name])
    session.add(organisation)
    session.flush()
    if changed:
        audit.record(
            session,
            now=now,
            actor=by,
            action="organisation.changed",
            object_kind="organisation",
            object_id=str(organisation.id),
            details={"fields": changed},
        )
    return organisation
