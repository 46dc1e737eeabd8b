"""The demo's SECURITY ACTION: a believable share of the firms that answered declared one star or two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import declarations, proof, readiness, results
from assessments.content_files import read_yaml
from assessments.declarations import Told
from assessments.models import (
    Assessment,
    AssessmentResult,
    AssessmentState,
    Campaign,
    CampaignState,
    Submission,
    Supplier,
    User,
)
from assessments.questionnaires import Published
from assessments.readiness import Readiness, Step

AGO = timedelta(days=1)
WHOLE = 100


@dataclass(frozen=True)
class Answered:
    """A firm with who answered for it, and how near its answers come to the stars."""

    supplier: Supplier
    by: User
    ready: Readiness

    @property
    def suits_two(self) -> bool:
        """Whether the 25 items were answered and a policy is set, by its own word."""
        return self.ready.self_check is Step.DONE and self.ready.policy_set is Step.DONE

    @property
    def suits_one(self) -> bool:
        """Whether every basic is begun."""
        return self.ready.begun == len(self.ready.basics)


@cache
def rules() -> Mapping[str, Any]:
    """Read how many declared what."""
    found: Mapping[str, Any] = read_yaml("demo/declared.yaml")
    return found


def declare(session: Session, published: Published, reviewer: User, *, seed: int, now: datetime) -> None:
    """Have firms tell of their declaration, and the reader look some up, as the pages do."""
    found = _answered(session, published)
    rng = np.random.default_rng(seed + 3)
    mixed = [found[place] for place in rng.permutation(len(found)).tolist()]
    two = [one for one in mixed if one.suits_two][: _share(found, "two_stars_percent")]
    one = [one for one in mixed if one.suits_one and one not in two][: _share(found, "one_star_percent")]
    at, today = now - AGO, proof.day(session, now - AGO)
    for number, (star, firm) in enumerate([(2, firm) for firm in two] + [(1, firm) for firm in one], start=1):
        told = _told(firm, star, number=number, today=today, rng=rng)
        declarations.tell(session, firm.supplier, told, now=at, today=today, by=firm.by)
        if told.declaration_id and number % rules()["looked_up_every"] == 0:
            declarations.check(session, firm.supplier, now=at, today=today, by=reviewer)
    session.flush()


def _share(found: Sequence[Answered], rule: str) -> int:
    return len(found) * int(rules()[rule]) // WHOLE


def _answered(session: Session, published: Published) -> list[Answered]:
    rows = session.execute(
        select(Supplier, User, AssessmentResult)
        .join(Assessment, Assessment.supplier_id == Supplier.id)
        .join(AssessmentResult, AssessmentResult.id == Assessment.current_result_id)
        .join(Submission, Submission.id == AssessmentResult.submission_id)
        .join(User, User.id == Submission.submitted_by_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(Campaign.state == CampaignState.OPEN, Assessment.state != AssessmentState.RETURNED)
        .order_by(Assessment.id)
    )
    content = published.content
    return [
        Answered(supplier, by, readiness.security_action(content, results.answers_of(content, row), None))
        for supplier, by, row in rows
    ]


def _told(firm: Answered, star: int, *, number: int, today: date, rng: np.random.Generator) -> Told:
    is_earlier = number % rules()["earlier_id_every"] == 0
    begins = rules()["earlier_id_begins" if is_earlier else "id_begins"]
    first, last = rules()["earlier_days_ago" if is_earlier else "days_ago"]
    is_without = not is_earlier and number % rules()["without_id_every"] == 0
    page = rules()["policy_page"].format(domain=firm.by.email.partition("@")[2])
    return Told(
        star=star,
        declaration_id="" if is_without else f"{begins}{number:04d}",
        declared_on=today - timedelta(days=int(rng.integers(first, last))),
        policy_url=page if star == 2 else "",  # noqa: PLR2004  two stars want a published policy
    )
