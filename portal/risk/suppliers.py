"""Lists of suppliers: those in a cell of the heat map, those to act on, and each beside its domains."""

from typing import Any

from flask import Response, abort, render_template
from flask_babel import gettext as _

from assessments.chain.attention import Attention, attend, first_thing
from assessments.chain.listing import Line, lines
from assessments.chain.rows import Rows
from portal import filters
from portal.paging import Page, page_number
from portal.risk import heat, looking, words
from portal.risk.looking import Seen
from portal.risk.routes import blueprint, may_read_answers
from portal.spreadsheets import Cell, Sheet, csv_response, xlsx_response
from scoring.model import NamedSet

PAGE_SIZE = 50
LONGEST_FILE = 20_000


@blueprint.get("/suppliers")
def suppliers() -> str:
    """List the suppliers of the picture, or of one cell, foremost first."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    inherent, level = looking.number("inherent"), looking.number("level")
    places = seen.picture.cell(seen.axis, inherent=inherent, level=level)
    page = _page(len(places), "risk.suppliers")
    cell = _cell_arguments(inherent, level)
    return render_template(
        "risk/suppliers.html",
        seen=seen,
        page=page,
        columns=_columns(seen),
        rows=lines(seen.picture, _on(page, places), axis=seen.axis),
        title=_cell_title(seen, inherent, level),
        spend=int(seen.picture.spend[places].sum()),
        cell=cell,
        csv_url=seen.url("risk.suppliers_csv", **cell),
        xlsx_url=seen.url("risk.suppliers_xlsx", **cell),
        words=words,
        may_open=may_read_answers(),
    )


@blueprint.get("/suppliers.csv")
def suppliers_csv() -> Response:
    """Give the same list as CSV."""
    return csv_response(_("取引先の優先度"), _sheet())


@blueprint.get("/suppliers.xlsx")
def suppliers_xlsx() -> Response:
    """Give the same list as a workbook."""
    return xlsx_response(_("取引先の優先度"), [_sheet()])


@blueprint.get("/attention")
def attention() -> str:
    """List those to act on first, cut at what the team can handle in a year."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    found = attend(seen.picture, capacity=looking.capacity())
    return render_template(
        "risk/attention.html",
        seen=seen,
        columns=_attention_columns(),
        rows=[(one, words.next_step(one)) for one in found],
        first=words.first_thing(first_thing(found)),
        capacity=looking.capacity(),
        words=words,
        may_open=may_read_answers(),
    )


@blueprint.get("/attention.csv")
def attention_csv() -> Response:
    """Give the list of those to act on as CSV."""
    seen = looking.see()
    if seen is None:
        abort(404)
    found = attend(seen.picture, capacity=looking.capacity())
    headings = [_("取引先コード"), *(column["label"] for column in _attention_columns())]
    rows = [_attention_cells(seen, place, one) for place, one in enumerate(found, start=1)]
    return csv_response(_("要対応"), Sheet(_("要対応"), headings, rows))


