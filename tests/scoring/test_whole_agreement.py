"""Every figure agrees with the naive reference: 10 000 shipped assessments, 10 000 of random rubrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from assessments import results
from scoring.maturity import Explanation, SetScore, Summary, explanations, score, summary
from scoring.model import PERCENT, NamedSet, Rubric
from scoring.risk import Priorities, prioritise
from scoring.scale import Codes
from tests.score_files import CONTENT, as_floats, expected, random_rows
from tests.scoring import reference
from tests.scoring.cases import ANSWERS, PROOFS, RandomCase, coded, proven, random_case

EXPOSURES = ("confidentiality", "continuity", "connectivity")


@dataclass(frozen=True)
class Batch:
    """Assessments as the ring takes them, and the keys of their questions."""

    rubric: Rubric
    keys: list[str]
    answers: Codes
    proof: Codes
    exposures: Codes


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_every_figure_agrees_on_random_weights_essentials_and_constants(seed: int) -> None:
    case = random_case(1000 + seed, assessments=50)
    keys = [one["key"] for one in case.questions]

    for row, ours in enumerate(records(Batch(case.rubric, keys, case.answers, case.proof, case.exposures))):
        answers, proof = case.words(row)
        exposures = case.exposures[row].tolist()
        theirs = reference.record(case.questions, named(case), answers, proof, exposures, case.constants)
        assert ours == as_floats(theirs)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_every_figure_agrees_on_the_shipped_questionnaire(seed: int) -> None:
    rows = random_rows(1000, seed=seed)
    keys = [one.key for one in CONTENT.scored]
    batch = Batch(
        results.rubric(CONTENT),
        keys,
        answers=np.array([coded(*(row[key] or "not_asked" for key in keys)) for row in rows]),
        proof=np.array([proven(*(row[f"{key}.assurance"] or "attested" for key in keys)) for row in rows]),
        exposures=np.array([[row[name] or 0 for name in EXPOSURES] for row in rows]),
    )

    for row, ours in zip(rows, records(batch), strict=True):
        assert ours == as_floats(expected(CONTENT, row))


def test_random_assessments_hold_every_answer_and_every_proof() -> None:
    rows = random_rows(100, seed=0)
    said = {row[one.key] or "not_asked" for row in rows for one in CONTENT.scored}
    shown = {row[f"{one.key}.assurance"] or "none" for row in rows for one in CONTENT.scored}

    assert (said, shown) == (set(ANSWERS), set(PROOFS))


def named(case: RandomCase) -> dict[str, dict[str, list[int]]]:
    """The sets of a random rubric by kind and name, as the reference takes them."""
    kinds = {"domains": case.rubric.domains, "axes": case.rubric.axes, "lenses": case.rubric.lenses}
    return {kind: {one.name: case.members[one.name] for one in sets} for kind, sets in kinds.items()}


def records(batch: Batch) -> Iterator[dict[str, Any]]:
    """What the ring makes of each assessment, in the reference's words."""
    rubric = batch.rubric
    scores = score(rubric, batch.answers, batch.proof)
    first = prioritise(rubric, batch.exposures, scores.level)
    for row, why in enumerate(explanations(scores, batch.answers, batch.proof)):
        yield _scored(rubric, batch.keys, summary(scores, row), why) | _priority(rubric, first, row)


def _scored(rubric: Rubric, keys: list[str], found: Summary, why: dict[str, Explanation]) -> dict[str, Any]:
    def sets(group: tuple[NamedSet, ...]) -> dict[str, Any]:
        return {one.name: _set(keys, found.sets[one.name], why[one.name]) for one in group}

    plain = ("official_score", "official_band", "unknown", "absent", "overall_level")
    return {
        **{name: getattr(found, name) for name in plain},
        "domains": sets(rubric.domains),
        "axes": sets(rubric.axes),
        "lenses": sets(rubric.lenses),
        "assurance": {name: getattr(found, name) for name in ("attested", "evidenced", "verified")},
    }


def _priority(rubric: Rubric, first: Priorities, row: int) -> dict[str, Any]:
    is_graded = bool(first.is_graded[row])
    return {
        "inherent": int(first.inherent[row]) if is_graded else None,
        "residual": int(first.residual[row]) / PERCENT if is_graded else None,
        "band": rubric.model.band_names[first.band[row]] if is_graded else None,
        "expected_star": int(first.expected_star[row]) if is_graded else None,
    }


def _set(keys: list[str], found: SetScore, why: Explanation) -> dict[str, Any]:
    return {
        "level": found.level,
        "score": found.score,
        "next": {
            "points_missing": why.points_missing,
            "essential": [keys[place] for place in why.essential],
            "lightest": [keys[place] for place in why.lightest],
        },
    }
