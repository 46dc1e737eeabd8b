"""What a certificate, a third party's report or a visit of the buyer's confirmed; recording scores again."""

from collections.abc import Iterable
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


def record_certificate(
    session: Session,
    of: Supplier,
    *,
    version_id: int,
    certificate: str,
    reference: str,
    note: str,
    starts_on: date,
    ends_on: date,
    keys: Iterable[str],
    now: datetime,
    by: User,
) -> Confirmation:
    """Record a certificate or a third party's report, and score again where that changes something.

    `certificate` is a kind of the content, `keys` the questions it covers, of the version. Raises
    UnknownCertificate, NothingConfirmed, EndsBeforeItStarts.
    """
    found = certificates().find(certificate)
    if found is None:
        raise UnknownCertificate(certificate)
    return _record(
        session, of, ConfirmationKind(found.kind), keys, version_id=version_id, certificate=found.key,
        reference=reference, note=note, starts_on=starts_on, ends_on=ends_on, now=now, by=by,
    )  # fmt: skip


def record_visit(
    session: Session,
    of: Supplier,
    *,
    version_id: int,
    reference: str,
    note: str,
    starts_on: date,
    ends_on: date,
    keys: Iterable[str],
    now: datetime,
    by: User,
) -> Confirmation:
    """Record what people of the buyer's saw on a visit, and score again where that changes something.

    Raises NothingConfirmed, EndsBeforeItStarts.
    """
    return _record(
        session, of, ConfirmationKind.VISIT, keys, version_id=version_id, certificate=None,
        reference=reference, note=note, starts_on=starts_on, ends_on=ends_on, now=now, by=by,
    )  # fmt: skip


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
    _note(session, confirmation, "confirmation.withdrawn", now=now, by=by)
    return made


def confirmations(session: Session, supplier_id: int) -> list[Confirmation]:
    """Give what was confirmed of a supplier, withdrawn or not, the newest first."""
    theirs = select(Confirmation).where(Confirmation.supplier_id == supplier_id)
    loaded = (selectinload(Confirmation.questions), joinedload(Confirmation.withdrawal))
    return list(session.scalars(theirs.options(*loaded).order_by(Confirmation.id.desc())))


def _record(
    session: Session,
    of: Supplier,
    kind: ConfirmationKind,
    keys: Iterable[str],
    *,
    version_id: int,
    certificate: str | None,
    reference: str,
    note: str,
    starts_on: date,
    ends_on: date,
    now: datetime,
    by: User,
) -> Confirmation:
    published = questionnaires.published(session, version_id)
    wanted = set(keys)
    if not wanted or not wanted <= {question.key for question in published.content.scored}:
        raise NothingConfirmed
    if ends_on < starts_on:
        raise EndsBeforeItStarts
    proving.hold(session, of.id)
    made = Confirmation(
        supplier_id=of.id,
        version_id=version_id,
        kind=kind,
        certificate=certificate,
        reference=reference.strip(),
        note=note.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        recorded_by_id=by.id,
        recorded_at=now,
    )
    ids = sorted(published.ids[key] for key in wanted)
    made.questions = [ConfirmationQuestion(question_id=question_id) for question_id in ids]
    session.add(made)
    session.flush()
    proving.renew(session, of.id, now=now)
    _note(session, made, "confirmation.recorded", now=now, by=by)
    return made


def _note(session: Session, confirmation: Confirmation, action: str, *, now: datetime, by: User) -> None:
    audit.record(
        session,
        now=now,
        actor=by.public_id,
        action=action,
        object_kind="confirmation",
        object_id=confirmation.public_id,
        details={"questions": len(confirmation.questions)},
    )
