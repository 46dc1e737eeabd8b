"""From answers to the requirements of another scheme: never more than every mapped answer carries."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.crosswalk import Reach, mapping_of, reach
from scoring.scale import AnswerCode, CodeOutOfRange, WrongShape

ASKED_NOT, DONE, PARTLY, PLANNED, NEVER, UNKNOWN, ABSENT = AnswerCode
WORSE = {DONE: PARTLY, PARTLY: PLANNED}


def test_a_requirement_is_declared_when_all_that_is_mapped_is_implemented() -> None:
    mapping = mapping_of([[1, 0]], [[0, 1]])

    assert one(mapping, [DONE, DONE]) is Reach.DECLARED
    assert one(mapping, [DONE, PARTLY]) is Reach.PARTLY
    assert one(mapping, [PARTLY, DONE]) is Reach.PARTLY
    assert one(mapping, [NEVER, DONE]) is Reach.PARTLY
    assert one(mapping, [NEVER, UNKNOWN]) is Reach.NOT_YET
    assert one(mapping, [PLANNED, PLANNED]) is Reach.NOT_YET


def test_what_touches_only_in_part_never_declares() -> None:
    mapping = mapping_of([[0, 0]], [[1, 1]])

    assert one(mapping, [DONE, DONE]) is Reach.PARTLY


def test_a_direct_question_that_was_not_asked_keeps_it_from_being_declared() -> None:
    mapping = mapping_of([[1, 1]], [[0, 0]])

    assert one(mapping, [DONE, ASKED_NOT]) is Reach.PARTLY
    assert one(mapping, [ASKED_NOT, ASKED_NOT]) is Reach.NOT_ASKED


def test_a_part_that_was_not_asked_does_not_hold_it_back() -> None:
    assert one(mapping_of([[1, 0]], [[0, 1]]), [DONE, ASKED_NOT]) is Reach.DECLARED


def test_an_absent_thing_is_left_out() -> None:
    mapping = mapping_of([[1, 1]], [[0, 0]])

    assert one(mapping, [DONE, ABSENT]) is Reach.DECLARED
    assert one(mapping, [ABSENT, NEVER]) is Reach.NOT_YET
    assert one(mapping, [ABSENT, ABSENT]) is Reach.NOT_ASKED


def test_a_requirement_that_no_question_touches_is_not_asked() -> None:
    assert one(mapping_of([[0]], [[0]]), [DONE]) is Reach.NOT_ASKED


def test_a_question_counts_once_where_it_is_named_twice() -> None:
    assert one(mapping_of([[1]], [[1]]), [DONE]) is Reach.DECLARED


@given(st.integers(0, 2**32))
def test_it_agrees_with_a_naive_reckoning(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a test wants the same numbers every time
    questions, requirements = dice.randint(1, 9), dice.randint(1, 5)
    roles = [[dice.choice("dp--") for _ in range(questions)] for _ in range(requirements)]
    codes = [[dice.choice(list(AnswerCode)) for _ in range(questions)] for _ in range(7)]
    mapping = mapping_of(
        [[role == "d" for role in row] for row in roles], [[role == "p" for role in row] for row in roles]
    )

    found = reach(mapping, codes)

    assert found.tolist() == [[naive(row, answers) for row in roles] for answers in codes]
    assert found.dtype == np.int8


@given(st.integers(0, 2**32))
def test_a_worse_answer_never_reaches_more(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a test wants the same numbers every time
    mapping = mapping_of([[dice.random() < 0.5 for _ in range(6)]], [[dice.random() < 0.5 for _ in range(6)]])
    before = [dice.choice(list(AnswerCode)) for _ in range(6)]
    after = [WORSE.get(code, code) if dice.random() < 0.5 else code for code in before]

    assert one(mapping, after) <= one(mapping, before)


@pytest.mark.parametrize(
    ("answers", "error"), [([[1, 1]], WrongShape), ([1], WrongShape), ([[7]], CodeOutOfRange)]
)
def test_bad_answers_are_refused(answers: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        reach(mapping_of([[1]], [[0]]), answers)  # type: ignore[arg-type]  # what must be refused


def test_a_mapping_of_two_shapes_is_refused() -> None:
    with pytest.raises(WrongShape):
        mapping_of([[1, 0]], [[1]])


def one(mapping: object, answers: Sequence[AnswerCode]) -> Reach:
    return Reach(int(reach(mapping, [answers])[0, 0]))  # type: ignore[arg-type]  # a row of codes


def naive(roles: Sequence[str], answers: Sequence[AnswerCode]) -> Reach:
    """The rule once more, one requirement and one assessment at a time."""
    direct = [code for role, code in zip(roles, answers, strict=True) if role == "d"]
    either = [code for role, code in zip(roles, answers, strict=True) if role in "dp"]
    asked = [code for code in either if code not in {ASKED_NOT, ABSENT}]
    if not asked:
        return Reach.NOT_ASKED
    if DONE in direct and ASKED_NOT not in direct and set(asked) == {DONE}:
        return Reach.DECLARED
    return Reach.PARTLY if {DONE, PARTLY} & set(asked) else Reach.NOT_YET
