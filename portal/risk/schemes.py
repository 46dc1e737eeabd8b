"""The public schemes for the chain, by requirement, and beside one supplier's answers."""

from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from assessments import declarations, results, schemes
from assessments.chain import loading, withholding
from assessments.chain.detail import detail
from assessments.chain.requirements import RequirementRate, requirement_rates
from assessments.declarations import NothingToCheck
from assessments.models import Role, Supplier, User
from portal import clock, db, filters
from portal.access import actor, load_supplier
from portal.charts import Bars, bars
from portal.declaration_form import DeclarationForm, declaration_form
from portal.errors import say
from portal.risk import looking
from portal.risk.figures import Chart
from portal.risk.looking import Seen
from portal.risk.routes import blueprint, may_read_answers
from portal.scheme_view import FIRST_FACTS, shown_schemes
from portal.spreadsheets import Cell, Sheet, csv_response
from scoring.benchmark import SMALLEST_POOL

REFUSED, WHOLE = 422, 100.0

say(NothingToCheck, _l("照合できる宣言がまだありません。先に宣言の様子を保存してください。"))


@blueprint.get("/schemes", endpoint="schemes")
def of_the_chain() -> str:
    """Show how many suppliers declare each requirement."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    facts = {one.key: one for one in schemes.scheme(schemes.SCS).facts}
    return render_template(
        "risk/schemes.html",
        seen=seen,
        answered=int(seen.picture.has_result.sum()),
        shown=_chart(seen) if withholding.may_tell(seen.picture) else None,
        smallest=SMALLEST_POOL,
        stars=declarations.count_stars(
            db.session(), seen.chain.suppliers.ids[seen.picture.suppliers].tolist()
        ),
        requirements=schemes.requirements(),
        facts=[facts[key] for key in FIRST_FACTS],
    )


@blueprint.get("/schemes.csv")
def schemes_csv() -> Response:
    """Give the same numbers as CSV, a line a requirement."""
    seen = looking.see()
    if seen is None or not withholding.may_tell(seen.picture):
        abort(404)
    sheet = _sheet(seen)
    return csv_response(sheet.name, sheet)


@blueprint.get("/suppliers/<public_id>/schemes")
def supplier_schemes(public_id: str) -> str:
    """Show the schemes beside the answers of one supplier."""
    found = _supplier(public_id)
    return _page(found, declaration_form(declarations.current(db.session(), found.id)))


@blueprint.post("/suppliers/<public_id>/security-action")
def tell_declaration(public_id: str) -> BaseResponse | tuple[str, int]:
    """Keep what a supplier is known to have declared."""
    found, form = _supplier(public_id), DeclarationForm()
    if not form.validate_on_submit():
        return _page(found, form), REFUSED
    declarations.tell(db.session(), found, form.told(), **_now())
    db.session().commit()
    flash(_("宣言の様子を保存しました。"), "success")
    return redirect(url_for("risk.supplier_schemes", public_id=public_id))


@blueprint.post("/suppliers/<public_id>/security-action/check")
def check_declaration(public_id: str) -> BaseResponse:
    """Note that the declaration was looked up in the public list."""
    found = _supplier(public_id)
    declarations.check(db.session(), found, **_now())
    db.session().commit()
    flash(_("公開リストと照合したことを記録しました。"), "success")
    return redirect(url_for("risk.supplier_schemes", public_id=public_id))


def _supplier(public_id: str) -> Supplier:
    found = load_supplier(db.session(), public_id)
    if not may_read_answers():
        abort(403)
    return found


def _now() -> dict[str, Any]:
    by = db.session().get_one(User, actor().user_id)
    return {"now": clock.now(), "today": clock.today(str(filters.zone())), "by": by}


def _page(found: Supplier, form: DeclarationForm) -> str:
    session = db.session()
    chain = loading.load(session)
    if chain is None:
        return looking.nothing()
    today = clock.today(g.organisation.time_zone)
    standing = detail(session, chain, found, units=actor().unit_ids, now=clock.now(), today=today).standing
    content = standing.published.content if standing else chain.content
    answers = results.answers_of(content, standing.result) if standing else {}
    return render_template(
        "risk/supplier_schemes.html",
        supplier=found,
        submitted_at=standing.result.submitted_at if standing else None,
        shown=shown_schemes(content, answers, declarations.current(session, found.id)),
        form=form,
        may_tell=actor().has_role(Role.RISK),
        number=_number,
    )


def _number(question: Any) -> str:
    return f"No.{question.official_item}" if question.official_item else ""


def _chart(seen: Seen) -> Chart:
    rates = requirement_rates(seen.picture)
    return Chart(
        name="requirements",
        title=_("★3の要求ごとの割合（回答からの目安）"),
        figure=bars(
            Bars(
                labels=tuple(_label(rate) for rate in rates),
                name=_("実施（自己申告）"),
                values=tuple(rate.percent for rate in rates),
                texts=tuple(filters.percent(rate.percent) for rate in rates),
                axis_title=_("取引先の割合（％）"),
                highest=WHOLE,
            )
        ),
        columns=_columns(),
        rows=[_row(rate) for rate in rates],
        csv_url=seen.url("risk.schemes_csv"),
        note=_(
            "お聞きした取引先のうちの割合です。一部に触れるだけの質問しかない要求では、棒は0％のままです。"
        ),
    )


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("要求事項")},
        {"label": _("実施（自己申告）"), "number": True},
        {"label": _("一部"), "number": True},
        {"label": _("これから"), "number": True},
        {"label": _("お聞きしていません"), "number": True},
        {"label": _("割合"), "number": True},
        {"label": _("質問票で確かめていないこと")},
    ]


def _row(rate: RequirementRate) -> list[str]:
    counts = (rate.declared, rate.partly, rate.not_yet, rate.not_asked)
    return [
        _label(rate),
        *(filters.companies(count) for count in counts),
        filters.percent(rate.percent, 1),
        _left(rate),
    ]


def _sheet(seen: Seen) -> Sheet:
    headings = [
        _("番号"),
        _("要求事項"),
        _("実施（自己申告）（社）"),
        _("一部（社）"),
        _("これから（社）"),
        _("お聞きしていません（社）"),
        _("割合（％）"),
        _("質問票で確かめていないこと"),
    ]
    return Sheet(
        _("SCS評価制度との対応"), headings, [_cells(rate) for rate in requirement_rates(seen.picture)]
    )


def _cells(rate: RequirementRate) -> list[Cell]:
    return [
        rate.requirement.id,
        filters.text(rate.requirement.title),
        rate.declared,
        rate.partly,
        rate.not_yet,
        rate.not_asked,
        None if rate.percent is None else round(rate.percent, 1),
        _left(rate),
    ]


def _label(rate: RequirementRate) -> str:
    return f"{rate.requirement.id} {filters.text(rate.requirement.title)}"


def _left(rate: RequirementRate) -> str:
    if not rate.has_questions:
        return str(_("この質問票ではお聞きしていません。"))
    return filters.text(rate.requirement.left)
