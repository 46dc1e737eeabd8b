"""Codes, their names, and packed vectors."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from scoring.scale import (
    AnswerCode,
    Assurance,
    CodeOutOfRange,
    Level,
    NotWhole,
    ScoringError,
    UnknownName,
    WrongShape,
    answer_codes,
    assurance_codes,
    code_of,
    unpack_answers,
    unpack_assurance,
)


def test_the_codes_are_fixed_for_ever() -> None:
    assert {code.word: int(code) for code in AnswerCode} == {
        "not_asked": 0,
        "implemented": 1,
        "partial": 2,
        "planned": 3,
        "not_planned": 4,
        "unknown": 5,
        "absent": 6,
    }
    assert {assurance.word: int(assurance) for assurance in Assurance} == {
        "none": 0,
        "attested": 1,
        "evidenced": 2,
        "verified": 3,
    }
    assert [int(level) for level in Level] == [0, 1, 2, 3, 4, 5]


def test_a_name_leads_to_its_code_and_back() -> None:
    assert all(code_of(code.word) is code for code in AnswerCode)


@pytest.mark.parametrize("word", ["", "IMPLEMENTED", "done", "実施している"])
def test_a_name_that_no_code_has_is_refused(word: str) -> None:
    with pytest.raises(UnknownName):
        code_of(word)


def test_packed_answers_are_one_byte_a_question() -> None:
    assert unpack_answers([b"\x01\x02\x00\x06"], questions=4).tolist() == [[1, 2, 0, 6]]
    assert unpack_assurance([b"\x00\x03"], questions=2).tolist() == [[0, 3]]


def test_packed_assessments_come_back_as_a_matrix() -> None:
    rows = np.array([[1, 2, 3], [4, 5, 6], [0, 0, 0]], dtype=np.int8)
    proof = rows % 4

    assert np.array_equal(unpack_answers([row.tobytes() for row in rows], questions=3), rows)
    assert np.array_equal(unpack_assurance([row.tobytes() for row in proof], questions=3), proof)
    assert unpack_answers([], questions=3).shape == (0, 3)


def test_a_packed_assessment_of_another_length_is_refused() -> None:
    with pytest.raises(WrongShape):
        unpack_answers([b"\x01\x02", b"\x01"], questions=2)
    with pytest.raises(WrongShape):
        unpack_assurance([b"\x01\x02\x03"], questions=2)


@pytest.mark.parametrize("packed", [b"\x07", b"\xff", b"\x80"])
def test_a_byte_that_is_no_code_is_refused(packed: bytes) -> None:
    with pytest.raises(CodeOutOfRange):
        unpack_answers([packed], questions=1)
    with pytest.raises(CodeOutOfRange):
        unpack_assurance([packed], questions=1)


@pytest.mark.parametrize("numbers", [[7], [-1], [257], [np.int64(2**40)]])
def test_a_number_that_is_no_answer_is_refused_and_not_wrapped(numbers: ArrayLike) -> None:
    with pytest.raises(CodeOutOfRange):
        answer_codes(numbers, shape=(None,))


def test_a_number_that_is_no_assurance_is_refused() -> None:
    with pytest.raises(CodeOutOfRange):
        assurance_codes([4], shape=(None,))


@pytest.mark.parametrize("numbers", [[1.0], [np.nan], ["1"], [None], [True]])
def test_what_is_not_whole_numbers_is_refused(numbers: ArrayLike) -> None:
    with pytest.raises(NotWhole):
        answer_codes(numbers, shape=(None,))


@pytest.mark.parametrize("numbers", [1, [[1]], [1, 1], [[1], [1, 2]]])
def test_an_array_of_another_shape_is_refused(numbers: ArrayLike) -> None:
    with pytest.raises(WrongShape):
        answer_codes(numbers, shape=(1,))


def test_no_numbers_at_all_are_fine_where_any_length_is() -> None:
    assert answer_codes([], shape=(None,)).dtype == np.int8


def test_every_refusal_is_one_of_this_ring() -> None:
    assert all(
        issubclass(error, ScoringError) for error in (WrongShape, CodeOutOfRange, NotWhole, UnknownName)
    )
