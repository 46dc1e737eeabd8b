"""Plain functions around scoring anew: answers near a border, constants, weights, a run and its pages."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import constants, evidence, proof, questionnaire_content, questionnaires
from assessments.models import (
    Assessment,
    ConstantsChoice,
    Evidence,
    Job,
    JobState,
    Questionnaire,
    QuestionnaireVersion,
    Rescoring,
    Supplier,
)
from assessments.questionnaire_content import Content
from assessments.rescoring import runs
from portal import rescoring_work, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories, supply_chain
from tests.factories import NOW
from tests.fixtures_app import Visitor

RUNNER = rescoring_work.rescore


def choose(session: Session, **entries: Any) -> ConstantsChoice:
    """Have these constants hold."""
    return constants.choose(
        session,
        questionnaire_content.read(factories.QUESTIONNAIRE).model,
        {name: Decimal(str(number)) for name, number in entries.items()},
        decided_by="委員会",
        decided_on=NOW.date(),
        reason="見直し",
        today=NOW.date(),
        now=NOW,
        by=factories.user(session),
    )


def run(session: Session, database: Database, settings: Settings) -> Rescoring:
    """Score everything anew."""
    made, job = runs.request(session, now=NOW, by=None)
    session.commit()
    assert tasks.run(database, settings, job.id) is JobState.DONE
    session.expire_all()
    return made


def answered(session: Session, supplier: Supplier, *, wanting: int) -> Assessment:
    """Submit answers that lack so many percent of the points of cyber, everything essential done."""
    assessment = factories.assessment(session, factories.campaign(session), supplier)
    content = questionnaires.published(session, assessment.version_id).content
    supply_chain.submit(session, assessment, said_without(content, wanting))
    return assessment


def said(session: Session, supplier: Supplier, others: dict[str, str]) -> Assessment:
    """Submit implemented answers to everything but these questions."""
    assessment = factories.assessment(session, factories.campaign(session), supplier)
    content = questionnaires.published(session, assessment.version_id).content
    answers = supply_chain.say(content) | {key: supply_chain.answer(code) for key, code in others.items()}
    supply_chain.submit(session, assessment, answers)
    return assessment


def proven(session: Session, assessment: Assessment, *, days: int) -> Evidence:
    """Accept evidence behind the essential questions of the first axis, dated so many days before NOW."""
    content = questionnaires.published(session, assessment.version_id).content
    keys = [one.key for one in content.scored if one.essential and one.axis == content.axes[0].key]
    by, dated = factories.user(session), proof.day(session, NOW) - timedelta(days=days)
    document = evidence.Document("更新の履歴の画面", "担当の田中がお見せします", "", dated, None)
    made = evidence.note_down(session, assessment, document, keys=keys, now=NOW, by=by)
    evidence.accept(session, made, seen=0, valid_until=None, now=NOW, by=by)
    return made


def said_without(content: Content, percent: int) -> supply_chain.Said:
    """Answers with questions of the first axis taken back, none of them essential, the last ones first."""
    said = supply_chain.say(content)
    own = [one for one in content.scored if one.axis == content.axes[0].key]
    missing = sum(one.weight for one in own) * percent // 100
    for one in reversed(own):
        if not one.essential and one.weight <= missing:
            missing -= one.weight
            said[one.key] = supply_chain.answer("planned")
    return said


def republished(session: Session) -> QuestionnaireVersion:
    """The shipped questionnaire again, the last questions of cyber weighing three times as much."""
    shipped = questionnaire_content.read(factories.QUESTIONNAIRE)
    raw = json.loads(questionnaire_content.canonical(shipped.raw))
    raw["questionnaire"]["version"] = "next"
    last = next(entry for entry in raw["sections"] if entry["section"] == shipped.axes[0].domains[-1])
    for question in last["questions"]:
        question["weight"] = 3
    of = session.scalars(select(Questionnaire)).one()
    return questionnaires._write(session, of, questionnaire_content.build(raw), now=NOW)


def rows_of(page: BeautifulSoup) -> list[list[str]]:
    """The rows of who moves without the day: name, a line a level or score, bands and why."""
    found = []
    for row in page.select("main tbody tr"):
        name = row.select_one("th a")
        assert name is not None
        moves = [" ".join(line.get_text(" ", strip=True).split()) for line in row.select("li")]
        *_others, bands, why = (cell.get_text(" ", strip=True) for cell in row.select("td"))
        found.append([name.get_text(), *moves, bands, why])
    return found


def absent(session: Session, of: Supplier) -> None:
    """Have a supplier answer 当社にはない to the first item of the 25 that allows it."""
    [assessment] = session.scalars(select(Assessment).where(Assessment.supplier_id == of.id))
    content = questionnaires.published(session, assessment.version_id).content
    said = supply_chain.say(content)
    item = next(one for one in content.scored if one.official_item and one.allows_absent)
    said[item.key] = supply_chain.answer("absent")
    supply_chain.submit(session, assessment, said, number=2)
    session.commit()


def run_all(session: Session, database: Database, settings: Settings) -> None:
    """Run the jobs that wait."""
    for job_id in session.scalars(select(Job.id)).all():
        session.commit()
        tasks.run(database, settings, job_id)
    session.expire_all()


def filled(visitor: Visitor) -> dict[str, Any]:
    """What the form holds when it is opened."""
    page = visitor.get("/risk/constants/change")
    return {str(one["name"]): one.get("value", "") for one in page.select("main form input[type=text]")}
