"""The measures that many suppliers could take, as arrays: what each brings whom, and at what price."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.model import Rubric
from scoring.plan_terms import HIGHEST_YEN, LIFTED_TO, BadGoal, BadMeasure
from scoring.remediation import is_raised
from scoring.scale import AnswerCode, CodeOutOfRange, Codes, WrongShape, answer_codes, whole_numbers

Truths: TypeAlias = NDArray[np.bool_]
Wholes: TypeAlias = NDArray[np.int64]

_BELOW_PARTIAL = (AnswerCode.PLANNED, AnswerCode.NOT_PLANNED, AnswerCode.UNKNOWN)


@dataclass(frozen=True, eq=False)
class PortfolioCase:
    """Suppliers × measures to choose from, checked by portfolio_case.

    `lifts` is what each measure lifts, the same for all; `yen` what it costs each supplier in the first year,
    `is_usable` whether it may be chosen for it, `factor` how much a supplier's gain counts (its inherent
    exposure), `targets` the answers aimed at (suppliers × questions).
    """

    rubric: Rubric
    answers: Codes
    lifts: tuple[tuple[tuple[int, AnswerCode], ...], ...]
    yen: Wholes
    is_usable: Truths
    factor: Wholes
    targets: Codes

    @property
    def suppliers(self) -> int:
        """How many suppliers there are."""
        return len(self.answers)

    @cached_property
    def steps(self) -> tuple[tuple[int, AnswerCode], ...]:
        """The steps that a measure brings anybody, by question, the lower answer first."""
        lifted = {pair for lifts in self.lifts for pair in lifts}
        return tuple(sorted(lifted, key=lambda step: (step[0], LIFTED_TO.index(step[1]))))

    @cached_property
    def brings(self) -> Truths:
        """Which measure brings which step, or the one above it (steps × measures)."""
        brought = [dict(lifts) for lifts in self.lifts]
        rows = [
            [question in reached and not is_raised(reached[question], code) for reached in brought]
            for question, code in self.steps
        ]
        return np.array(rows, dtype=np.bool_).reshape(len(self.steps), len(self.lifts))

    @cached_property
    def gain(self) -> Wholes:
        """What each step gains each supplier: factor × weight × points (suppliers × steps)."""
        gain = np.zeros((self.suppliers, len(self.steps)), dtype=np.int64)
        points = np.array(self.rubric.model.points, dtype=np.int64)
        below: dict[int, AnswerCode] = {}
        for column, (question, code) in enumerate(self.steps):
            answers = self.answers[:, question]
            lower = below.get(question)
            was = points[answers]
            if lower is not None:
                was = np.where(_is_below(answers, lower), points[lower], was)
            rises = self._is_gap(question) & _is_below(answers, code)
            gain[:, column] = np.where(rises, self.rubric.weight[question] * (points[code] - was), 0)
            below[question] = code
        return gain * self.factor[:, None]

    def gained(self, chosen: Truths) -> Wholes:
        """What each supplier gains by the measures chosen for it (suppliers × measures)."""
        is_brought = chosen.astype(np.float32) @ self.brings.T.astype(np.float32) > 0
        sums: Wholes = np.where(is_brought, self.gain, 0).sum(axis=1)
        return sums

    def spent(self, chosen: Truths) -> Wholes:
        """What the measures chosen cost each supplier in the first year."""
        sums: Wholes = np.where(chosen, self.yen, 0).sum(axis=1)
        return sums

    def _is_gap(self, question: int) -> Truths:
        answers, targets = self.answers[:, question], self.targets[:, question]
        is_gap: Truths = np.where(
            targets == AnswerCode.IMPLEMENTED,
            _is_below(answers, AnswerCode.IMPLEMENTED),
            _is_below(answers, AnswerCode.PARTIAL),
        )
        return is_gap


def portfolio_case(
    rubric: Rubric,
    answers: ArrayLike,
    lifts: Sequence[tuple[tuple[int, AnswerCode], ...]],
    yen: ArrayLike,
    *,
    factor: ArrayLike,
    is_usable: ArrayLike | None = None,
    targets: ArrayLike | None = None,
) -> PortfolioCase:
    """The checked case. Answers are suppliers × questions, `yen` and `is_usable` suppliers × measures.

    `factor` is one whole number a supplier, `targets` one row for all or one a supplier (None: implemented).
    Raises WrongShape, CodeOutOfRange, NotWhole, BadMeasure (a lift or a cost that cannot be), BadGoal (a
    negative factor).
    """
    codes = answer_codes(answers, shape=(None, rubric.questions))
    shape = (len(codes), len(lifts))
    costs = whole_numbers(yen, shape=shape).astype(np.int64)
    factors = whole_numbers(factor, shape=shape[:1]).astype(np.int64)
    usable = np.ones(shape, dtype=np.bool_) if is_usable is None else np.asarray(is_usable)
    if usable.shape != shape or usable.dtype != np.bool_:
        raise WrongShape("what is usable is true or false for each supplier and measure")
    aims = np.asarray(AnswerCode.IMPLEMENTED if targets is None else targets)
    if aims.ndim <= 1:
        aims = np.broadcast_to(aims, codes.shape) if aims.shape in ((), codes.shape[1:]) else aims
    wanted = answer_codes(aims, shape=codes.shape)
    if not np.isin(wanted, LIFTED_TO).all():
        raise CodeOutOfRange("a target is implemented or partial")
    for is_right, error in _rules(rubric, lifts, costs, factors):
        if not is_right:
            raise error
    checked = tuple(tuple(sorted(one)) for one in lifts)
    return PortfolioCase(rubric, codes, checked, costs, usable, factors, wanted)


def _rules(
    rubric: Rubric, lifts: Sequence[tuple[tuple[int, AnswerCode], ...]], yen: Wholes, factor: Wholes
) -> Iterable[tuple[bool, Exception]]:
    pairs = [pair for one in lifts for pair in one]
    is_known = all(type(q) is int and 0 <= q < rubric.questions and code in LIFTED_TO for q, code in pairs)
    yield is_known, BadMeasure("a measure lifts known questions to implemented or partial")
    is_once = all(len(one) == len({question for question, _ in one}) for one in lifts)
    yield is_once, BadMeasure("a measure lifts a question twice")
    is_cost = not yen.size or (yen.min() >= 0 and yen.max() <= HIGHEST_YEN)
    yield bool(is_cost), BadMeasure("a cost is whole yen, 0 or more")
    yield not factor.size or bool(factor.min() >= 0), BadGoal("a factor is a whole number, 0 or more")


def _is_below(answers: Codes, code: AnswerCode) -> Truths:
    lower = _BELOW_PARTIAL if code == AnswerCode.PARTIAL else (*_BELOW_PARTIAL, AnswerCode.PARTIAL)
    is_below: Truths = np.isin(answers, lower)
    return is_below