@blueprint.get("/matrix")
def matrix() -> str:
    """Show each supplier beside its levels by domain."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    places = seen.picture.by_priority
    page = _page(len(places), "risk.matrix")
    return render_template(
        "risk/matrix.html",
        seen=seen,
        page=page,
        domains=[(named.name, words.set_name(seen.chain.content, named.name)) for named in _domains(seen)],
        rows=lines(seen.picture, _on(page, places), axis=seen.axis),
        csv_url=seen.url("risk.matrix_csv"),
        may_open=may_read_answers(),
    )


@blueprint.get("/matrix.csv")
def matrix_csv() -> Response:
    """Give the levels of all suppliers by domain as CSV."""
    seen = looking.see()
    if seen is None:
        abort(404)
    domains = [named.name for named in _domains(seen)]
    headings = [
        _("取引先コード"),
        _("取引先"),
        *(words.set_name(seen.chain.content, name) for name in domains),
    ]
    found = lines(seen.picture, seen.picture.by_priority.tolist()[:LONGEST_FILE], axis=seen.axis)
    rows: list[list[Cell]] = [
        [line.code, line.name, *(words.level(line.levels[name]) for name in domains)] for line in found
    ]
    return csv_response(_("取引先と分野"), Sheet(_("取引先と分野"), headings, rows))


def _sheet() -> Sheet:
    seen = looking.see()
    if seen is None:
        abort(404)
    places = seen.picture.cell(seen.axis, inherent=looking.number("inherent"), level=looking.number("level"))
    axes = [key for key, _label in words.axes(seen.chain.content)][:-1]
    headings = [
        _("取引先コード"),
        _("取引先"),
        _("業種"),
        _("都道府県"),
        _("取引の重要度"),
        _("優先度（目安）"),
        _("優先度の段階"),
        _("★の目安"),
        *(_("レベル（%(axis)s）", axis=words.set_name(seen.chain.content, key)) for key in axes),
        _("自己申告のみ"),
        _("年間取引額（円）"),
        _("回答の状態"),
    ]
    found = lines(seen.picture, places.tolist()[:LONGEST_FILE], axis=seen.axis)
    return Sheet(_("取引先の優先度"), headings, [_cells(line, axes) for line in found])


def _cells(line: Line, axes: list[str]) -> list[Cell]:
    return [
        line.code,
        line.name,
        words.industry(line.industry),
        words.prefecture(line.prefecture),
        line.inherent or _("未設定"),
        None if line.residual is None else float(filters.hundredths(line.residual)),
        words.band(line.band),
        line.expected_star,
        *(words.level(line.levels[key]) for key in axes),
        _("はい") if line.is_self_declared else "",
        line.spend,
        words.state(line.state),
    ]


def _columns(seen: Seen) -> list[dict[str, Any]]:
    return [
        {"label": _("取引先")},
        {"label": _("優先度（目安）")},
        {"label": _("取引の重要度"), "number": True},
        {"label": _("レベル（%(axis)s）", axis=seen.axis_name)},
        {"label": _("★の目安"), "number": True},
        {"label": _("年間取引額"), "number": True},
        {"label": _("業種・都道府県")},
        {"label": _("今回の回答")},
    ]


def _attention_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("順位"), "number": True},
        {"label": _("取引先")},
        {"label": _("優先度（目安）")},
        {"label": _("取引の重要度"), "number": True},
        {"label": _("どこから")},
        {"label": _("止めている項目")},
        {"label": _("次の一手")},
    ]


def _attention_cells(seen: Seen, place: int, one: Attention) -> list[Cell]:
    return [
        one.code,
        place,
        one.name,
        f"{filters.hundredths(one.residual)} {words.band(one.band)}",
        one.inherent,
        words.exposure(one.exposure),
        words.question(one.holding) if one.holding else "",
        words.next_step(one),
    ]


def _cell_title(seen: Seen, inherent: int | None, level: int | None) -> str:
    if inherent is None and level is None:
        return str(_("取引先の優先度"))
    parts = []
    if inherent is not None:
        parts.append(_("重要度%(inherent)s", inherent=heat.row_label(inherent)))
    if level is not None:
        parts.append(_("%(axis)sのレベル%(level)s", axis=seen.axis_name, level=heat.column_label(level)))
    return str(_("取引先：%(cell)s", cell=_("・").join(parts)))


def _cell_arguments(inherent: int | None, level: int | None) -> dict[str, int]:
    return {name: step for name, step in (("inherent", inherent), ("level", level)) if step is not None}


def _domains(seen: Seen) -> tuple[NamedSet, ...]:
    return seen.chain.rubric.domains


def _page(total: int, endpoint: str) -> Page:
    return Page(min(page_number(), max(1, -(-total // PAGE_SIZE))), PAGE_SIZE, total, endpoint)


def _on(page: Page, places: Rows) -> list[int]:
    first = (page.number - 1) * page.size
    chosen: list[int] = places[first : first + page.size].tolist()
    return chosen
