"""The buyer's own constants: what holds, who decided it when and why, and choosing others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from assessments import constant_content, constants, questionnaires
from assessments.constant_content import LEVELS, Constant
from assessments.constants import ConstantsRefused
from assessments.models import ConstantsChoice, QuestionnaireVersion, Role, User
from assessments.rescoring import runs
from portal import clock, constant_words, db
from portal.access import actor
from portal.risk import looking
from portal.risk.constants_form import ConstantsForm, constants_form, range_words
from portal.risk.routes import blueprint

REFUSED = 422
SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a constant as the page shows it."""

    name: str
    title: str
    now: str
    shipped: str
    is_own: bool
    range: str


@dataclass(frozen=True, slots=True)
class Part:
    """A constant with its numbers; `asks` where changing it asks for scoring anew."""

    constant: Constant
    asks: bool
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Past:
    """A choice with what it changed against the shipped constants."""

    choice: ConstantsChoice
    own: list[str]


@blueprint.get("/constants", endpoint="constants")
def shown() -> str:
    """Show the constants that hold, beside the shipped ones, and every choice made."""
    model = _shipped_model()
    if model is None:
        return looking.nothing()
    return render_template(
        "risk/constants.html",
        parts=_parts(model),
        past=[Past(one, _own(model, one)) for one in constants.history(db.session())],
        waiting=runs.waiting(db.session()),
        dagger=constant_content.dagger(),
        may_choose=may_decide_for_all(),
        cause=constant_words.cause,
    )


@blueprint.get("/constants/change")
def constants_change() -> str:
    """Show the constants in a form."""
    decide_for_all_only()
    model = _shipped_model()
    return looking.nothing() if model is None else _form_page(model, _form(model))


@blueprint.post("/constants/change")
def constants_choose() -> Response | tuple[str, int]:
    """Have others hold from now on, or the shipped ones again."""
    decide_for_all_only()
    model = _shipped_model()
    if model is None:
        abort(404)
    form = _form(model)
    if not form.validate_on_submit():
        return _form_page(model, form), REFUSED
    is_back = request.form.get("choice") == SHIPPED
    try:
        constants.choose(
            db.session(),
            model,
            {} if is_back else form.entries(),
            decided_by=form.decided_by.data or "",
            decided_on=form.day,
            reason=form.reason.data or "",
            today=_today(),
            now=clock.now(),
            by=db.session().get_one(User, actor().user_id),
        )
    except ConstantsRefused as refused:
        form.refuse(refused.broken)
        return _form_page(model, form), REFUSED
    db.session().commit()
    flash(_("計算の決めごとを保存しました。優先度（目安）には、すぐに反映されます。"), "success")
    return redirect(url_for("risk.constants"))


def may_decide_for_all() -> bool:
    """Tell whether the actor may decide what holds for the whole company."""
    return actor().has_role(Role.RISK) and actor().unit_ids is None


def decide_for_all_only() -> None:
    """Turn away who may not decide for the whole company."""
    if not may_decide_for_all():
        abort(403)


def _shipped_model() -> Mapping[str, Any] | None:
    """The model of the newest published questionnaire as shipped."""
    newest = db.session().scalar(select(func.max(QuestionnaireVersion.id)))
    return questionnaires.published(db.session(), newest).content.model if newest else None


def _parts(model: Mapping[str, Any]) -> list[Part]:
    now = constants.entries_of(constants.current(db.session()).applied(model))
    shipped = constants.entries_of(model)
    return [
        Part(one, one.changes == LEVELS, [_row(one, entry.name, now, shipped) for entry in one.entries])
        for one in constant_content.constants()
    ]


def _row(constant: Constant, name: str, now: Mapping[str, Decimal], shipped: Mapping[str, Decimal]) -> Row:
    entry = next(one for one in constant.entries if one.name == name)
    place = entry.place or 0
    return Row(
        name=name,
        title=constant_words.constant_name(constant.key, place),
        now=constant_words.with_unit(constant.key, place, str(now[name])),
        shipped=constant_words.with_unit(constant.key, place, str(shipped[name])),
        is_own=now[name] != shipped[name],
        range=range_words(constant, entry),
    )


def _own(model: Mapping[str, Any], choice: ConstantsChoice) -> list[str]:
    """What a choice says otherwise than the shipped constants, in words."""
    shipped = constants.entries_of(model)
    chosen = constants.entries_of({**model, **choice.chosen})
    return [
        constant_words.changed(one.key, entry.place or 0, str(shipped[entry.name]), str(chosen[entry.name]))
        for one in constant_content.constants()
        for entry in one.entries
        if chosen[entry.name] != shipped[entry.name]
    ]


def _form(model: Mapping[str, Any]) -> ConstantsForm:
    now = constants.current(db.session()).applied(model)
    return constants_form(constants.entries_of(now), _today())


def _form_page(model: Mapping[str, Any], form: ConstantsForm) -> str:
    return render_template(
        "risk/constants_change.html",
        form=form,
        parts=_parts(model),
        dagger=constant_content.dagger(),
        has_own=bool(constants.current(db.session()).chosen),
    )


def _today() -> date:
    return clock.today(g.organisation.time_zone)
