"""The public schemes beside one set of answers as the macros show them, on either side; no rule is here."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from assessments import facts, readiness, schemes
from assessments.measures import Fact, Scheme
from assessments.models import SecurityActionDeclaration
from assessments.questionnaire_content import Content
from assessments.readiness import Crosswalk, Readiness, RequirementStanding
from assessments.schemes import Requirement, Requirements, SelfDeclaration
from portal import filters
from scoring.crosswalk import Reach

# What must stand beside the count of requirements: when the scheme begins, and that nobody holds a star yet.
FIRST_FACTS = ("start", "not_yet", "voluntary")
SHOWN = (schemes.SCS, schemes.SECURITY_ACTION)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A chapter of the requirements; its title counts how they stand."""

    title: str
    lines: tuple[RequirementStanding, ...]


@dataclass(frozen=True, slots=True)
class ShownCrosswalk:
    """The requirements of star 3, their counts, and the sentences that begin the page."""

    declared: int
    partly: int
    not_yet: int
    not_asked: int
    remaining_words: str
    not_asked_words: str
    groups: tuple[ShownGroup, ...]
    star4: tuple[Requirement, ...]
    requirements: Requirements
    first_facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ShownAction:
    """SECURITY ACTION: what was told, how far the steps are, what to say about them."""

    words: SelfDeclaration
    kept: SecurityActionDeclaration | None
    is_old_id: bool
    readiness: Readiness
    one_star_words: str
    two_star_words: str


@dataclass(frozen=True, slots=True)
class ShownSchemes:
    """Everything about the schemes for one supplier; `crosswalk` None without any answers."""

    crosswalk: ShownCrosswalk | None
    action: ShownAction
    schemes: tuple[Scheme, ...]
    fresh_days: int


def shown_schemes(
    content: Content, answers: Mapping[str, str], kept: SecurityActionDeclaration | None
) -> ShownSchemes:
    """Give the schemes beside answer words by key (none: not answered yet) and what was declared."""
    return ShownSchemes(
        crosswalk=_crosswalk(readiness.star3(content, answers)) if answers else None,
        action=_action(content, answers, kept),
        schemes=tuple(schemes.scheme(key) for key in SHOWN),
        fresh_days=facts.fresh_for().days,
    )


def _crosswalk(found: Crosswalk) -> ShownCrosswalk:
    wanted = schemes.requirements()
    known = {one.key: one for one in schemes.scheme(schemes.SCS).facts}
    return ShownCrosswalk(
        declared=found.count(Reach.DECLARED),
        partly=found.count(Reach.PARTLY),
        not_yet=found.count(Reach.NOT_YET),
        not_asked=found.count(Reach.NOT_ASKED),
        remaining_words=_remaining(found.remaining),
        not_asked_words=_not_asked(found.count(Reach.NOT_ASKED)),
        groups=tuple(
            _group(filters.text(category.name), lines)
            for category in wanted.categories
            if (lines := tuple(one for one in found.lines if one.requirement.category == category.id))
        ),
        star4=tuple(one for one in wanted.every if one.star != schemes.STAR3),
        requirements=wanted,
        first_facts=tuple(known[key] for key in FIRST_FACTS),
    )


def _remaining(count: int) -> str:
    if not count:
        return str(_("回答からの目安では、★3のすべての要求に取り組まれています。"))
    return str(ngettext("★3まであと%(num)d要求です。", "★3まであと%(num)d要求です。", count))


def _not_asked(count: int) -> str:
    if not count:
        return ""
    return str(
        ngettext(
            "このうち%(num)d要求は、お聞きしていないため別に確かめる必要があります。",
            "このうち%(num)d要求は、お聞きしていないため別に確かめる必要があります。",
            count,
        )
    )


def _group(name: str, lines: tuple[RequirementStanding, ...]) -> ShownGroup:
    words = {
        Reach.DECLARED: _("実施（自己申告）"),
        Reach.PARTLY: _("一部"),
        Reach.NOT_YET: _("これから"),
        Reach.NOT_ASKED: _("お聞きしていません"),
    }
    counts = {reach: sum(one.reach is reach for one in lines) for reach in words}
    said = _("、").join(f"{words[reach]} {count}" for reach, count in counts.items() if count)
    return ShownGroup(_("%(name)s（%(counts)s）", name=name, counts=said), lines)


def _action(
    content: Content, answers: Mapping[str, str], kept: SecurityActionDeclaration | None
) -> ShownAction:
    words = schemes.self_declaration()
    ready = readiness.security_action(content, answers, kept)
    return ShownAction(
        words=words,
        kept=kept,
        is_old_id=kept is not None and words.is_old_id(kept.declaration_id),
        readiness=ready,
        one_star_words=_(
            "%(total)sか条のうち%(begun)sか条に、すでに取り組まれています（一部を含みます）。",
            total=len(ready.basics),
            begun=ready.begun,
        ),
        two_star_words=_two_stars(ready.missing_for_two),
    )


def _two_stars(missing: int) -> str:
    if not missing:
        return str(_("3つのことがそろっています。"))
    return str(
        ngettext(
            "あと%(num)dつで、3つのことがそろいます。", "あと%(num)dつで、3つのことがそろいます。", missing
        )
    )
