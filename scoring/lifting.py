"""What measures do to answers: the steps by which questions rise, and the answers once they are taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring.model import Rubric
from scoring.plan_terms import LIFTED_TO, PlanMeasure
from scoring.remediation import is_raised
from scoring.scale import AnswerCode


@dataclass(frozen=True, slots=True)
class Step:
    """A question's rise to an answer from the one below it, and the measures that bring at least this.

    `gain` is weight × points. A question that rises from nothing to implemented by way of partial has two.
    """

    question: int
    code: AnswerCode
    gain: int
    measures: tuple[int, ...]


def steps(
    rubric: Rubric, answers: Sequence[AnswerCode], measures: Sequence[PlanMeasure], usable: Iterable[int]
) -> tuple[Step, ...]:
    """The steps up from these answers that the usable measures can bring, by question, the lower first.

    Together the gains of a question's steps are what lifting it to the last of them gains.
    """
    lifting: dict[int, dict[AnswerCode, list[int]]] = {}
    for place in usable:
        for question, code in measures[place].lifts:
            if is_raised(answers[question], code):
                lifting.setdefault(question, {}).setdefault(code, []).append(place)
    points = rubric.model.points
    found = []
    for question, by_code in sorted(lifting.items()):
        below = answers[question]
        for code in LIFTED_TO:
            if code in by_code:
                bringing = [
                    place for reached in by_code if not is_raised(reached, code) for place in by_code[reached]
                ]
                gain = rubric.weight[question] * (points[code] - points[below])
                found.append(Step(question, code, gain, tuple(bringing)))
                below = code
    return tuple(found)


def lifted(answers: Sequence[AnswerCode], taken: Iterable[PlanMeasure]) -> tuple[AnswerCode, ...]:
    """The answers once these measures are taken: each question at the best of them, none lowered."""
    raised = list(answers)
    for measure in taken:
        for question, code in measure.lifts:
            if is_raised(raised[question], code):
                raised[question] = code
    return tuple(raised)


def raises_any(answers: Sequence[AnswerCode], measure: PlanMeasure) -> bool:
    """Whether a measure lifts at least one of these answers."""
    return any(is_raised(answers[question], code) for question, code in measure.lifts)
