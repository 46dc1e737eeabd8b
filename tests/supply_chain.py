"""A small synthetic supply chain for tests: suppliers with long names, graded and not, answered and not."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from assessments import questionnaires, results
from assessments.models import (
    Assessment,
    AssessmentResult,
    AssessmentState,
    BusinessUnit,
    Campaign,
    CampaignState,
    Invitation,
    Relationship,
    Submission,
    Supplier,
    User,
)
from assessments.questionnaire_content import Content, canonical, digest
from tests import factories

LAST_YEAR = factories.NOW - timedelta(days=365)
CHUNK = 500
LONG = "株式会社日本精密金属加工技術研究所ホールディングス北関東第二事業本部"
CODES = ("implemented", "partial", "planned", "not_planned", "unknown")
Said = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Grown:
    """What stands after `grow`: the campaigns, the units and the owner of some relationships."""

    before: Campaign
    now: Campaign
    units: tuple[BusinessUnit, BusinessUnit]
    owner: User


def say(content: Content, *codes: str, default: str = "implemented") -> Said:
    """Answers to every scored question: these codes for the first ones, the default for the rest."""
    words = [*codes, *[default] * (len(content.scored) - len(codes))]
    return {
        question.key: answer(code, reason="obstacle" if code == "not_planned" else None)
        for question, code in zip(content.scored, words, strict=True)
    }


def answer(code: str, *, reason: str | None = None, supports: tuple[str, ...] = (), comment: str = "") -> Any:
    """One answer as a submission holds it."""
    return {"code": code, "reason": reason, "supports": list(supports), "comment": comment}


def submit(
    session: Session,
    assessment: Assessment,
    said: Said,
    *,
    at: datetime = factories.NOW,
    number: int = 1,
    profile: dict[str, Any] | None = None,
) -> AssessmentResult:
    """Submit these answers for an assessment and score them."""
    content = questionnaires.published(session, assessment.version_id).content
    by = factories.user(session)
    submission = Submission(
        **_submission(content, assessment, said, at=at, number=number, by=by.id, profile=profile)
    )
    session.add(submission)
    assessment.state = AssessmentState.SUBMITTED
    assessment.started_at, assessment.submitted_at = at - timedelta(hours=1), at
    session.flush()
    return results.score(session, submission, now=at)


def grow(session: Session, suppliers: int = 60, *, seed: int = 1) -> Grown:
    """A chain of so many suppliers with a campaign a year ago and one now; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311  a test wants the same picture every time
    units = (factories.unit(session), factories.unit(session, "自動車部品事業部"))
    owner = factories.user(session, name="購買 花子")
    rows = _suppliers(session, suppliers, dice)
    _relationships(session, rows, units, owner, dice)
    before = factories.campaign(
        session,
        title="2025年度 取引先セキュリティ調査",
        due_on=date(2025, 12, 19),
        state=CampaignState.CLOSED,
        opened_at=LAST_YEAR,
        closed_at=LAST_YEAR + timedelta(days=60),
        created_at=LAST_YEAR,
    )
    now = factories.campaign(session)
    skill = {row: dice.random() for row in rows}
    _answer(session, before, rows[::2], skill, dice, at=LAST_YEAR, by=owner.id)
    _answer(session, now, rows, skill, dice, at=factories.NOW, by=owner.id)
    return Grown(before, now, units, owner)


def invitation(one: Assessment, at: datetime) -> Invitation:
    """An invitation to an assessment, opened by four of five suppliers."""
    return Invitation(
        assessment_id=one.id,
        supplier_id=one.supplier_id,
        name="窓口 太郎",
        email=f"contact{one.id}@supplier.example",
        token_hash=digest(["token", one.id]),
        created_at=at,
        opened_at=at if one.supplier_id % 5 else None,
    )


