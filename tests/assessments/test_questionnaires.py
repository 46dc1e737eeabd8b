"""Publishing a questionnaire, reading a published version back, exporting its scoring facts."""

import copy
import json
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import questionnaires
from assessments.models import Choice, Question, QuestionnaireVersion, Section
from assessments.models.base import RecordIsFixed
from assessments.questionnaire_content import (
    Content,
    QuestionContent,
    UnknownQuestionnaire,
    build,
    meaning_hash,
    read,
)
from tests.factories import NOW, QUESTIONNAIRE

FACTS = [
    "key",
    "axis",
    "domain",
    "weight",
    "essential",
    "target",
    "target_star4",
    "allows_absent",
    "official_item",
]


@pytest.mark.database
def test_publishing_writes_every_question_and_choice(session: Session) -> None:
    content = read(QUESTIONNAIRE)

    version = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)

    assert (version.title, version.published_at) == (content.title.ja, NOW)
    assert _count(session, Section) == len(content.sections)
    assert _count(session, Question) == len(list(content.questions()))
    assert _count(session, Choice) == sum(len(question.choices) for question in content.questions())


@pytest.mark.database
def test_publishing_again_adds_nothing(session: Session) -> None:
    first = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)
    session.commit()

    again = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)

    assert again is first
    assert _count(session, QuestionnaireVersion) == 1


def test_other_content_becomes_another_version(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    first = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)
    other = _with_question(read(QUESTIONNAIRE), {"prompt": {"ja": "別の質問ですか。", "en": "Another?"}})
    monkeypatch.setattr(questionnaires, "read", lambda _name: other)

    second = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)

    assert second.id != first.id
    assert questionnaires.newest(session, QUESTIONNAIRE) is second


def test_an_unknown_questionnaire_is_refused(session: Session) -> None:
    with pytest.raises(UnknownQuestionnaire):
        questionnaires.publish(session, "../secrets", now=NOW)


@pytest.mark.parametrize("model", [QuestionnaireVersion, Section, Question, Choice])
def test_a_published_row_is_never_deleted(session: Session, model: Any) -> None:
    questionnaires.publish(session, QUESTIONNAIRE, now=NOW)
    session.delete(session.scalars(select(model).limit(1)).one())

    with pytest.raises(RecordIsFixed):
        session.flush()


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (QuestionnaireVersion, {"title": "別の題名"}),
        (Section, {"position": 99}),
        (Question, {"meaning_hash": "0" * 64}),
        (Choice, {"position": 99}),
    ],
)
def test_a_published_row_is_never_changed(session: Session, model: Any, change: dict[str, Any]) -> None:
    questionnaires.publish(session, QUESTIONNAIRE, now=NOW)
    row = session.scalars(select(model).limit(1)).one()
    for name, value in change.items():
        setattr(row, name, value)

    with pytest.raises(RecordIsFixed):
        session.flush()


@pytest.mark.database
def test_a_published_version_reads_back_as_the_shipped_content(session: Session) -> None:
    version = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)
    shipped = read(QUESTIONNAIRE)

    found = questionnaires.published(session, version.id)

    assert found.content.content_checksum == shipped.content_checksum
    assert found.content.scored == shipped.scored
    assert set(found.ids) == set(shipped.by_key)
    assert all(found.question(found.ids[key]) == one for key, one in shipped.by_key.items())


def test_checksums_are_the_same_at_each_reading() -> None:
    first, again = read(QUESTIONNAIRE), read(QUESTIONNAIRE)

    assert first.content_checksum == again.content_checksum
    assert first.scoring_checksum == again.scoring_checksum
    assert len({first.content_checksum, first.scoring_checksum}) == 2


def test_the_checksum_of_a_version_is_the_checksum_of_what_it_keeps(session: Session) -> None:
    version = questionnaires.publish(session, QUESTIONNAIRE, now=NOW)

    assert build(json.loads(version.content)).content_checksum == version.content_checksum


