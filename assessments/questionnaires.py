"""Publishing a questionnaire as immutable rows, and reading a published version back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from assessments.models import Choice, Question, QuestionKind, Questionnaire, QuestionnaireVersion, Section
from assessments.questionnaire_content import (
    Content,
    QuestionContent,
    build,
    canonical,
    meaning_hash,
    read,
    scoring_facts,
)

MODEL_FACTS = ("id", "practice", "effectiveness", "bands", "star_exposure", "lenses", "answers_for")


@dataclass(frozen=True)
class Published:
    """A published version: its content, and the row ids of its questions by key and back."""

    version_id: int
    public_id: str
    content: Content
    ids: Mapping[str, int]
    keys: Mapping[int, str]

    def question(self, question_id: int) -> QuestionContent:
        """Give the question of a row id; raises KeyError."""
        return self.content.by_key[self.keys[question_id]]


def publish(session: Session, name: str, *, now: datetime) -> QuestionnaireVersion:
    """Publish the shipped content of `name`; the same content again gives the version that stands.

    Raises UnknownQuestionnaire.
    """
    content = read(name)
    standing = standing_version(session, content)
    if standing is not None:
        return standing
    questionnaire = session.scalar(select(Questionnaire).where(Questionnaire.name == name))
    if questionnaire is None:
        questionnaire = Questionnaire(name=name)
        session.add(questionnaire)
        session.flush()
    return _write(session, questionnaire, content, now=now)


def standing_version(session: Session, content: Content) -> QuestionnaireVersion | None:
    """Give the published version of exactly this content, or None."""
    return session.scalar(
        select(QuestionnaireVersion)
        .join(Questionnaire)
        .where(
            Questionnaire.name == content.name,
            QuestionnaireVersion.content_checksum == content.content_checksum,
        )
    )


def newest(session: Session, name: str) -> QuestionnaireVersion | None:
    """Give the newest published version of `name`, or None."""
    return session.scalar(
        select(QuestionnaireVersion)
        .join(Questionnaire)
        .where(Questionnaire.name == name)
        .order_by(QuestionnaireVersion.id.desc())
        .limit(1)
    )


def published(session: Session, version_id: int) -> Published:
    """Give a published version, kept in memory after the first look; raises NoResultFound."""
    seen: dict[int, Published] = session.info.setdefault("published", {})
    if version_id not in seen:
        seen[version_id] = _published(session, version_id)
    return seen[version_id]


def export(name: str) -> dict[str, Any]:
    """Give the scoring facts of the shipped content for people without the portal; needs no database."""
    content = read(name)
    model = {fact: content.model[fact] for fact in MODEL_FACTS}
    model["effectiveness"] = [percent / 100 for percent in content.model["effectiveness"]]
    return {
        "name": content.name,
        "version": content.version,
        "content_checksum": content.content_checksum,
        "scoring_checksum": content.scoring_checksum,
        "model": model,
        "profile": [_profile_facts(question) for question in content.questions() if not question.is_scored],
        "questions": [scoring_facts(question) for question in content.scored],
    }


_kept: dict[str, Published] = {}
_versions = cast(Table, QuestionnaireVersion.__table__)
_PUBLIC_ID = select(_versions.c.public_id).where(_versions.c.id == bindparam("version"))


def _published(session: Session, version_id: int) -> Published:
    public_id: str = session.execute(_PUBLIC_ID, {"version": version_id}).scalar_one()
    found = _kept.get(public_id)
    if found is None:
        found = _kept[public_id] = _load(session, version_id, public_id)
    return found


def _profile_facts(question: QuestionContent) -> dict[str, Any]:
    return {
        "key": question.key,
        "kind": question.kind,
        "required": question.required,
        "choices": [choice.code for choice in question.choices],
    }


def _write(
    session: Session, questionnaire: Questionnaire, content: Content, *, now: datetime
) -> QuestionnaireVersion:
    version = QuestionnaireVersion(
        questionnaire=questionnaire,
        version=content.version,
        title=content.title.ja,
        model=content.model["id"],
        content=canonical(content.raw),
        content_checksum=content.content_checksum,
        scoring_checksum=content.scoring_checksum,
        published_at=now,
    )
    session.add(version)
    session.flush()
    for position, entry in enumerate(content.sections):
        section = Section(version_id=version.id, key=entry.key, position=position, axis=entry.axis)
        session.add(section)
        session.flush()
        session.add_all(_question_row(version.id, section.id, question) for question in entry.questions)
    session.flush()
    return version


def _question_row(version_id: int, section_id: int, question: QuestionContent) -> Question:
    return Question(
        version_id=version_id,
        section_id=section_id,
        key=question.key,
        position=question.position,
        kind=QuestionKind(question.kind),
        weight=question.weight,
        essential=question.essential,
        allows_absent=question.allows_absent,
        official_item=question.official_item,
        meaning_hash=meaning_hash(question),
        choices=[Choice(code=choice.code, position=i) for i, choice in enumerate(question.choices)],
    )


@lru_cache(maxsize=32)
def _built(raw: str) -> Content:
    return build(json.loads(raw))


def _load(session: Session, version_id: int, public_id: str) -> Published:
    raw = session.scalars(
        select(QuestionnaireVersion.content).where(QuestionnaireVersion.id == version_id)
    ).one()
    rows = session.execute(select(Question.id, Question.key).where(Question.version_id == version_id))
    keys = dict(rows.all())
    return Published(
        version_id=version_id,
        public_id=public_id,
        content=_built(raw),
        ids={key: question_id for question_id, key in keys.items()},
        keys=keys,
    )
