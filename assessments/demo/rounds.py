"""The demo's two campaigns, a year apart: who was invited, how far each came, and what was submitted."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assessments import genuine, parts, responses, results
from assessments.answers import Given
from assessments.demo import said
from assessments.demo.answering import Words, rules
from assessments.demo.cast import Cast, script
from assessments.demo.firms import Firm
from assessments.demo.quotas import Ranks, deal, shares
from assessments.demo.register import insert_all
from assessments.fairness import fairness
from assessments.models import (
    Answer,
    AnswerRevision,
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Lane,
    Membership,
    Message,
    MessageState,
    Role,
    Submission,
    User,
)
from assessments.models.base import new_public_id
from assessments.questionnaire_content import canonical
from assessments.questionnaires import Published
from assessments.tokens import Keys, fingerprint, link_token

BATCH = 200
STATES = ("accepted", "returned", "submitted", "in_progress", "opened", "not_opened")
SUBMITTED = frozenset({"accepted", "returned", "submitted"})
TOUCHED = SUBMITTED | {"in_progress", "opened"}
WORDS_OF_A_BOUNCE = "550 5.1.1 User unknown"


@dataclass(frozen=True)
class Stage:
    """What a round of asking is played on."""

    published: Published
    firms: Sequence[Firm]
    supplier_ids: Sequence[int]
    contact_ids: Sequence[int]
    without_address: frozenset[int]
    cast: Cast
    keys: Keys


@dataclass(frozen=True)
class Round:
    """One campaign: its name in the script, its row, how far each firm came, what the firms would answer."""

    name: str
    campaign: Campaign
    states: Sequence[str]
    words: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Entry:
    """One firm's part in a round: its place among the firms, its assessment, when it began and submitted."""

    row: int
    assessment_id: int
    began: datetime
    done: datetime


def states(name: str, firms: Sequence[Firm], ranks: Ranks) -> list[str]:
    """Deal how far each firm came, within each industry, so that no industry answers less than another."""
    weights = [rules()["states"][name][state] for state in STATES]
    dealt = np.empty(len(firms), dtype="U12")
    industries = np.array([firm.industry for firm in firms])
    for industry in sorted(set(industries)):
        members = np.flatnonzero(industries == industry)
        dealt[members] = np.array(STATES)[deal(ranks[members], shares(len(members), weights))]
    return [str(state) for state in dealt]


def open_campaign(session: Session, name: str, stage: Stage, *, now: datetime) -> Campaign:
    """Write the campaign's row, opened (and closed) in the past."""
    plan = script()["campaigns"][name]
    opened = now - timedelta(days=plan["opened_days_ago"])
    is_closed = "closed_days_ago" in plan
    campaign = Campaign(
        title=plan["title"] % {"year": opened.year},
        version_id=stage.published.version_id,
        due_on=(now - timedelta(days=plan["due_days_ago"])).astimezone(ZoneInfo("Asia/Tokyo")).date(),
        purpose=script()["purpose"],
        state=CampaignState.CLOSED if is_closed else CampaignState.OPEN,
        created_by_id=stage.cast.owners[0].id,
        created_at=opened,
        opened_at=opened,
        closed_at=now - timedelta(days=plan["closed_days_ago"]) if is_closed else None,
    )
    session.add(campaign)
    session.flush()
    return campaign


def play(session: Session, stage: Stage, played: Round, *, seed: int) -> Iterator[int]:
    """Write the round batch by batch, giving the firms written so far; the caller commits at each step."""
    rng = np.random.default_rng(seed)
    for start in range(0, len(stage.firms), BATCH):
        rows = range(start, min(start + BATCH, len(stage.firms)))
        _play_batch(session, stage, played, rows, rng)
        yield rows.stop