def _suppliers(session: Session, count: int, dice: random.Random) -> list[int]:
    session.execute(
        insert(Supplier),
        [
            {
                "name": f"{LONG}{i}" if i % 7 == 0 else f"株式会社サンプル{i:05d}工業",
                "code": f"T{i:05d}",
                "industry": dice.choice("DEGHIKL"),
                "prefecture": dice.choice(["01", "13", "14", "23", "27"]),
                "employees": dice.choice([None, 3, 12, 40, 90, 250]),
                "search_text": f"{i}",
                "created_at": factories.NOW,
                "updated_at": factories.NOW,
            }
            for i in range(count)
        ],
    )
    session.flush()
    return list(session.scalars(select(Supplier.id).order_by(Supplier.id)))


def _relationships(
    session: Session, rows: list[int], units: tuple[BusinessUnit, ...], owner: User, dice: random.Random
) -> None:
    steps = [1, 2, 2, 3, 3, 3, 4, 5, None]
    session.execute(
        insert(Relationship),
        [
            {
                "supplier_id": row,
                "business_unit_id": unit.id,
                "owner_id": owner.id if dice.random() < 0.3 else None,
                "confidentiality": dice.choice(steps[:8]),
                "continuity": dice.choice(steps[:7]),
                "connectivity": dice.choice(steps if dice.random() < 0.1 else steps[:6]),
                "spend": dice.randrange(100, 90_000) * 10_000,
                "tier": dice.choice([1, 1, 2, 3]),
            }
            for row in rows
            for unit in units[: 2 if dice.random() < 0.3 else 1]
        ],
    )


def _answer(
    session: Session,
    campaign: Campaign,
    rows: list[int],
    skill: dict[int, float],
    dice: random.Random,
    *,
    at: datetime,
    by: int,
) -> None:
    content = questionnaires.published(session, campaign.version_id).content
    for start in range(0, len(rows), CHUNK):
        asked = [
            Assessment(
                campaign_id=campaign.id,
                supplier_id=row,
                version_id=campaign.version_id,
                axes=["cyber", "secrets", "executive"] if dice.random() < 0.8 else ["cyber"],
                created_at=at,
            )
            for row in rows[start : start + CHUNK]
        ]
        session.add_all(asked)
        session.flush()
        session.add_all(invitation(one, at) for one in asked)
        answered = [one for one in asked if dice.random() < 0.7]
        made = []
        for one in answered:
            one.state, one.started_at, one.submitted_at = AssessmentState.SUBMITTED, at, at
            said = _drawn(content, skill[one.supplier_id], dice)
            made.append(Submission(**_submission(content, one, said, at=at, number=1, by=by)))
        session.add_all(made)
        session.flush()
        results.score_all(session, made, now=at)


def _drawn(content: Content, skill: float, dice: random.Random) -> Said:
    said: Said = {}
    for question in content.scored:
        draw = dice.random()
        code = CODES[0] if draw < 0.25 + 0.7 * skill else dice.choice(CODES[1:])
        reason = dice.choice(["not_needed", "low_priority", "obstacle"]) if code == "not_planned" else None
        supports = ("training", "subsidy") if code in ("planned", "not_planned") else ()
        said[question.key] = answer(code, reason=reason, supports=supports)
    return said


def _submission(
    content: Content,
    assessment: Assessment,
    said: Said,
    *,
    at: datetime,
    number: int,
    by: int,
    profile: dict[str, Any] | None = None,
) -> dict[str, Any]:
    asked = {key: one for key, one in said.items() if content.by_key[key].axis in assessment.axes}
    text = canonical(
        {
            "format": 1,
            "questionnaire": content.name,
            "version": content.version,
            "content_checksum": content.content_checksum,
            "axes": assessment.axes,
            "profile": profile or {},
            "answers": asked,
        }
    )
    return {
        "assessment_id": assessment.id,
        "supplier_id": assessment.supplier_id,
        "number": number,
        "submitted_at": at,
        "submitted_by_id": by,
        "content": text,
        "sha256": digest(text),
        "industry": assessment.supplier.industry,
        "employees": assessment.supplier.employees,
    }
