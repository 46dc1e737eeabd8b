"""Looks up what mails say, a batch at a time; secrets of links and codes are markers until sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from assessments import declining, fairness, genuine, organisations, placeholders, reminding
from assessments.models import (
    Assessment,
    Campaign,
    Consultation,
    GenuineNumber,
    Invitation,
    Message,
    Organisation,
    Question,
    QuestionKind,
    Section,
    Supplier,
    User,
)
from assessments.owners import Owner, owners_of
from assessments.quiet import CONTACT_CHANGED, has_moved_on
from assessments.tokens import Keys, known_link_token, link_token, six_digits
from portal import mail_truth
from portal.filters import day_in
from portal.mail_truth import OF_A_LINK, Meanwhile
from portal.settings import Settings

# Private letters: no text of a person holds them, and what stands between them is filled in when sent.
LINK, CODE = "\ue000link\ue001", "\ue000code\ue001"
PERSON, SIGN_IN_CODE, ENROLMENT = "invitation", "sign-in code", "enrolment"
FAIR = OF_A_LINK | {"submitted_receipt", "accepted", "returned"}
SECONDS_A_QUESTION = 12
NOBODY = {"ja": "購買担当", "en": "our purchasing desk"}
SOMEBODY = {"ja": "ご担当者", "en": "there"}
MOST_NAMED = 50
MORE = {"ja": "ほか{count}社", "en": "and {count} more"}
MAY_BE_BLANK = (
    "name",
    "user_name",
    "link",
    "delegated_by",
    "number",
    "invitation_on",
    "is_final",
    "asked_again",
)


@dataclass(frozen=True, slots=True)
class Source:
    """The rows behind one message."""

    message: Message
    invitation: Invitation | None
    user: User | None
    assessment: Assessment | None
    campaign: Campaign | None
    supplier: Supplier | None
    number: str | None
    has_moved_on: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a batch of mails needs: its rows, and what they share, looked up in a fixed number of queries."""

    buyer: Organisation
    sources: Mapping[int, Source]
    owners: Mapping[int, Owner]
    creators: Mapping[int, Owner]
    questions: Mapping[int, Mapping[str | None, int]]
    delegators: Mapping[int, str]
    consultations: Mapping[int, tuple[str, str]]
    announced: Mapping[int, datetime]
    waiting: Mapping[int, Sequence[str]]
    meanwhile: Meanwhile


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


def gather(session: Session, ids: Sequence[int], *, campaigns: Sequence[Campaign] = ()) -> Gathered:
    """Look up everything that the mails of these messages, and samples of these campaigns, say."""
    sources = {row.Message.id: Source(*row) for row in session.execute(_sources(ids))} if ids else {}
    of_mails = [source.campaign for source in sources.values() if source.campaign is not None]
    invitations = [source.invitation for source in sources.values() if source.invitation is not None]
    asked = [*of_mails, *campaigns]
    told = [
        source.message.invitation_id for source in sources.values() if source.message.kind == genuine.NOTICE
    ]
    return Gathered(
        buyer=organisations.in_force(session),
        sources=sources,
        owners=owners_of(session, {invitation.supplier_id for invitation in invitations}),
        creators=_creators(session, {campaign.created_by_id for campaign in asked} - {None}),
        questions=_questions(session, {campaign.version_id for campaign in asked}),
        delegators=_delegators(session, {one.delegated_from_id for one in invitations} - {None}),
        consultations=_consultations(
            session, {source.message.facts.get("consultation_id") for source in sources.values()} - {None}
        ),
        waiting=_waiting(session, sources.values()),
        announced=genuine.announced(session, [one for one in told if one is not None]),
        meanwhile=mail_truth.look_up(session, [(one.message, one.assessment) for one in sources.values()]),
    )


def facts_of(of: Gathered, message_id: int, settings: Settings, *, now: datetime) -> MailFacts:
    """Give the facts of one mail. Raises Withdrawn for a revoked link, an old code, or without a buyer."""
    source = of.sources[message_id]
    message, language = source.message, _language(source.message.language)
    values = dict.fromkeys(MAY_BE_BLANK, "") | _of_the_buyer(of, settings, language)
    owner = None
    if source.invitation is not None:
        mail_truth.may_leave(message, source.invitation, now=now)
        if source.has_moved_on and message.kind in {*OF_A_LINK, genuine.NOTICE}:
            raise mail_truth.Withdrawn(CONTACT_CHANGED)
        mail_truth.must_be_true_still(message, source.assessment)
        mail_truth.must_be_wanted_still(message, source.assessment, source.campaign, of.meanwhile)
        zone = ZoneInfo(of.buyer.time_zone)
        mail_truth.must_be_in_time(message, source.campaign, of.meanwhile, zone, now=now)
        owner = _owner(of, source.invitation.supplier_id, source.campaign)
        values |= _of_the_invitation(of, source, source.invitation, settings)
    if source.user is not None:
        values |= _of_the_user(message, source.user, settings)
    if "consultation_id" in message.facts:
        public_id, supplier = of.consultations[message.facts["consultation_id"]]
        values |= {
            "supplier": _plain(supplier),
            "consultation_page": f"{settings.public_url}/risk/consultations/{public_id}",
        }
    if message.id in of.waiting and source.campaign is not None:
        values |= _of_the_campaign(of, source.campaign, None, language)
        values |= _of_the_waiting(of.waiting[message.id], source.campaign, settings, language)
    values |= _of_the_owner(of, owner, settings, language)
    if source.invitation is None or message.kind == declining.NOTE:
        values["replies_to"] = ""
    values["message"] = placeholders.filled(values.get("message", ""), values)
    return MailFacts(
        kind=message.kind,
        language=language,
        to_email=message.to_email,
        send_key=message.send_key,
        reply_to=values["replies_to"],
        values=values,
        fairness=fairness.paragraphs(language, values) if message.kind in FAIR else (),
    )


