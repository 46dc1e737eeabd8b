"""How many do what each question asks by industry and size, with n, beside the public survey."""

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from assessments import benchmarks
from assessments.chain.items import ItemRate, item_rates, rates_of
from assessments.pool.table import CellRate, Table, rows_of_size, table
from assessments.reference import Industry, SizeBand, industries, size_bands
from portal import db, filters
from portal.charts import Bars, bars
from portal.risk import figures, looking, words
from portal.risk.figures import Chart
from portal.risk.looking import Seen
from portal.risk.routes import blueprint
from portal.spreadsheets import Cell, Sheet, csv_response
from scoring.benchmark import SMALLEST_POOL

WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class SizeLink:
    """A size to choose."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownCell:
    """How many firms of an industry and size there are, and the way to them."""

    text: str
    url: str


@blueprint.get("/peers")
def peers() -> str:
    """Show the rates of the industry and size that are looked at, and how many firms each has."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    size, picture = _size(), seen.picture
    rows = picture.result[picture.has_result] if size is None else rows_of_size(db.session(), picture, size)
    found = item_rates(picture) if size is None else rates_of(picture, rows)
    return render_template(
        "risk/peers.html",
        seen=seen,
        kept={"size": size.code} if size else {},
        firms=len(rows),
        smallest=SMALLEST_POOL,
        sizes=_sizes(seen, size),
        shown=_chart(seen, found),
        columns=figures.item_columns(),
        rows=[figures.item_row(rate) for rate in found],
        matrix_columns=_matrix_columns(),
        matrix=_matrix(seen, table(db.session(), picture)),
        notes=figures.source_notes(found),
    )


@blueprint.get("/peers.csv")
def peers_csv() -> Response:
    """Give the rates of every industry and size that has firms, as CSV."""
    seen = looking.see()
    if seen is None:
        abort(404)
    return csv_response(_("業種と規模ごとの実施率"), _sheet(table(db.session(), seen.picture)))


def _size() -> SizeBand | None:
    wanted = request.args.get("size", "")
    return next((band for band in size_bands() if band.code == wanted), None)


def _sizes(seen: Seen, chosen: SizeBand | None) -> list[SizeLink]:
    every = SizeLink(_("すべての規模"), seen.url("risk.peers"), chosen is None)
    return [every] + [
        SizeLink(filters.text(band.name), seen.url("risk.peers", size=band.code), band == chosen)
        for band in size_bands()
    ]


def _chart(seen: Seen, found: tuple[ItemRate, ...]) -> Chart:
    items = [rate for rate in found if rate.question.official_item]
    return Chart(
        name="peers",
        title=_("25項目の実施率（公開調査との差）"),
        figure=bars(
            Bars(
                labels=tuple(words.question(rate.question) for rate in items),
                name=_("当社の取引先"),
                values=tuple(rate.percent for rate in items),
                texts=tuple(filters.percent(rate.percent) for rate in items),
                axis_title=_("実施率（％）"),
                highest=WHOLE,
                marks_name=_("公開調査"),
                marks=tuple(rate.public.percent if rate.public else None for rate in items),
                mark_texts=tuple(
                    filters.percent(rate.public.percent, 1) if rate.public else "" for rate in items
                ),
            )
        ),
        columns=figures.item_columns(),
        rows=[figures.item_row(rate) for rate in items],
        csv_url=seen.url("risk.peers_csv"),
        note=_("公開調査の回答者は、対策を進めると宣言した会社だけです。高めの値と考えてください。"),
    )


def _matrix_columns() -> list[dict[str, Any]]:
    bands = [{"label": filters.text(band.name), "number": True} for band in size_bands()]
    return [
        {"label": _("業種")},
        *bands,
        {"label": _("不明"), "number": True},
        {"label": _("計"), "number": True},
    ]


def _matrix(seen: Seen, found: Table) -> list[tuple[str, list[ShownCell]]]:
    """The industries that have firms, and how many of each size they have."""
    return [
        (name, cells)
        for place, (code, name) in enumerate(_industry_names())
        if (cells := _matrix_row(seen, found, place, code))
    ]


def _matrix_row(seen: Seen, found: Table, place: int, code: str) -> list[ShownCell]:
    parts, whole = found.firms_of(place)
    if not whole:
        return []
    codes = [*(band.code for band in size_bands()), ""]
    of_sizes = [
        _cell(seen, count, industry=code, size=size) for count, size in zip(parts, codes, strict=True)
    ]
    return [*of_sizes, _cell(seen, whole, industry=code, size=None)]


def _cell(seen: Seen, count: int, *, industry: str, size: str | None) -> ShownCell:
    text = f"{count}※" if 0 < count < SMALLEST_POOL else f"{count}"
    may_lead = count and industry and size != ""
    return ShownCell(text, seen.url("risk.peers", industry=industry, size=size) if may_lead else "")


def _industry_names() -> list[tuple[str, str]]:
    return [*((one.code, filters.text(one.name)) for one in industries()), ("", _("不明"))]


def _sheet(found: Table) -> Sheet:
    return Sheet(
        _("業種と規模ごとの実施率"),
        [
            _("業種"),
            _("従業員数"),
            _("番号"),
            _("質問"),
            _("実施している（社）"),
            _("一部実施している（社）"),
            _("対象（社）"),
            _("実施率（％）"),
            _("公開調査の実施率（％）"),
            _("公開調査の回答数"),
            _("公開調査の値の範囲"),
            _("注意"),
        ],
        [_cells(one) for one in found.cells()],
    )


def _cells(one: CellRate) -> list[Cell]:
    public = one.public
    return [
        _named(one.group.industry, is_asked=not one.group.is_everything),
        _named(one.group.size, is_asked=one.group.is_part),
        one.question.official_item,
        filters.text(one.question.name),
        *([None] * 3 if one.is_withheld else (one.done, one.partly, one.counted)),
        None if one.percent is None else round(one.percent, 1),
        round(public.percent, 1) if public else None,
        public.n if public else None,
        _segment(public.segment) if public else "",
        _remark(one),
    ]


def _remark(one: CellRate) -> str:
    if one.is_withheld:
        return words.withheld()
    return str(_("%(count)s社未満", count=SMALLEST_POOL)) if one.counted < SMALLEST_POOL else ""


def _named(one: Industry | SizeBand | None, *, is_asked: bool) -> str:
    if one:
        return filters.text(one.name)
    return str(_("不明") if is_asked else _("すべて"))


def _segment(segment: str) -> str:
    return str(_("全業種")) if segment == benchmarks.OVERALL else words.industry(segment)
