"""How many of those who answered do what each question asks, beside the public survey."""

from dataclasses import dataclass

import numpy as np

from assessments import benchmarks
from assessments.benchmarks import PublicRate
from assessments.chain import withholding
from assessments.chain.picture import Picture
from assessments.chain.rows import Rows
from assessments.questionnaire_content import QuestionContent
from scoring import benchmark
from scoring.scale import AnswerCode


@dataclass(frozen=True, slots=True)
class ItemRate:
    """One question: who does it, partly, who does not know, of all who were asked and have such a thing.

    `percent` is 0 to 100, None of nobody; `public` is there for the 25 items; `difference` in points.
    Of a rate that is withheld from this reader all counts are 0.
    """

    question: QuestionContent
    done: int
    partly: int
    unknown: int
    absent: int
    counted: int
    percent: float | None
    public: PublicRate | None
    is_withheld: bool = False

    @property
    def difference(self) -> float | None:
        """Points above the survey; None without either."""
        if self.percent is None or self.public is None:
            return None
        return self.percent - self.public.percent


def item_rates(picture: Picture) -> tuple[ItemRate, ...]:
    """Give the rates of all scored questions in order; the survey's are those of the industry looked at."""
    found: tuple[ItemRate, ...] | None = picture.worked_out.get("items")
    if found is None:
        found = picture.worked_out["items"] = rates_of(picture, picture.result[picture.has_result])
    return found


def rates_of(picture: Picture, rows: Rows) -> tuple[ItemRate, ...]:
    """Give the rates of these rows of the chain's results, beside the survey of the industry looked at."""
    codes = picture.chain.scored.codes[rows]
    rates = benchmark.rates(codes)
    percent, may_tell = rates.percent[0], withholding.may_tell_items(picture, codes)
    unknown = np.count_nonzero(codes == AnswerCode.UNKNOWN, axis=0)
    absent = np.count_nonzero(codes == AnswerCode.ABSENT, axis=0)
    found = []
    for place, question in enumerate(picture.chain.content.scored):
        public = _public(question, picture.wanted.industry)
        if not may_tell[place]:
            found.append(ItemRate(question, 0, 0, 0, 0, 0, None, public, is_withheld=True))
            continue
        found.append(
            ItemRate(
                question=question,
                done=int(rates.done[0, place]),
                partly=int(rates.partly[0, place]),
                unknown=int(unknown[place]),
                absent=int(absent[place]),
                counted=int(rates.counted[0, place]),
                percent=None if np.isnan(percent[place]) else float(percent[place]),
                public=public,
            )
        )
    return tuple(found)


def lowest(rates: tuple[ItemRate, ...], *, count: int) -> tuple[ItemRate, ...]:
    """Give the items that lie furthest below the survey, the furthest first; equals in their order."""
    compared = [rate for rate in rates if rate.difference is not None]
    return tuple(sorted(compared, key=lambda rate: rate.difference or 0.0)[:count])


def _public(question: QuestionContent, industry: str) -> PublicRate | None:
    if question.official_item is None:
        return None
    return benchmarks.public_rate(question.official_item, industry or None)
