"""Looks up what a mail says when it is sent; secrets of links and codes are markers until the last moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import fairness
from assessments.models import (
    Assessment,
    Campaign,
    Consultation,
    Invitation,
    Message,
    Organisation,
    Question,
    QuestionKind,
    Section,
    Supplier,
    User,
)
from assessments.owners import Owner, owner_of
from assessments.tokens import Keys, known_link_token, link_token, six_digits
from portal.filters import day_in
from portal.settings import Settings

# Private letters: no text of a person holds them, and what stands between them is filled in when sent.
LINK, CODE = "\ue000link\ue001", "\ue000code\ue001"
PERSON, SIGN_IN_CODE, ENROLMENT = "invitation", "sign-in code", "enrolment"
OF_A_LINK = frozenset({"invitation", "reminder", "delegated_invitation"})
FAIR = OF_A_LINK | {"submitted_receipt", "accepted", "returned"}
CODE_LIVES = timedelta(minutes=10)
SECONDS_A_QUESTION = 12
NOBODY = {"ja": "購買担当", "en": "our purchasing desk"}
SOMEBODY = {"ja": "ご担当者", "en": "there"}


class Withdrawn(Exception):
    """The mail must not leave any more; its text says why."""


@dataclass(frozen=True, slots=True)
class MailFacts:
    """One mail as its templates want it. `values` and `fairness` may hold markers, never a secret."""

    kind: str
    language: str
    to_email: str
    send_key: str
    reply_to: str
    values: Mapping[str, str]
    fairness: tuple[tuple[str, str], ...]


def look_up(session: Session, message: Message, settings: Settings, *, now: datetime) -> MailFacts:
    """Give the facts of a message. Raises Withdrawn for a revoked link, an old code, or without a buyer."""
    buyer = session.scalar(select(Organisation).limit(1))
    if buyer is None:
        raise Withdrawn("no organisation")
    values = dict.fromkeys(("name", "user_name", "link", "delegated_by"), "")
    values |= _of_the_buyer(buyer, settings, message.language)
    owner: Owner | None = None
    if message.invitation is not None:
        owner = _owner(session, message.invitation)
        values |= _of_the_invitation(session, message, settings, now=now)
    if message.user_id is not None:
        values |= _of_the_user(session, message, settings)
    if "consultation_id" in message.facts:
        values |= _of_the_consultation(session, message, settings)
    values |= _of_the_owner(buyer, owner, message.language)
    return MailFacts(
        kind=message.kind,
        language=message.language,
        to_email=message.to_email,
        send_key=message.send_key,
        reply_to=owner.email if owner else "",
        values=values,
        fairness=fairness.paragraphs(message.language, values) if message.kind in FAIR else (),
    )


def sample(
    session: Session, campaign: Campaign, settings: Settings, *, language: str, words: Mapping[str, str]
) -> MailFacts:
    """Give the facts of a campaign's invitation as some supplier would get it, without a link that works."""
    buyer = session.scalars(select(Organisation).limit(1)).one()
    owner = _user_as_owner(session, campaign.created_by_id)
    values = _of_the_buyer(buyer, settings, language) | _of_the_campaign(session, campaign, None, language)
    values |= _of_the_owner(buyer, owner, language) | {"delegated_by": "", **words}
    return MailFacts(
        kind="invitation",
        language=language,
        to_email="",
        send_key="",
        reply_to=owner.email if owner else "",
        values=values,
        fairness=fairness.paragraphs(language, values),
    )


def secrets_of(
    keys: Keys, message: Message, invitation: Invitation | None, user: User | None
) -> dict[str, str]:
    """Give what stands behind the markers of a message."""
    if message.kind == "code" and invitation is not None:
        counter = int(message.facts["counter"])
        digits = six_digits(keys, SIGN_IN_CODE, invitation.public_id, counter)
        return {CODE: digits}
    if message.kind == "enrolment" and user is not None:
        return {LINK: link_token(keys, ENROLMENT, user.public_id, int(message.facts["enrolment"]))}
    if invitation is None:
        return {}
    generation = _generation(message, invitation)
    if generation != invitation.generation:
        return {LINK: link_token(keys, PERSON, invitation.public_id, generation)}
    token = known_link_token(keys, PERSON, invitation.public_id, generation, token_hash=invitation.token_hash)
    return {LINK: token} if token else {}


def _of_the_buyer(buyer: Organisation, settings: Settings, language: str) -> dict[str, str]:
    return {
        "buyer": _plain(buyer.name_en or buyer.name) if language == "en" else _plain(buyer.name),
        "public_url": settings.public_url,
        "public_host": urlsplit(settings.public_url).netloc,
        "genuine_contact": _plain(buyer.genuine_contact),
        "privacy_contact": _plain(buyer.privacy_contact),
        "complaint_contact": _plain(buyer.complaint_contact),
        "retention_years": str(buyer.retention_years),
    }


