"""One record a supplier of a checked file, in its documented shape; what does not exist is None."""

from collections.abc import Iterator, Sequence
from typing import Any

from assessments import results
from assessments.questionnaire_content import Content
from assessments.scoring_file.reading import AnswersFile
from scoring.maturity import Explanation, SetScore, Summary, explanations, score, summary
from scoring.model import PERCENT, NamedSet, Rubric
from scoring.risk import Priorities, prioritise

# So many suppliers are scored at once, however long the file is.
BATCH = 2048


def records(content: Content, answered: AnswersFile) -> Iterator[dict[str, Any]]:
    """Give each supplier's record in the order of the file; scores and residual unrounded."""
    for start in range(0, len(answered.suppliers), BATCH):
        yield from _batch(content, answered, slice(start, start + BATCH))


def _batch(content: Content, answered: AnswersFile, rows: slice) -> Iterator[dict[str, Any]]:
    rubric = results.rubric(content)
    answers, assurance = answered.answers[rows], answered.assurance[rows]
    scores = score(rubric, answers, assurance)
    priorities = prioritise(rubric, answered.exposures[rows], scores.level)
    explained = explanations(scores, answers, assurance)
    for row, (supplier, found) in enumerate(zip(answered.suppliers[rows], explained, strict=True)):
        yield {
            "supplier": supplier,
            "questionnaire": content.name,
            "scoring_checksum": content.scoring_checksum,
            "model": rubric.model.id,
            **_scored(content, rubric, summary(scores, row), found),
            **_priority(rubric, priorities, row),
        }


def _scored(
    content: Content, rubric: Rubric, found: Summary, explained: dict[str, Explanation]
) -> dict[str, Any]:
    def sets(named: Sequence[NamedSet]) -> dict[str, Any]:
        return {one.name: _set(content, found.sets[one.name], explained[one.name]) for one in named}

    return {
        "official_score": found.official_score,
        "official_band": found.official_band,
        "unknown": found.unknown,
        "absent": found.absent,
        "domains": sets(rubric.domains),
        "axes": sets(rubric.axes),
        "lenses": sets(rubric.lenses),
        "overall_level": found.overall_level,
        "assurance": {
            "attested": found.attested,
            "evidenced": found.evidenced,
            "verified": found.verified,
        },
    }


def _set(content: Content, found: SetScore, explained: Explanation) -> dict[str, Any]:
    return {
        "level": found.level,
        "score": found.score,
        "next": {
            "points_missing": explained.points_missing,
            "essential": [content.scored[place].key for place in explained.essential],
            "lightest": [content.scored[place].key for place in explained.lightest],
        },
    }


def _priority(rubric: Rubric, priorities: Priorities, row: int) -> dict[str, Any]:
    if not priorities.is_graded[row]:
        return dict.fromkeys(("inherent", "residual", "band", "expected_star"))
    return {
        "inherent": int(priorities.inherent[row]),
        "residual": int(priorities.residual[row]) / PERCENT,
        "band": rubric.model.band_names[int(priorities.band[row])],
        "expected_star": int(priorities.expected_star[row]),
    }