def _play_batch(session: Session, stage: Stage, played: Round, rows: range, rng: np.random.Generator) -> None:
    times = [_times(played.campaign, stage.firms[row], rng) for row in rows]
    plans = [_assessment(stage, played, row, *time) for row, time in zip(rows, times, strict=True)]
    made = insert_all(session, Assessment, plans)
    entries = [Entry(row, made[i], *times[i]) for i, row in enumerate(rows)]
    users = _users(session, stage, played, rows)
    _invite(session, stage, played, entries)
    submissions = []
    for entry in entries:
        if played.states[entry.row] not in SUBMITTED | {"in_progress"}:
            continue
        given, user_id = _given(stage, played, entry.row, rng), users[entry.row]
        if played.campaign.state is CampaignState.OPEN:
            _keep_answers(session, stage, entry, given, user_id=user_id)
        if played.states[entry.row] in SUBMITTED:
            submissions.append(_submission(stage, entry, given, user_id=user_id))
    session.add_all(submissions)
    session.flush()
    if submissions:
        results.score_all(session, submissions, now=max(one.submitted_at for one in submissions))
    session.expunge_all()


def _times(campaign: Campaign, firm: Firm, rng: np.random.Generator) -> tuple[datetime, datetime]:
    """When the firm began, and when it submitted: most near the due date, some after it."""
    opened = campaign.opened_at or campaign.created_at
    began = opened + timedelta(hours=float(rng.uniform(2, 24 * 18)))
    done = began + timedelta(hours=float(rng.uniform(0.1, 24 * 6)), minutes=firm.number % 60)
    return began, done


def _assessment(stage: Stage, played: Round, row: int, began: datetime, done: datetime) -> dict[str, Any]:
    state, is_submitted = played.states[row], played.states[row] in SUBMITTED
    has_begun = is_submitted or state == "in_progress"
    return {
        "campaign_id": played.campaign.id,
        "supplier_id": stage.supplier_ids[row],
        "version_id": stage.published.version_id,
        "axes": _axes(stage, row),
        "state": _row_state(played.campaign, state),
        "created_at": played.campaign.opened_at,
        "notice_version": fairness().version if has_begun else None,
        "notice_seen_at": began if has_begun else None,
        "started_at": began if has_begun else None,
        "last_activity_at": (done if is_submitted else began) if state in TOUCHED else None,
        "submitted_at": done if is_submitted else None,
        "returned_at": done + timedelta(days=1) if state == "returned" else None,
        "accepted_at": done + timedelta(days=2) if state == "accepted" else None,
    }


def _row_state(campaign: Campaign, state: str) -> AssessmentState:
    if state in {"opened", "not_opened"}:
        is_closed = campaign.state is CampaignState.CLOSED
        return AssessmentState.EXPIRED if is_closed else AssessmentState.NOT_STARTED
    return AssessmentState(state)


def _users(session: Session, stage: Stage, played: Round, rows: range) -> dict[int, int]:
    """Give the user of each firm that came in, made at its first time."""
    wanted = [row for row in rows if played.states[row] in TOUCHED]
    emails = {stage.firms[row].contact_email: row for row in wanted}
    standing = session.execute(select(User.email, User.id).where(User.email.in_(emails)))
    users = {emails[email]: user_id for email, user_id in standing}
    fresh = [row for row in wanted if row not in users]
    at = played.campaign.opened_at
    made = insert_all(
        session,
        User,
        [
            {
                "email": stage.firms[row].contact_email,
                "name": stage.firms[row].contact_name,
                "is_demo": True,
                "created_at": at,
            }
            for row in fresh
        ],
    )
    insert_all(
        session,
        Membership,
        [
            {
                "user_id": user_id,
                "role": Role.RESPONDENT,
                "supplier_id": stage.supplier_ids[row],
                "granted_at": at,
            }
            for row, user_id in zip(fresh, made, strict=True)
        ],
    )
    return users | dict(zip(fresh, made, strict=True))


def _invite(session: Session, stage: Stage, played: Round, entries: list[Entry]) -> None:
    reached = [entry for entry in entries if _has_address(stage, played, entry.row)]
    invitations = [_invitation(stage, played, entry) for entry in reached]
    ids = insert_all(session, Invitation, invitations)
    mails = [
        _message(stage, played, entry.row, invitation, invitation_id)
        for entry, invitation, invitation_id in zip(reached, invitations, ids, strict=True)
    ]
    insert_all(session, Message, mails)
    numbered = [(entry.assessment_id, stage.supplier_ids[entry.row]) for entry in reached]
    genuine.give_numbers(session, numbered, now=played.campaign.opened_at or played.campaign.created_at)


