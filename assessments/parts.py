"""Which parts a supplier is asked, by the content's rule over the exposures, and how long that takes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from assessments.questionnaire_content import AxisContent, Content
from assessments.text import Text


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest exposure of each kind over a supplier's relationships, 1-5; None where none is graded."""

    confidentiality: int | None = None
    continuity: int | None = None
    connectivity: int | None = None

    def reaches(self, name: str, step: int) -> bool:
        """Tell whether an exposure, or `any` of them, is at least `step`; one not graded reaches nothing."""
        graded = [self.confidentiality, self.continuity, self.connectivity]
        wanted = graded if name == "any" else [getattr(self, name)]
        return any(exposure is not None and exposure >= step for exposure in wanted)


def asked_axes(content: Content, highest: Highest) -> list[str]:
    """Give the axes that the rule asks of a supplier, in the content's order (scoring.md §3)."""
    return [axis.key for axis in content.axes if _is_asked(axis, highest)]


def always_asked(content: Content) -> frozenset[str]:
    """Give the axes that every supplier is asked."""
    return frozenset(axis.key for axis in content.axes if axis.always)


def reasons(content: Content, axes: Iterable[str]) -> tuple[tuple[Text, Text], ...]:
    """Give (title, reason) of each of these axes, as the supplier reads them."""
    wanted = set(axes)
    return tuple((axis.title, axis.reason) for axis in content.axes if axis.key in wanted)


def question_count(content: Content, axes: Iterable[str]) -> int:
    """Give how many scored questions these axes ask; the profile is not counted, as in the mail."""
    return sum(len(section.questions) for section in content.asked(list(axes)) if section.axis is not None)


def minutes(content: Content, axes: Iterable[str]) -> int:
    """Give the whole minutes a careful person takes for what is asked; a part of a minute counts as one."""
    return math.ceil(question_count(content, axes) * content.minutes_per_question)


def _is_asked(axis: AxisContent, highest: Highest) -> bool:
    return axis.always or any(highest.reaches(name, step) for name, step in axis.when.items())
