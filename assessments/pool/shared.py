"""The pool as its members may see it: counts by group, what of them is shown, and everybody's scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assessments.pool.groups import chain_of, nesting
from assessments.questionnaire_content import Content, QuestionContent, meaning_hash
from scoring import benchmark
from scoring.benchmark import SMALLEST_SHARED, Rates
from scoring.model import Rubric
from scoring.release import NOBODY, Mask, ReleasedColumns, Rows, in_groups, may_share, summed
from scoring.scale import Codes


@dataclass(frozen=True)
class Staff:
    """Who looks after security, by size: counts (bands × choices of `question`), and which may be shown.

    `everybody` is the row of all bands and of those whose size is not known; let out by band, on its own.
    """

    question: QuestionContent | None
    by_band: Rows
    is_shown: Mask
    everybody: Rows
    is_everybody_shown: bool


@dataclass(frozen=True)
class Shared:
    """Answers let out at the start of a month, a row a firm; columns are those of `content`.

    `firms` are supplier ids in rising order, each with its `stratum`; NOBODY stands for a firm that has
    answered and was not let out. Each question is let out by itself (`codes`, as `answers` says), and so is
    each set of the rubric (`scores`, 0 to 100, NaN for none, as `standings` says).
    """

    key: tuple[object, ...]
    as_of: date
    content: Content
    rubric: Rubric
    firms: Rows
    stratum: Rows
    codes: Codes
    answers: ReleasedColumns
    scores: NDArray[np.float64]
    standings: ReleasedColumns
    staff: Staff

    @cached_property
    def everybody(self) -> int | None:
        """How many firms are let out; None of too few."""
        found = int(np.count_nonzero(self.stratum != NOBODY))
        return found if found >= SMALLEST_SHARED else None

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """The column of each set by its name."""
        return {named.name: place for place, named in enumerate(self.rubric.sets)}

    @cached_property
    def questions(self) -> Mapping[tuple[str, str], int]:
        """The column of each question by its key and meaning."""
        return {
            (question.key, meaning_hash(question)): place
            for place, question in enumerate(self.content.scored)
        }

    @cached_property
    def rates(self) -> Rates:
        """The rates of each group (groups × questions); whether they may be shown is `is_shown`."""
        found = np.zeros((3, nesting().count, self.codes.shape[1]), dtype=np.int64)
        for pattern, stratum in enumerate(self.answers.strata.T):
            rows, columns = np.flatnonzero(stratum != NOBODY), np.flatnonzero(self.answers.pattern == pattern)
            codes = self.codes[rows[:, None], columns]
            part = benchmark.rates(codes, stratum[rows], group_count=nesting().count)
            found[:, :, columns] = part.done, part.partly, part.counted
        return Rates(*(summed(counts, nesting()) for counts in found))

    @cached_property
    def is_shown(self) -> Mask:
        """Which rates may be shown to members (groups × questions)."""
        return may_share(self.rates.counted, nesting())

    @cached_property
    def has_scores(self) -> Mask:
        """Of which groups the scores may be described to members (groups × sets)."""
        stratum = self.standings.stratum
        return may_share(in_groups(stratum != NOBODY, stratum, nesting()), nesting())

    def closest_rate(self, part: int, question: int) -> int | None:
        """The closest group of a firm whose rate may be shown; None where no group's may."""
        return next((group for group in chain_of(part) if self.is_shown[group, question]), None)

    def closest_scores(self, part: int, column: int) -> int | None:
        """The closest group of a firm whose scores may be described; None where no group's may."""
        return next((group for group in chain_of(part) if self.has_scores[group, column]), None)

    def scores_of(self, group: int, column: int) -> NDArray[np.float64]:
        """The scores of a group on a set, of the firms that are let out."""
        known, stratum = nesting(), self.standings.strata[:, self.standings.pattern[column]]
        let = stratum != NOBODY
        if group < known.parts:
            let = stratum == group
        elif group < known.everything:
            within = np.append(known.parts + known.whole_of, np.arange(known.parts, known.count))
            let &= within[stratum] == group
        found: NDArray[np.float64] = self.scores[let, column]
        return found
