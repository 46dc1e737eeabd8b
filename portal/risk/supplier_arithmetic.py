"""How a supplier's scores and priority come about, as the buyer reads it; never shown to a supplier."""

from dataclasses import dataclass

from flask_babel import gettext as _

from assessments import arithmetic
from assessments.arithmetic import Arithmetic, SetArithmetic
from assessments.chain.detail import Detail, Standing
from assessments.chain.picture import EXECUTIVE
from assessments.chain.rows import Chain
from assessments.models import AssessmentState
from portal import filters
from portal.risk import words
from scoring.model import Model


@dataclass(frozen=True)
class ShownSet:
    """A domain, an axis or a lens with its counts and its arithmetic."""

    title: str
    level: int | None
    done: int
    counted: int
    unknown: int
    is_self_declared: bool
    arithmetic: SetArithmetic


@dataclass(frozen=True)
class ShownModel:
    """What priorities are reckoned by: (level, percent) and (band, its limits), both in order."""

    effectiveness: tuple[tuple[int, int], ...]
    bands: tuple[tuple[str, str], ...]


def worked_out(standing: Standing) -> Arithmetic:
    """Lay open the result that counts."""
    return arithmetic.work_out(
        standing.published.content,
        standing.result,
        summary=standing.summary,
        explanations=standing.explanations,
    )


def sets(standing: Standing, found: Arithmetic) -> list[ShownSet]:
    """Give what was asked: each axis with its domains, then the lenses."""
    content = standing.published.content
    names = [
        name
        for axis in content.axes
        if axis.key in standing.assessment.axes
        for name in (axis.key, *(axis.domains if len(axis.domains) > 1 else ()))
    ]
    return [_set(standing, found, name) for name in (*names, *content.model["lenses"])]


def model(chain: Chain) -> ShownModel:
    """Give the constants behind a priority."""
    held = chain.rubric.model
    return ShownModel(tuple(enumerate(held.effectiveness)), _bands(held))


def executive(standing: Standing) -> tuple[str, int | None] | None:
    """Give the title and the level of the executive's part; None where it was not asked."""
    if EXECUTIVE not in standing.assessment.axes:
        return None
    title = words.set_name(standing.published.content, EXECUTIVE)
    return title, standing.summary.sets[EXECUTIVE].level


def counted_note(shown: Detail, chain: Chain) -> str:
    """Say what stands behind the level where that is not plain: an old result, or one that was returned."""
    months = chain.months_current
    if shown.standing is None:
        if not shown.history:
            return str(_("提出された回答がないため、未評価です（レベル0と数えます）。"))
        newest = filters.day(shown.history[0].result.submitted_at)
        return str(
            _(
                "いちばん新しい提出は%(day)sで、%(months)sか月†より前のため、未評価です（レベル0と数えます）。",
                day=newest,
                months=months,
            )
        )
    if shown.standing.assessment.state is AssessmentState.RETURNED:
        return str(_("確認のお願いをお送りしています。次の提出までは、この結果を数えます。"))
    return ""


def _set(standing: Standing, found: Arithmetic, name: str) -> ShownSet:
    one = standing.summary.sets[name]
    return ShownSet(
        title=words.set_name(standing.published.content, name),
        level=one.level,
        done=one.done,
        counted=one.asked - one.absent,
        unknown=one.unknown,
        is_self_declared=one.is_self_declared,
        arithmetic=found.sets[name],
    )


def _bands(held: Model) -> tuple[tuple[str, str], ...]:
    borders = [filters.hundredths(border) for border in held.bands]
    first, *_rest, last = held.band_names
    between = [
        (name, str(_("%(low)s以上 %(high)s未満", low=low, high=high)))
        for name, low, high in zip(held.band_names[1:-1], borders[:-1], borders[1:], strict=True)
    ]
    return (
        (first, str(_("%(high)s未満", high=borders[0]))),
        *between,
        (last, str(_("%(low)s以上", low=borders[-1]))),
    )
