"""What a supplier may see is a list of fields that is read like code; nothing of the buyer's is on it."""

from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from assessments import (
    arithmetic,
    own_measures,
    own_peers,
    own_plan,
    own_proof,
    own_result,
    own_survey,
    own_view,
    questionnaires,
    services,
)
from assessments.answers import Given
from assessments.questionnaire_content import QuestionContent
from tests import factories
from tests.answering import answer_all, content_of, invited, person, plain, submitted
from tests.factories import NOW

GOLDEN = Path(__file__).parents[1] / "golden" / "supplier_fields.txt"
TODAY = date(2026, 11, 21)
BUYERS_OWN = {
    "exposure",
    "inherent",
    "residual",
    "priority",
    "tier",
    "spend",
    "note",
    "star",
    "unit",
    "owner",
}


def shown_fields() -> list[str]:
    lines = []
    for module in (
        arithmetic,
        own_measures,
        own_peers,
        own_plan,
        own_proof,
        own_result,
        own_survey,
        own_view,
        services,
    ):
        for name, kind in sorted(vars(module).items()):
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
                lines.append(f"{module.__name__}.{name}: {' '.join(field.name for field in fields(kind))}")
    return lines


def test_the_fields_a_supplier_sees_are_those_on_the_list() -> None:
    assert shown_fields() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_no_field_is_the_buyers_own() -> None:
    words = {word for line in shown_fields() for word in line.split(": ")[1].replace("_", " ").split()}

    assert not words & BUYERS_OWN


def test_records_are_frozen() -> None:
    kinds: list[Any] = [own_view.OwnAssessment, own_result.OwnResult, own_measures.OwnMeasure]

    assert all(kind.__dataclass_params__.frozen for kind in kinds)


def test_progress_counts_what_must_be_answered(session: Session) -> None:
    aoba, _ = invited(session, axes=["cyber"])
    answer_all(session, aoba, person(session))

    overview = own_view.overview(session, aoba)

    assert (overview.assessment.answered, overview.assessment.total) == (28, 28)
    assert [(page.answered, page.total) for page in overview.sections] == [(3, 3), (5, 5), (13, 13), (7, 7)]


def test_an_earlier_answer_is_offered_where_the_question_means_the_same(session: Session) -> None:
    aoba = factories.supplier(session)
    before, _ = invited(session, aoba, created_at=NOW - timedelta(days=400))
    submitted(session, before, now=NOW - timedelta(days=370))
    now, _ = invited(session, aoba, campaign=factories.campaign(session, title="今年の調査"))
    stranger, _ = invited(session, factories.stranger(session), campaign=now.campaign)

    published = questionnaires.published(session, now.version_id)
    found = own_view.earlier_answers(session, now, published)

    assert len(found) == len(published.content.scored)
    assert {one.code for one in found.values()} == {"implemented"}
    assert own_view.earlier_answers(session, stranger, published) == {}


def test_the_result_tells_the_good_first(session: Session) -> None:
    aoba, _ = invited(session)
    submitted(session, aoba)

    result = own_result.result(session, aoba, on=TODAY)

    assert result is not None
    assert (result.official.points, result.done, result.unknown) == (100, result.counted, 0)
    assert [band.is_current for band in result.official.bands] == [False, False, False, True]
    assert [ladder.level for ladder in result.ladders] == [3, 3, 3]
    assert all(ladder.wants_proof for ladder in result.ladders)


def test_what_was_not_asked_has_no_ladder(session: Session) -> None:
    aoba, _ = invited(session, axes=["cyber"])
    submitted(session, aoba)

    result = own_result.result(session, aoba, on=TODAY)

    assert result is not None
    assert [ladder.level for ladder in result.ladders] == [3]
    assert [(one.axis, one.level) for one in result.sets] == [("cyber", 3)] * 3 + [(None, 3)]


def test_what_was_raised_since_last_time_is_named(session: Session) -> None:
    aoba = factories.supplier(session)
    before, _ = invited(session, aoba, created_at=NOW - timedelta(days=400))
    submitted(session, before, _first_unknown, now=NOW - timedelta(days=370))
    now, _ = invited(session, aoba, campaign=factories.campaign(session, title="今年の調査"))
    submitted(session, now)

    result = own_result.result(session, now, on=TODAY)

    assert result is not None
    assert [question.official_item for question in result.raised] == [1]


def test_the_essential_questions_lead_the_way(session: Session) -> None:
    aoba, _ = invited(session)
    submitted(session, aoba, lambda one: Given("partial") if one.essential else plain(one))

    result = own_result.result(session, aoba, on=TODAY)

    assert result is not None
    essential = [question for question in content_of(session, aoba).scored if question.essential]
    assert [question for ladder in result.ladders for question in ladder.essential] == essential
    assert all(ladder.next_level == 3 for ladder in result.ladders)


def _first_unknown(question: QuestionContent) -> Given:
    return Given("unknown") if question.official_item == 1 else plain(question)