def sample_of(
    of: Gathered, campaign: Campaign, settings: Settings, *, language: str, words: Mapping[str, str]
) -> MailFacts:
    """Give the facts of a campaign's invitation as some supplier would get it, without a link that works."""
    language = _language(language)
    owner = of.creators.get(campaign.created_by_id or 0)
    values = dict.fromkeys(MAY_BE_BLANK, "") | _of_the_buyer(of, settings, language)
    values |= _of_the_campaign(of, campaign, None, language) | _of_the_owner(of, owner, settings, language)
    values |= dict(words)
    values["message"] = placeholders.filled(values["message"], values)
    return MailFacts(
        kind="invitation",
        language=language,
        to_email="",
        send_key="",
        reply_to=values["replies_to"],
        values=values,
        fairness=fairness.paragraphs(language, values),
    )


def secrets_of(
    keys: Keys, message: Message, invitation: Invitation | None, user: User | None
) -> dict[str, str]:
    """Give what stands behind the markers of a message."""
    if message.kind == "code" and invitation is not None:
        digits = six_digits(keys, SIGN_IN_CODE, invitation.public_id, int(message.facts["counter"]))
        return {CODE: digits}
    if message.kind == "enrolment" and user is not None:
        return {LINK: link_token(keys, ENROLMENT, user.public_id, int(message.facts["enrolment"]))}
    if invitation is None:
        return {}
    generation = mail_truth.generation_of(message, invitation)
    if generation != invitation.generation:
        return {LINK: link_token(keys, PERSON, invitation.public_id, generation)}
    token = known_link_token(keys, PERSON, invitation.public_id, generation, token_hash=invitation.token_hash)
    return {LINK: token} if token else {}


def _sources(
    ids: Sequence[int],
) -> Select[*tuple[Any, ...]]:
    campaign_id = func.coalesce(Assessment.campaign_id, Message.campaign_id)
    rows = (Message, Invitation, User, Assessment, Campaign, Supplier, GenuineNumber.number, has_moved_on())
    return (
        select(*rows)
        .outerjoin(Invitation, Invitation.id == Message.invitation_id)
        .outerjoin(User, User.id == Message.user_id)
        .outerjoin(
            Assessment,
            (Assessment.id == Invitation.assessment_id) & (Assessment.supplier_id == Invitation.supplier_id),
        )
        .outerjoin(Campaign, Campaign.id == campaign_id)
        .outerjoin(Supplier, Supplier.id == Invitation.supplier_id)
        .outerjoin(GenuineNumber, GenuineNumber.assessment_id == Invitation.assessment_id)
        .where(Message.id.in_(ids))
    )


def _creators(session: Session, ids: Collection[int | None]) -> dict[int, Owner]:
    if not ids:
        return {}
    users = session.scalars(select(User).where(User.id.in_(ids), User.suspended_at.is_(None)))
    return {user.id: Owner(user.id, user.name or user.email, user.phone, user.email) for user in users}


def _questions(session: Session, version_ids: Collection[int]) -> dict[int, dict[str | None, int]]:
    if not version_ids:
        return {}
    found: dict[int, dict[str | None, int]] = {}
    counted = session.execute(
        select(Section.version_id, Section.axis, func.count(Question.id))
        .join(Question, Question.section_id == Section.id)
        .where(Section.version_id.in_(version_ids), Question.kind == QuestionKind.SCORED)
        .group_by(Section.version_id, Section.axis)
    )
    for version_id, axis, count in counted:
        found.setdefault(version_id, {})[axis] = count
    return found


