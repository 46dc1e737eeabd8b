"""The shipped questionnaire keeps what the model promises of it."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from scoring.maturity import score
from scoring.model import Rubric, model_of, rubric_of
from scoring.scale import AnswerCode, Codes, Level

CONTENT = Path(__file__).parents[2] / "assessments" / "content"
FOLDER = CONTENT / "questionnaires" / "sanpo-2026"
SURVEY = CONTENT / "benchmarks" / "public_survey_answers.csv"
GIVEN = [code for code in AnswerCode if code is not AnswerCode.NOT_ASKED]


def read(name: str) -> dict[str, Any]:
    """One file of the questionnaire."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def scored_questions() -> list[dict[str, Any]]:
    """The scored questions in order, each with its domain and axis."""
    sections = [read(name) for name in read("questionnaire")["sections"]]
    return [
        {**one, "domain": section["section"], "axis": section["axis"]}
        for section in sections
        if section["axis"]
        for one in section["questions"]
    ]


@pytest.fixture(scope="module")
def shipped() -> Rubric:
    """The rubric of the shipped questionnaire."""
    content = read("model")
    return rubric_of(model_of(content), scored_questions(), content["lenses"])


def allowed(shipped: Rubric, count: int, seed: int) -> Codes:
    """Random assessments from poor to excellent that give only allowed answers."""
    rng = np.random.default_rng(seed)
    share = rng.random((count, 1))
    poorer = rng.choice(
        [AnswerCode.PARTIAL, AnswerCode.NOT_PLANNED, AnswerCode.UNKNOWN], (count, shipped.questions)
    )
    answers = np.where(rng.random((count, shipped.questions)) < share, AnswerCode.IMPLEMENTED, poorer)
    may_be_absent = np.array([one["allows_absent"] for one in scored_questions()])
    is_absent = may_be_absent & (rng.random((count, shipped.questions)) < rng.random((count, 1)))
    return np.where(is_absent, AnswerCode.ABSENT, answers).astype(np.int8)


def surveyed(shipped: Rubric, count: int, *, alike: float) -> Codes:
    """Firms answering the 25 items at the survey's rates; `alike`: how far each is good or bad as a whole."""
    with SURVEY.open(encoding="utf-8-sig") as lines:
        answered = {int(row["item_no"]): row for row in csv.DictReader(lines)}
    rng = np.random.default_rng(25)
    firm = rng.standard_normal(count)
    answers = np.zeros((count, shipped.questions), dtype=np.int8)
    for place, item in enumerate(shipped.official_item):
        if item:
            shares = np.array([float(answered[item][code.word]) for code in GIVEN[:5]])
            borders = np.round(np.cumsum(shares) / shares.sum() * count)
            merit = np.sqrt(alike) * firm + np.sqrt(1 - alike) * rng.standard_normal(count)
            answers[:, place] = 1 + np.searchsorted(borders, np.argsort(np.argsort(-merit)), side="right")
    return answers


def test_it_has_the_axes_the_lens_and_the_25_items(shipped: Rubric) -> None:
    assert [axis.name for axis in shipped.axes] == ["cyber", "secrets", "executive"]
    assert [lens.name for lens in shipped.lenses] == ["recovery"]
    assert sorted(item for item in shipped.official_item if item) == list(range(1, 26))


@pytest.mark.parametrize("code", GIVEN)
def test_one_answer_moves_an_axis_by_at_most_one_step(shipped: Rubric, code: AnswerCode) -> None:
    answers = allowed(shipped, 600, seed=int(code))
    proof = np.zeros_like(answers)
    axes = list(shipped.axis_columns)
    before = score(shipped, answers, proof).level[:, axes]
    may_be_absent = [one["allows_absent"] for one in scored_questions()]

    for place in range(shipped.questions):
        if code is AnswerCode.ABSENT and not may_be_absent[place]:
            continue
        moved = answers.copy()
        moved[:, place] = code
        after = score(shipped, moved, proof).level[:, axes]
        assert np.abs(after - before).max() <= 1


def test_no_answer_is_heavy_enough_to_leap_over_level_two(shipped: Rubric) -> None:
    may_be_absent = np.array([one["allows_absent"] for one in scored_questions()])
    weight = np.array(shipped.weight)
    low, high = shipped.model.practice
    span = shipped.model.full_points - shipped.model.points[AnswerCode.UNKNOWN]

    for axis in shipped.axes:
        members = np.array(axis.members)
        # The fewest weights that can stand beside the heaviest answer: all that may be absent is absent.
        least = weight[members][~may_be_absent[members]].sum()
        heaviest = weight[members].max()
        assert 100 * span * heaviest < (high - low) * shipped.model.full_points * (least + heaviest)


def test_a_perfect_self_declaration_is_level_three_and_100_points(shipped: Rubric) -> None:
    answers = np.full((1, shipped.questions), AnswerCode.IMPLEMENTED)
    scores = score(shipped, answers, np.zeros_like(answers))

    assert set(scores.level[0].tolist()) == {Level.DONE}
    assert scores.official.tolist() == [100]


def test_above_level_three_an_axis_needs_proof_of_six_questions_at_most(shipped: Rubric) -> None:
    for axis in shipped.axes:
        assert 1 <= sum(shipped.essential[place] for place in axis.members) <= 6


def test_firms_like_those_surveyed_spread_over_the_levels_of_cyber(shipped: Rubric) -> None:
    answers = surveyed(shipped, 4000, alike=0.4)

    level = score(shipped, answers, np.zeros_like(answers)).level[:, shipped.column("cyber")]

    shares = [100 * float(np.mean(level == one)) for one in (Level.BEGINNING, Level.PARTLY, Level.DONE)]
    assert shares == pytest.approx([10, 50, 40], abs=5)
