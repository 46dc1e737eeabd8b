"""What a certificate, a third party's report or a visit of the buyer's confirmed; recording scores again."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from assessments import audit, proving, questionnaires
from assessments.models import (
    Confirmation,
    ConfirmationKind,
    ConfirmationQuestion,
    ConfirmationWithdrawal,
    Supplier,
    User,
)
from assessments.proof_content import certificates

LONGEST_REFERENCE, LONGEST_TEXT = 200, 1_000


class NothingConfirmed(Exception):
    """A confirmation covers at least one question of the questionnaire."""


class EndsBeforeItStarts(Exception):
    """A confirmation ends on the day it starts at the earliest."""


class UnknownCertificate(Exception):
    """The content knows no such kind of certificate or report."""


class AlreadyWithdrawn(Exception):
    """This confirmation counts no longer already."""


class WithdrawalWantsAReason(Exception):
    """Why a confirmation no longer counts must be written down."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is confirmed: questions of a version by key, from one day to another, in the reader's words."""

    version_id: int
    keys: frozenset[str]
    starts_on: date
    ends_on: date
    reference: str
    note: str = ""


def record_certificate(
    session: Session, of: Supplier, scope: Scope, *, certificate: str, now: datetime, by: User
) -> Confirmation:
    """Record a certificate or a third party's report, and score again where that changes something.

    `certificate` is a kind of the content. Raises UnknownCertificate, NothingConfirmed, EndsBeforeItStarts.
    """
    found = certificates().find(certificate)
    if found is None:
        raise UnknownCertificate(certificate)
    kind = ConfirmationKind(found.kind)
    return _record(session, of, scope, kind, certificate=found.key, now=now, by=by)


def record_visit(session: Session, of: Supplier, scope: Scope, *, now: datetime, by: User) -> Confirmation:
    """Record what people of the buyer's saw on a visit, and score again where that changes something.

    Raises NothingConfirmed, EndsBeforeItStarts.
    """
    return _record(session, of, scope, ConfirmationKind.VISIT, certificate=None, now=now, by=by)


def withdraw(
    session: Session, confirmation: Confirmation, *, reason: str, now: datetime, by: User
) -> ConfirmationWithdrawal:
    """Let a confirmation count no longer, and score again.

    Raises WithdrawalWantsAReason, AlreadyWithdrawn.
    """
    if not reason.strip():
        raise WithdrawalWantsAReason
    proving.hold(session, confirmation.supplier_id)
    session.refresh(confirmation, ["withdrawal"])
    if confirmation.withdrawal is not None:
        raise AlreadyWithdrawn
    made = ConfirmationWithdrawal(
        confirmation_id=confirmation.id,
        supplier_id=confirmation.supplier_id,
        reason=reason.strip(),
        withdrawn_by_id=by.id,
        withdrawn_at=now,
    )
    session.add(made)
    session.flush()
    session.refresh(confirmation, ["withdrawal"])
    proving.renew(session, confirmation.supplier_id, now=now)
    count = len(confirmation.questions)
    audit.note(session, confirmation, "confirmation.withdrawn", now=now, by=by, questions=count)
    return made


def confirmations(session: Session, supplier_id: int) -> list[Confirmation]:
    """Give what was confirmed of a supplier, withdrawn or not, the newest first."""
    theirs = select(Confirmation).where(Confirmation.supplier_id == supplier_id)
    loaded = (selectinload(Confirmation.questions), joinedload(Confirmation.withdrawal))
    return list(session.scalars(theirs.options(*loaded).order_by(Confirmation.id.desc())))


def _record(
    session: Session,
    of: Supplier,
    scope: Scope,
    kind: ConfirmationKind,
    *,
    certificate: str | None,
    now: datetime,
    by: User,
) -> Confirmation:
    published = questionnaires.published(session, scope.version_id)
    if not scope.keys or not scope.keys <= {question.key for question in published.content.scored}:
        raise NothingConfirmed
    if scope.ends_on < scope.starts_on:
        raise EndsBeforeItStarts
    proving.hold(session, of.id)
    made = Confirmation(
        supplier_id=of.id,
        version_id=scope.version_id,
        kind=kind,
        certificate=certificate,
        reference=scope.reference,
        note=scope.note,
        starts_on=scope.starts_on,
        ends_on=scope.ends_on,
        recorded_by_id=by.id,
        recorded_at=now,
    )
    ids = sorted(published.ids[key] for key in scope.keys)
    made.questions = [ConfirmationQuestion(question_id=question_id) for question_id in ids]
    session.add(made)
    session.flush()
    proving.renew(session, of.id, now=now)
    audit.note(session, made, "confirmation.recorded", now=now, by=by, questions=len(made.questions))
    return made
