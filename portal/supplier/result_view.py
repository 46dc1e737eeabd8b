"""The result's figures as the macros draw them; nothing is decided here."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from assessments.arithmetic import SetArithmetic
from assessments.own_result import OwnBand, OwnLadder, OwnResult, OwnSet
from assessments.questionnaire_content import QuestionContent
from portal import filters

TOP = 100


@dataclass(frozen=True, slots=True)
class ShownBand:
    """A band of the bar, drawn to where the next one starts."""

    start: int
    end: int
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownLadder:
    """An axis with the words that lead to its next step."""

    title: str
    level: int | None
    note: str
    essential: tuple[QuestionContent, ...]
    others: tuple[QuestionContent, ...]
    wants_proof: bool
    next_level: int | None
    arithmetic: SetArithmetic


@dataclass(frozen=True, slots=True)
class ShownAxis:
    """An axis with its domains, each with its arithmetic."""

    title: str
    ladder: OwnLadder
    sets: tuple[OwnSet, ...]


def axes(result: OwnResult) -> list[ShownAxis]:
    """Give the axes with their domains, in order; a domain that is all of its axis stands for it."""
    return [
        ShownAxis(
            title=filters.text(ladder.title),
            ladder=ladder,
            sets=tuple(one for one in result.sets if one.axis == ladder.key),
        )
        for ladder in result.ladders
    ]


def lenses(result: OwnResult) -> list[OwnSet]:
    """Give the sets that look across the domains."""
    return [one for one in result.sets if one.axis is None]


def bands(result: OwnResult) -> list[ShownBand]:
    """Give the bands of the official score with their words."""
    return [
        ShownBand(one.start, one.end + 1, _band_words(one), one.is_current) for one in result.official.bands
    ]


def ladders(result: OwnResult) -> list[ShownLadder]:
    """Give the axes with how many questions lead to the next step."""
    return [
        ShownLadder(
            title=filters.text(one.title),
            level=one.level,
            note=_next_step(one),
            essential=one.essential,
            others=one.others,
            wants_proof=one.wants_proof,
            next_level=one.next_level,
            arithmetic=one.arithmetic,
        )
        for one in result.ladders
    ]


def _band_words(band: OwnBand) -> str:
    if band.start == band.end:
        return str(_("%(points)s点", points=band.end))
    if band.start < 0:
        return str(_("%(points)s点以下", points=band.end))
    return str(_("%(start)s〜%(end)s点", start=band.start, end=band.end))


def _next_step(ladder: OwnLadder) -> str:
    if ladder.next_level is None or ladder.wants_proof:
        return ""
    wanted = len(ladder.essential) + len(ladder.others)
    return str(
        ngettext(
            "あと%(num)d問で レベル%(level)s",
            "あと%(num)d問で レベル%(level)s",
            wanted,
            level=ladder.next_level,
        )
    )
