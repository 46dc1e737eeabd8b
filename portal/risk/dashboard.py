"""The picture of the chain: heat map, what to do first, and the charts; and each of them as a file."""

from flask import Response, abort, render_template
from flask_babel import gettext as _

from assessments.chain import withholding
from assessments.chain.attention import attend, first_thing
from assessments.chain.listing import has_too_many_stars
from portal.risk import figures, heat, looking, words
from portal.risk.looking import Seen
from portal.risk.routes import blueprint, may_read_answers
from portal.spreadsheets import csv_response, xlsx_response

SHOWN = 6


@blueprint.get("/")
def dashboard() -> str:
    """Show the whole on one screen, the heat map in its centre."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    grid = seen.picture.heat(seen.axis)
    acted_on = attend(seen.picture, capacity=looking.capacity())
    return render_template(
        "risk/dashboard.html",
        seen=seen,
        figures=seen.picture.figures(seen.axis, capacity=looking.capacity()),
        grid=heat.shown(seen, grid),
        notes=heat.notes(seen, grid) + _star_note(seen),
        first=words.first_thing(first_thing(acted_on)),
        attention=[(one, words.next_step(one)) for one in acted_on[:SHOWN]],
        question=words.question,
        charts=_charts(seen),
        may_open=may_read_answers(),
    )


@blueprint.get("/heatmap")
def heatmap() -> str:
    """Show the heat map as a picture to take away, with its table."""
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    grid = seen.picture.heat(seen.axis)
    columns, rows = heat.table(grid)
    return render_template(
        "risk/heatmap.html",
        seen=seen,
        notes=heat.notes(seen, grid),
        chart_shown=figures.Chart(
            name="heatmap",
            title=_("取引の重要度とレベル（%(axis)s）", axis=seen.axis_name),
            figure=heat.figure(seen, grid),
            columns=columns,
            rows=rows,
            csv_url=seen.url("risk.heatmap_csv"),
            note="",
        ),
    )


@blueprint.get("/heatmap.csv")
def heatmap_csv() -> Response:
    """Give the heat map as CSV, a line a cell."""
    seen = _seen()
    return csv_response(_("ヒートマップ"), heat.sheet(seen, seen.picture.heat(seen.axis)))


@blueprint.get("/dashboard.xlsx")
def dashboard_xlsx() -> Response:
    """Give the heat map and the charts as a workbook, a sheet each."""
    seen = _seen()
    sheets = [heat.sheet(seen, seen.picture.heat(seen.axis))]
    named = [figures.sheet_of(seen, name) for name in ("items", "reasons", "supports", "progress")]
    return xlsx_response(_("リスクの全体像"), sheets + [sheet for sheet in named if sheet])


@blueprint.get("/charts/<name>.csv")
def chart_csv(name: str) -> Response:
    """Give the numbers behind a chart as CSV."""
    seen = _seen()
    sheet = figures.sheet_of(seen, name)
    if sheet is None:
        abort(404)
    return csv_response(sheet.name, sheet)


def _seen() -> Seen:
    seen = looking.see()
    if seen is None:
        abort(404)
    return seen


def _star_note(seen: Seen) -> list[str]:
    if not has_too_many_stars(seen.picture):
        return []
    return [
        _(
            "★4を目安とする取引先が%(share)s％を超えています。一律に高い水準をお願いすることにならないよう、取引の重要度をご確認ください。",
            share=seen.chain.rubric.model.star_share_warning,
        )
    ]


def _charts(seen: Seen) -> list[figures.Chart]:
    if not seen.picture.has_result.any():
        return [one for one in [figures.progress(seen)] if one]
    drawn = [figures.lowest_items(seen), figures.progress(seen)]
    if withholding.may_tell(seen.picture):
        drawn += [figures.reasons(seen), figures.supports(seen)]
    return [one for one in drawn if one]