def test_an_english_typo_changes_the_content_but_not_what_is_asked_or_scored() -> None:
    content = read(QUESTIONNAIRE)
    english = content.scored[0].prompt.en + " (mended)"
    mended = _with_question(content, {"prompt": {"ja": content.scored[0].prompt.ja, "en": english}})

    assert mended.content_checksum != content.content_checksum
    assert mended.scoring_checksum == content.scoring_checksum
    assert meaning_hash(_first(mended)) == meaning_hash(_first(content))


def test_other_japanese_words_ask_something_else() -> None:
    content = read(QUESTIONNAIRE)
    other = _with_question(content, {"prompt": {"ja": "別の質問ですか。", "en": "Another?"}})

    assert meaning_hash(_first(other)) != meaning_hash(_first(content))


def test_another_weight_scores_otherwise() -> None:
    content = read(QUESTIONNAIRE)
    other = _with_question(content, {"weight": content.scored[0].weight + 1})

    assert other.scoring_checksum != content.scoring_checksum
    assert meaning_hash(_first(other)) == meaning_hash(_first(content))


def test_the_export_holds_what_the_arithmetic_knows() -> None:
    content = read(QUESTIONNAIRE)

    export = questionnaires.export(QUESTIONNAIRE)

    assert list(export) == [
        "name",
        "version",
        "content_checksum",
        "scoring_checksum",
        "model",
        "profile",
        "questions",
    ]
    assert [export["name"], export["version"]] == [QUESTIONNAIRE, content.version]
    assert [export["content_checksum"], export["scoring_checksum"]] == [
        content.content_checksum,
        content.scoring_checksum,
    ]


def test_the_exported_model_says_rates_by_level() -> None:
    model = questionnaires.export(QUESTIONNAIRE)["model"]

    assert list(model) == [
        "id",
        "practice",
        "effectiveness",
        "bands",
        "star_exposure",
        "lenses",
        "answers_for",
    ]
    assert model["practice"] == [50, 80]
    assert model["effectiveness"] == [0, 0, 0.15, 0.3, 0.6, 0.85]
    assert (model["bands"], model["star_exposure"]) == ([1, 2, 3, 4], 4)


def test_lenses_and_exposures_name_only_what_is_exported() -> None:
    export = questionnaires.export(QUESTIONNAIRE)
    keys = {question["key"] for question in export["questions"]}
    lenses = export["model"]["lenses"]
    sets = {question["axis"] for question in export["questions"]} | set(lenses)

    assert set(lenses) == {"recovery"}
    assert set(lenses["recovery"]) <= keys
    assert set(export["model"]["answers_for"]) == {"confidentiality", "continuity", "connectivity"}
    assert all(set(names) <= sets for names in export["model"]["answers_for"].values())


def test_exported_questions_are_the_scored_ones_in_order() -> None:
    questions = questionnaires.export(QUESTIONNAIRE)["questions"]

    assert [one["key"] for one in questions] == [one.key for one in read(QUESTIONNAIRE).scored]
    assert sorted(one["official_item"] for one in questions if one["official_item"]) == list(range(1, 26))
    assert all(list(one) == FACTS for one in questions)


def test_the_exported_profile_names_its_choices() -> None:
    profile = questionnaires.export(QUESTIONNAIRE)["profile"]

    assert {one["kind"] for one in profile} <= {"number", "text", "single", "multiple"}
    assert all(bool(one["choices"]) == (one["kind"] in {"single", "multiple"}) for one in profile)


def _first(content: Content) -> QuestionContent:
    return content.scored[0]


def _with_question(content: Content, change: dict[str, Any]) -> Content:
    """The content with its first scored question changed, as if a file had been edited."""
    raw = copy.deepcopy(dict(content.raw))
    section = next(entry for entry in raw["sections"] if entry["axis"] is not None)
    section["questions"][0] |= change
    return build(raw)


def _count(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
