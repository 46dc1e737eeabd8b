"""The rates as the buyer sees them: of everything that it looks at, by industry and size, each with its n."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from assessments import benchmarks
from assessments.benchmarks import PublicRate
from assessments.chain import withholding
from assessments.chain.picture import Picture
from assessments.chain.rows import Mask
from assessments.pool.groups import Group, group, nesting, parts
from assessments.pool.loading import firms
from assessments.questionnaire_content import QuestionContent
from assessments.reference import SizeBand, size_bands
from scoring import benchmark
from scoring.benchmark import Rates
from scoring.release import Rows, may_share, summed


@dataclass(frozen=True, slots=True)
class CellRate:
    """One question within one group: who does it, partly, of all who count; percent 0-100, None of nobody.

    Of a rate that is withheld from this reader all counts are 0.
    """

    group: Group
    question: QuestionContent
    done: int
    partly: int
    counted: int
    percent: float | None
    public: PublicRate | None
    is_withheld: bool = False


@dataclass(frozen=True)
class Table:
    """Counts by group: `firms` with a result, and the rates of their answers (groups × questions).

    `may_tell` says which of these may be shown to this reader.
    """

    questions: tuple[QuestionContent, ...]
    firms: Rows
    rates: Rates
    may_tell: Mask

    def firms_of(self, industry: int) -> tuple[list[int], int]:
        """How many firms an industry has by size, those of unknown size last, and in all; by its place."""
        known = nesting()
        within = self.firms[: known.parts][known.whole_of == industry]
        return within.tolist(), int(self.firms[known.parts + industry])

    def cells(self) -> Iterator[CellRate]:
        """Give every group that has firms, everything first, and within it every question in order."""
        order = [nesting().everything, *range(nesting().everything)]
        percent = self.rates.percent
        for number in (number for number in order if self.firms[number]):
            named = group(number)
            for place, question in enumerate(self.questions):
                share = float(percent[number, place])
                if not self.may_tell[number, place]:
                    yield CellRate(named, question, 0, 0, 0, None, _public(question, named), is_withheld=True)
                    continue
                yield CellRate(
                    group=named,
                    question=question,
                    done=int(self.rates.done[number, place]),
                    partly=int(self.rates.partly[number, place]),
                    counted=int(self.rates.counted[number, place]),
                    percent=None if np.isnan(share) else share,
                    public=_public(question, named),
                )


def table(session: Session, picture: Picture) -> Table:
    """Give the rates of a picture by industry × size, by industry, and of all of it."""
    found: Table | None = picture.worked_out.get("pool table")
    if found is None:
        found = picture.worked_out["pool table"] = _table(session, picture)
    return found


def rows_of_size(session: Session, picture: Picture, size: SizeBand) -> Rows:
    """Give the rows of the chain's results of those in a picture who are of this size."""
    of_any_size = nesting().parts // nesting().wholes
    is_theirs = _parts(session, picture) % of_any_size == size_bands().index(size)
    found: Rows = picture.result[picture.has_result][is_theirs]
    return found


def _table(session: Session, picture: Picture) -> Table:
    members, known = _parts(session, picture), nesting()
    codes = picture.chain.scored.codes[picture.result[picture.has_result]]
    rates = benchmark.rates(codes, members, group_count=known.count)
    firms = np.bincount(members, minlength=known.count)[:, None]
    of_groups = Rates(*(summed(count, known) for count in (rates.done, rates.partly, rates.counted)))
    return Table(
        questions=picture.chain.content.scored,
        firms=summed(firms, known)[:, 0],
        rates=of_groups,
        may_tell=_may_tell(picture, of_groups),
    )


def _may_tell(picture: Picture, rates: Rates) -> Mask:
    """All to who may read single answers; to others what members of a pool may see, of a picture of many."""
    if not picture.wanted.only_many:
        return np.ones(rates.counted.shape, dtype=np.bool_)
    return may_share(rates.counted, nesting()) & withholding.may_tell(picture)


def _parts(session: Session, picture: Picture) -> Rows:
    """The part of each supplier with a result."""
    found: Rows | None = picture.worked_out.get("parts")
    if found is None:
        ids = picture.chain.suppliers.ids[picture.suppliers[picture.has_result]]
        members = firms(session, ids, picture.chain.content)
        found = picture.worked_out["parts"] = parts(members.industry, members.band)
    return found


def _public(question: QuestionContent, of: Group) -> PublicRate | None:
    if question.official_item is None:
        return None
    return benchmarks.public_rate(question.official_item, of.industry.code if of.industry else None)
