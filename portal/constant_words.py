"""Words for the model's constants and for what moves a level: pages, files and commands say them alike."""

from flask_babel import gettext as _

from assessments import constant_content
from assessments.rescoring.comparing import QUESTIONNAIRE, Cause
from portal import filters


def constant_name(key: str, place: int) -> str:
    """Name one number of a constant: its own label, after the constant's title where it has several."""
    constant = constant_content.by_key()[key]
    title = filters.text(constant.title)
    if len(constant.entries) == 1:
        return title
    return str(_("%(title)s（%(label)s）", title=title, label=filters.text(constant.entry(place).label)))


def with_unit(key: str, place: int, number: float | str) -> str:
    """Give a number of a constant with its unit."""
    unit = constant_content.by_key()[key].entry(place).unit
    return str(_("%(number)s%(unit)s", number=number, unit=filters.text(unit))) if unit else str(number)


def cause(one: Cause) -> str:
    """Say what moves a level, with what it was and becomes."""
    if one.constant == QUESTIONNAIRE:
        return str(_("質問票の重みや要となる質問（%(was)s → %(becomes)s）", was=one.was, becomes=one.becomes))
    return changed(one.constant, one.place, one.was, one.becomes)


def changed(key: str, place: int, was: float | str, becomes: float | str) -> str:
    """Say what one number of a constant was and becomes."""
    return str(
        _(
            "%(name)s：%(was)s → %(becomes)s",
            name=constant_name(key, place),
            was=with_unit(key, place, was),
            becomes=with_unit(key, place, becomes),
        )
    )


def causes(several: tuple[Cause, ...]) -> str:
    """Say all of them in one line."""
    return str(_("、")).join(cause(one) for one in several)
