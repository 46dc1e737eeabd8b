"""The audit trail: who did what, and whether the chain is whole."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from sqlalchemy import func, select

from assessments import audit
from assessments.models import AuditEvent, User
from portal import db
from portal.admin import trail_words
from portal.admin.routes import blueprint
from portal.paging import Page, page_number

A_PAGE = 100


@dataclass(frozen=True)
class Line:
    """One line of the trail as it is shown."""

    sequence: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    details: str


@blueprint.get("/trail")
def trail() -> str:
    """List the newest lines; the actor is shown by name only while the user exists."""
    action, number = request.args.get("action", ""), page_number()
    mine = AuditEvent.action == action if action else AuditEvent.id.is_not(None)
    total = db.session().scalar(select(func.count()).select_from(AuditEvent).where(mine)) or 0
    events = db.session().scalars(
        select(AuditEvent)
        .where(mine)
        .order_by(AuditEvent.sequence.desc())
        .offset((number - 1) * A_PAGE)
        .limit(A_PAGE)
    )
    actions = db.session().scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action))
    return render_template(
        "admin/trail.html",
        lines=_lines(list(events)),
        actions=[(code, trail_words.action(code)) for code in actions],
        action=action,
        page=Page(number, A_PAGE, total, "admin.trail"),
    )


@blueprint.get("/trail/check")
def trail_check() -> str:
    """Walk the whole chain and say whether a line is broken."""
    return render_template(
        "admin/trail_check.html",
        broken=audit.first_broken_line(db.session()),
        count=audit.count(db.session()),
    )


def _lines(events: list[AuditEvent]) -> list[Line]:
    names = _names({event.actor for event in events})
    return [
        Line(
            sequence=event.sequence,
            at=event.at,
            actor=trail_words.actor(event.actor, names),
            action=trail_words.action(event.action),
            object_kind=trail_words.object_kind(event.object_kind),
            object_id=event.object_id[:8],
            details=trail_words.details(event.details),
        )
        for event in events
    ]


def _names(actors: set[str]) -> dict[str, str]:
    rows = db.session().execute(select(User.public_id, User.name).where(User.public_id.in_(actors)))
    return dict(rows.all())