def _of_the_owner(buyer: Organisation, owner: Owner | None, language: str) -> dict[str, str]:
    name = owner.name if owner else NOBODY["en" if language == "en" else "ja"]
    return {
        "owner": _plain(name),
        "owner_phone": _plain((owner.phone if owner else "") or buyer.genuine_contact),
    }


def _of_the_invitation(
    session: Session, message: Message, settings: Settings, *, now: datetime
) -> dict[str, str]:
    invitation = session.scalars(select(Invitation).where(Invitation.id == message.invitation_id)).one()
    if invitation.revoked_at is not None:
        raise Withdrawn("invitation revoked")
    if message.kind in OF_A_LINK and _generation(message, invitation) != invitation.generation:
        raise Withdrawn("replaced by a newer link")
    if message.kind == "code" and now - message.created_at >= CODE_LIVES:
        raise Withdrawn("code too old")
    assessment, campaign, supplier = session.execute(
        select(Assessment, Campaign, Supplier)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .join(Supplier, Supplier.id == Assessment.supplier_id)
        .where(Assessment.id == invitation.assessment_id, Assessment.supplier_id == invitation.supplier_id)
    ).one()
    link = f"{settings.public_url}/s/{LINK}"
    return {
        **_of_the_campaign(session, campaign, assessment.axes, message.language),
        "name": _plain(invitation.name) or SOMEBODY["en" if message.language == "en" else "ja"],
        "supplier": _plain(supplier.name),
        "link": link,
        "consultation_url": f"{link}/consultation",
        "code": CODE,
        "delegated_by": _delegated_by(session, invitation),
    }


def _of_the_campaign(
    session: Session, campaign: Campaign, axes: list[str] | None, language: str
) -> dict[str, str]:
    asked = session.execute(
        select(Section.axis, func.count(Question.id))
        .join(Question, Question.section_id == Section.id)
        .where(Section.version_id == campaign.version_id, Question.kind == QuestionKind.SCORED)
        .group_by(Section.axis)
    )
    questions = sum(count for axis, count in asked if axes is None or axis in axes)
    return {
        "campaign": _plain(campaign.title),
        "due": day_in(campaign.due_on, language),
        "message": _plain(campaign.message),
        "purpose": _plain(campaign.purpose),
        "questions": str(questions),
        "minutes": str(ceil(questions * SECONDS_A_QUESTION / 60)),
    }


def _of_the_user(session: Session, message: Message, settings: Settings) -> dict[str, str]:
    user = session.scalars(select(User).where(User.id == message.user_id)).one()
    values = {"user_name": _plain(user.name) or SOMEBODY["en" if message.language == "en" else "ja"]}
    if message.kind == "enrolment":
        values["enrolment_url"] = f"{settings.public_url}/sign-in/enrol/{user.public_id}/{LINK}"
    return values


def _of_the_consultation(session: Session, message: Message, settings: Settings) -> dict[str, str]:
    row = session.execute(
        select(Consultation.public_id, Supplier.name)
        .join(Supplier, Supplier.id == Consultation.supplier_id)
        .where(Consultation.id == message.facts["consultation_id"])
    ).one()
    return {
        "supplier": _plain(row.name),
        "consultation_page": f"{settings.public_url}/risk/consultations/{row.public_id}",
    }


def _owner(session: Session, invitation: Invitation) -> Owner | None:
    found = owner_of(session, invitation.supplier_id)
    if found is not None and found.email:
        return found
    creator = session.scalar(
        select(Campaign.created_by_id)
        .join(Assessment, Assessment.campaign_id == Campaign.id)
        .where(Assessment.id == invitation.assessment_id)
    )
    substitute = _user_as_owner(session, creator)
    if found is None:
        return substitute
    return Owner(None, found.name, found.phone, substitute.email if substitute else "")


def _user_as_owner(session: Session, user_id: int | None) -> Owner | None:
    user = session.scalar(select(User).where(User.id == user_id, User.suspended_at.is_(None)))
    return None if user is None else Owner(user.id, user.name or user.email, user.phone, user.email)


def _delegated_by(session: Session, invitation: Invitation) -> str:
    if invitation.delegated_from_id is None:
        return ""
    name = select(Invitation.name).where(
        Invitation.id == invitation.delegated_from_id, Invitation.supplier_id == invitation.supplier_id
    )
    return _plain(session.scalar(name) or "")


def _generation(message: Message, invitation: Invitation) -> int:
    # A send key is kind:subject:generation; kinds without a generation mean the present one.
    _kind, _subject, *numbers = message.send_key.split(":")
    return int(numbers[0]) if message.kind in OF_A_LINK and numbers else invitation.generation


def _plain(words: str) -> str:
    return words.replace("\ue000", "").replace("\ue001", "").strip()