def _delegators(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(Invitation.id, Invitation.name).where(Invitation.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _waiting(session: Session, sources: Iterable[Source]) -> dict[int, list[str]]:
    return {
        source.message.id: reminding.waiting_for(session, source.campaign, source.user.id)
        for source in sources
        if source.message.kind == reminding.UNANSWERED and source.campaign and source.user
    }


def _consultations(session: Session, ids: Collection[int | None]) -> dict[int, tuple[str, str]]:
    if not ids:
        return {}
    rows = session.execute(
        select(Consultation.id, Consultation.public_id, Supplier.name)
        .join(Supplier, Supplier.id == Consultation.supplier_id)
        .where(Consultation.id.in_(ids))
    )
    return {row.id: (row.public_id, row.name) for row in rows}


def _of_the_buyer(of: Gathered, settings: Settings, language: str) -> dict[str, str]:
    buyer = of.buyer
    return {
        "buyer": _plain(buyer.name_en or buyer.name) if language == "en" else _plain(buyer.name),
        "public_url": settings.public_url,
        "public_host": urlsplit(settings.public_url).netloc,
        "genuine_url": f"{settings.public_url}/genuine",
        "genuine_contact": _plain(buyer.genuine_contact),
        "privacy_contact": _plain(buyer.privacy_contact),
        "complaint_contact": _plain(buyer.complaint_contact),
        "retention_years": str(buyer.retention_years),
    }


def _owner(of: Gathered, supplier_id: int, campaign: Campaign | None) -> Owner | None:
    """Who looks after the supplier; where they have no address, the campaign's creator gets replies."""
    found = of.owners.get(supplier_id)
    creator = of.creators.get(campaign.created_by_id or 0) if campaign else None
    if found is None or found.email:
        return found or creator
    return Owner(None, found.name, found.phone, creator.email if creator else "")


def _of_the_owner(of: Gathered, owner: Owner | None, settings: Settings, language: str) -> dict[str, str]:
    theirs = owner.email if owner else ""
    return {
        "replies_to": theirs or settings.mail_replies or organisations.address(of.buyer),
        "owner": _plain(owner.name if owner else NOBODY[language]),
        "owner_phone": _plain((owner.phone if owner else "") or of.buyer.genuine_contact),
    }


def _of_the_invitation(
    of: Gathered, source: Source, invitation: Invitation, settings: Settings
) -> dict[str, str]:
    language = _language(source.message.language)
    link = f"{settings.public_url}/s/{LINK}"
    values = {
        "name": _plain(invitation.name) or SOMEBODY[language],
        "supplier": _plain(source.supplier.name) if source.supplier else "",
        "link": link,
        "consultation_url": f"{link}/consultation",
        "code": CODE,
        "delegated_by": _plain(of.delegators.get(invitation.delegated_from_id or 0, "")),
        "number": genuine.shown(source.number) if source.number else "",
        "is_final": "final" if source.message.facts.get("final") else "",
        "asked_again": "again" if source.message.facts.get(declining.ASKED_AGAIN) else "",
        "invitation_on": _day_of(of, of.announced.get(invitation.id), language),
    }
    if source.campaign is None or source.assessment is None:
        return values
    page = f"{settings.public_url}/procurement/campaigns/assessments/{source.assessment.public_id}/decline"
    values["decline_page"] = page
    return values | _of_the_campaign(of, source.campaign, source.assessment.axes, language)


def _of_the_campaign(
    of: Gathered, campaign: Campaign, axes: list[str] | None, language: str
) -> dict[str, str]:
    by_axis = of.questions.get(campaign.version_id, {})
    questions = sum(count for axis, count in by_axis.items() if axes is None or axis in axes)
    return {
        "campaign": _plain(campaign.title),
        "due": day_in(campaign.due_on, language),
        "message": _plain(campaign.message),
        "purpose": _plain(campaign.purpose),
        "questions": str(questions),
        "minutes": str(ceil(questions * SECONDS_A_QUESTION / 60)),
    }


def _of_the_waiting(
    names: Sequence[str], campaign: Campaign, settings: Settings, language: str
) -> dict[str, str]:
    listed = [f"- {_plain(name)}" for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        listed.append(MORE[language].format(count=len(names) - MOST_NAMED))
    return {
        "waiting": "\n".join(listed),
        "waiting_count": str(len(names)),
        "campaign_page": f"{settings.public_url}/procurement/campaigns/{campaign.public_id}"
        "?situation=unanswered&owner=mine",
    }


def _of_the_user(message: Message, user: User, settings: Settings) -> dict[str, str]:
    values = {"user_name": _plain(user.name) or SOMEBODY[_language(message.language)]}
    if message.kind == "enrolment":
        values["enrolment_url"] = f"{settings.public_url}/sign-in/enrol/{user.public_id}/{LINK}"
    return values


def _day_of(of: Gathered, moment: datetime | None, language: str) -> str:
    return day_in(moment.astimezone(ZoneInfo(of.buyer.time_zone)).date(), language) if moment else ""


def _language(language: str) -> str:
    return "en" if language == "en" else "ja"


def _plain(words: str) -> str:
    return words.replace("\ue000", "").replace("\ue001", "").strip()
