"""The buyer's own facts: what mails and pages say of it, and the rules it set itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import audit
from assessments.models import Organisation


def standing(session: Session) -> Organisation | None:
    """Give the one organisation of this installation, or None before anybody wrote it down."""
    return session.scalar(select(Organisation).order_by(Organisation.id).limit(1))


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
