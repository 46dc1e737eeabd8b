"""What scoring costs at the size of a whole supply chain, beside one product of matrices of that shape."""

import multiprocessing
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import numpy as np

from assessments import results
from assessments.content_files import questionnaire_names
from assessments.questionnaire_content import read
from scoring.maturity import Scores, explain_all, score
from scoring.model import EXPOSURE_STEPS, EXPOSURES, Rubric
from scoring.risk import Priorities, prioritise
from scoring.scale import AnswerCode, Assurance, Codes
from tests.bench.measuring import cost, line

ASSESSMENTS = 100_000
EXPLAINED = 200
KILO = 1024

Chain = tuple[Rubric, Codes, Codes, Codes]


def lines() -> Iterator[str]:
    """Measure and word each figure of the arithmetic."""
    chain = _chain()
    rubric, answers, proof, _exposures = chain
    size = f"{ASSESSMENTS:,} × {rubric.questions}"
    least = cost(_product(rubric), runs=9)
    yield line(
        f"score {size} and rank", cost(lambda: _reckon(chain), runs=9), goal="≤ 500 ms", smallest=least
    )
    yield f"{'  its memory beyond the answers':44} {_memory():9.0f} MB {'':35} ≤ 200 MB"
    place = cycle(range(EXPLAINED))

    def explain() -> object:
        row = next(place)
        return explain_all(rubric, answers[row], proof[row])

    yield line("explain one assessment, all its sets", cost(explain, runs=EXPLAINED), goal="≤ 2 ms")


def _chain() -> Chain:
    """The shipped questionnaire answered at random, with proof and exposures."""
    rubric = results.rubric(read(questionnaire_names()[0]))
    rng = np.random.default_rng(3)
    shape = (ASSESSMENTS, rubric.questions)
    answers = rng.integers(AnswerCode.NOT_ASKED, AnswerCode.ABSENT + 1, shape, dtype=np.int8)
    proof = rng.integers(Assurance.NONE, Assurance.VERIFIED + 1, shape, dtype=np.int8)
    exposures = rng.integers(1, EXPOSURE_STEPS + 1, (ASSESSMENTS, len(EXPOSURES)), dtype=np.int8)
    return rubric, answers, proof, exposures


def _reckon(chain: Chain) -> tuple[Scores, object, object, Priorities]:
    """Levels, scores, the lowest axis and the residual risk of all."""
    rubric, answers, proof, exposures = chain
    scores = score(rubric, answers, proof)
    return scores, scores.score, scores.overall_level, prioritise(rubric, exposures, scores.level)


def _product(rubric: Rubric) -> Callable[[], object]:
    """One product of matrices of the same shape: what the machine's NumPy needs at the least."""
    rng = np.random.default_rng(3)
    answers, sets = (
        rng.random((ASSESSMENTS, rubric.questions)),
        rng.random((rubric.questions, len(rubric.sets))),
    )
    return lambda: answers @ sets


def _memory() -> float:
    """Megabytes by which the most a process of its own ever held grows while it scores."""
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        return alone.apply(_growth)


def _growth() -> float:
    chain = _chain()
    before = _highest()
    kept = _reckon(chain)
    grown = _highest() - before
    del kept
    return grown / KILO


def _highest() -> int:
    """Kilobytes this process held at most; getrusage would count what the one that started it held."""
    facts = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(fact.split()[1]) for fact in facts if fact.startswith("VmHWM"))


if __name__ == "__main__":
    for row in lines():
        print(row)
