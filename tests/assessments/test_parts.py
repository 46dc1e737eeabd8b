"""Which parts a supplier is asked: the rule of the content over the highest exposures."""

import pytest

from assessments import parts
from assessments.parts import Highest
from assessments.questionnaire_content import read
from tests.factories import QUESTIONNAIRE

CONTENT = read(QUESTIONNAIRE)


@pytest.mark.parametrize(
    ("highest", "axes"),
    [
        (Highest(1, 1, 1), ["cyber"]),
        (Highest(2, 1, 1), ["cyber", "secrets"]),
        (Highest(1, 3, 1), ["cyber", "executive"]),
        (Highest(1, 1, 5), ["cyber", "executive"]),
        (Highest(3, 2, 2), ["cyber", "secrets", "executive"]),
        (Highest(2, None, None), ["cyber", "secrets"]),
        (Highest(), ["cyber"]),
    ],
)
def test_the_rule_asks_what_the_exposures_reach(highest: Highest, axes: list[str]) -> None:
    assert parts.asked_axes(CONTENT, highest) == axes


def test_every_supplier_is_asked_the_groundwork() -> None:
    assert parts.always_asked(CONTENT) == {"cyber"}


def test_each_part_has_a_reason_that_names_no_grade() -> None:
    found = parts.reasons(CONTENT, ["cyber", "executive"])

    assert [title.en for title, _reason in found] == ["Cyber security", "The executive's part"]
    assert not [reason for _title, reason in found if "exposure" in reason.en.lower()]


def test_the_stated_time_follows_what_is_asked() -> None:
    fewer, more = parts.minutes(CONTENT, ["cyber"]), parts.minutes(CONTENT, ["cyber", "secrets"])

    assert fewer == 5  # 25 questions at 0.2 minutes each
    assert more > fewer
    assert parts.question_count(CONTENT, ["cyber"]) == 25