def _has_address(stage: Stage, played: Round, row: int) -> bool:
    return stage.firms[row].number not in stage.without_address or played.states[row] in TOUCHED


def _invitation(stage: Stage, played: Round, entry: Entry) -> dict[str, Any]:
    row, firm, public_id = entry.row, stage.firms[entry.row], new_public_id()
    return {
        "public_id": public_id,
        "assessment_id": entry.assessment_id,
        "supplier_id": stage.supplier_ids[row],
        "contact_id": stage.contact_ids[row],
        "name": firm.contact_name,
        "email": firm.contact_email,
        "language": "ja",
        "generation": 1,
        "token_hash": fingerprint(link_token(stage.keys, "invitation", public_id, 1)),
        "created_at": played.campaign.opened_at,
        "opened_at": entry.began if played.states[row] in TOUCHED else None,
    }


def _message(
    stage: Stage, played: Round, row: int, invitation: Mapping[str, Any], invitation_id: int
) -> dict[str, Any]:
    percent = rules()["failed_mail_percent"]
    is_lost = played.states[row] == "not_opened" and stage.firms[row].number % 100 < percent * 8
    return {
        "send_key": f"invitation:{invitation['public_id']}:1",
        "kind": "invitation",
        "lane": int(Lane.CAMPAIGN),
        "state": MessageState.FAILED if is_lost else MessageState.SENT,
        "to_email": invitation["email"],
        "language": "ja",
        "invitation_id": invitation_id,
        "campaign_id": played.campaign.id,
        "facts": {},
        "created_at": played.campaign.opened_at,
        "due_at": played.campaign.opened_at,
        "attempts": 1,
        "sent_at": None if is_lost else played.campaign.opened_at,
        "failure": WORDS_OF_A_BOUNCE if is_lost else "",
    }


def _given(stage: Stage, played: Round, row: int, rng: np.random.Generator) -> dict[str, Given]:
    content, firm = stage.published.content, stage.firms[row]
    all_of_it = said.given(content, firm, row, played.words, _axes(stage, row), rng)
    if played.states[row] in SUBMITTED:
        return all_of_it
    return dict(list(all_of_it.items())[: len(all_of_it) // 2])


def _axes(stage: Stage, row: int) -> list[str]:
    confidentiality, continuity, connectivity = stage.firms[row].exposures
    highest = parts.Highest(confidentiality, continuity, connectivity)
    return parts.asked_axes(stage.published.content, highest)


def _keep_answers(
    session: Session, stage: Stage, entry: Entry, given: Mapping[str, Given], *, user_id: int
) -> None:
    named: dict[str, Any] = {
        "assessment_id": entry.assessment_id,
        "supplier_id": stage.supplier_ids[entry.row],
        "revision": 1,
    }
    named |= {"answered_at": entry.began, "answered_by_id": user_id}
    said_of = [(stage.published.ids[key], one.as_map()) for key, one in given.items()]
    version_id = stage.published.version_id
    session.execute(
        insert(Answer),
        [{**named, "version_id": version_id, "question_id": key, **one} for key, one in said_of],
    )
    session.execute(
        insert(AnswerRevision),
        [{**named, "question_id": key, "content": canonical(one)} for key, one in said_of],
    )


def _submission(stage: Stage, entry: Entry, given: Mapping[str, Given], *, user_id: int) -> Submission:
    text = responses.submission_content(stage.published.content, _axes(stage, entry.row), given)
    return Submission(
        assessment_id=entry.assessment_id,
        supplier_id=stage.supplier_ids[entry.row],
        number=1,
        submitted_at=entry.done,
        submitted_by_id=user_id,
        content=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        industry=stage.firms[entry.row].industry,
        employees=stage.firms[entry.row].employees,
    )
