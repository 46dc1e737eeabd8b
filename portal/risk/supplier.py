"""One supplier in full: where its priority comes from, what holds its levels, what helps, its answers."""

from dataclasses import dataclass

from flask import abort, g, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from assessments import measures, questionnaires, reading, reviews
from assessments.chain import loading
from assessments.chain.detail import Detail, Standing, detail
from assessments.models import AssessmentState, Role
from assessments.questionnaire_content import QuestionContent
from assessments.suggestions import Suggested
from portal import arithmetic_words, clock, db
from portal.access import actor, load_supplier
from portal.risk import looking, supplier_arithmetic, words
from portal.risk.proven import proven
from portal.risk.routes import blueprint, may_read_answers
from scoring.maturity import Explanation

PAID_SHOWN = 6
SELF_DECLARED_LEVELS = 3


@dataclass(frozen=True)
class Ladder:
    """An axis with what holds it: questions essential for the next level, then the fewest others."""

    title: str
    level: int | None
    note: str
    next_level: int | None
    essential: list[QuestionContent]
    others: list[QuestionContent]
    wants_proof: bool
    is_self_declared: bool


@blueprint.get("/suppliers/<public_id>")
def supplier(public_id: str) -> str:
    """Show one supplier."""
    found = load_supplier(db.session(), public_id)
    if not may_read_answers():
        abort(403)
    chain = loading.load(db.session())
    if chain is None:
        return looking.nothing()
    shown = detail(
        db.session(),
        chain,
        found,
        units=actor().unit_ids,
        now=clock.now(),
        today=clock.today(g.organisation.time_zone),
    )
    standing = shown.standing
    return render_template(
        "risk/supplier.html",
        detail=shown,
        supplier=found,
        standing=standing,
        content=chain.content,
        axes=[{"key": key, "label": label} for key, label in words.axes(chain.content)[:-1]],
        ladders=_ladders(standing) if standing else [],
        **(_arithmetic(standing) if standing else {}),
        model=supplier_arithmetic.model(chain),
        counted_note=supplier_arithmetic.counted_note(shown, chain),
        bands=_bands(standing) if standing else [],
        sections=_sections(standing) if standing else (),
        waiting=_waiting(shown),
        catalogue=measures.catalogue_words(),
        paid=_paid(standing) if standing else (),
        proven=proven(standing) if standing else None,
        words=words,
        may_decide=actor().has_role(Role.RISK),
    )


def _arithmetic(standing: Standing) -> dict[str, object]:
    found = supplier_arithmetic.worked_out(standing)
    return {
        "arithmetic": found,
        "sets": supplier_arithmetic.sets(standing, found),
        "executive": supplier_arithmetic.executive(standing),
        "sentences": arithmetic_words,
    }


def _ladders(standing: Standing) -> list[Ladder]:
    content = standing.published.content
    return [
        _ladder(standing, axis.key, words.set_name(content, axis.key))
        for axis in content.axes
        if axis.key in standing.assessment.axes
    ]


def _ladder(standing: Standing, name: str, title: str) -> Ladder:
    found, score = standing.explanations[name], standing.summary.sets[name]
    scored = standing.published.content.scored
    others = [place for place in found.lightest if place not in found.essential]
    return Ladder(
        title=title,
        level=found.level,
        note=_note(found, len(found.essential) + len(others)),
        next_level=found.next_level,
        essential=[scored[place] for place in found.essential],
        others=[scored[place] for place in others],
        wants_proof=found.next_level is not None and found.next_level > SELF_DECLARED_LEVELS,
        is_self_declared=score.is_self_declared,
    )


def _note(found: Explanation, questions: int) -> str:
    """How far it is to the next level: questions to implement, or to prove above what a word can reach."""
    if found.next_level is None or not questions:
        return ""
    if found.next_level > SELF_DECLARED_LEVELS:
        return str(_("証跡%(count)s問で レベル%(level)s", count=questions, level=found.next_level))
    said: str = ngettext(
        "あと%(num)d問で レベル%(level)s",
        "あと%(num)d問で レベル%(level)s",
        questions,
        level=found.next_level,
    )
    return said


def _paid(standing: Standing) -> tuple[Suggested, ...]:
    """The bundled services, then the most helpful of what else costs money."""
    advice = standing.advice
    others = [one for one in advice.paid if not one.measure.is_bundle]
    return (*advice.bundles, *others[:PAID_SHOWN])


def _bands(standing: Standing) -> list[dict[str, object]]:
    """The bands of the self-check score for the bar, in order."""
    bands = standing.published.content.model["official_bands"]
    ends = [int(band["from"]) for band in bands[1:]] + [int(bands[-1]["from"])]
    return [
        {
            "start": int(band["from"]),
            "end": end,
            "label": _band_label(int(band["from"]), end, is_last=band is bands[-1]),
            "current": band["name"] == standing.summary.official_band,
        }
        for band, end in zip(bands, ends, strict=True)
    ]


def _band_label(start: int, end: int, *, is_last: bool) -> str:
    if is_last:
        return str(_("%(start)d点", start=start))
    return str(_("%(start)d〜%(end)d点", start=start, end=end - 1))


def _sections(standing: Standing) -> tuple[reading.SectionRead, ...]:
    return reading.read(
        questionnaires.published(db.session(), standing.assessment.version_id),
        standing.submission,
        earlier=None,
        reviews=reviews.reviews_of(db.session(), standing.assessment),
    )


def _waiting(shown: Detail) -> str | None:
    """The public id of an assessment of this supplier that waits for a reader."""
    return next(
        (one.public_id for one in shown.assessments if one.state is AssessmentState.SUBMITTED),
        None,
    )
