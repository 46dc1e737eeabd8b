"""Who would change band if a constant we chose moved by a fifth: how much hangs on our choices."""

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from assessments import constant_content
from assessments.chain.picture import Picture
from assessments.chain.sensitivity import PERCENT, Swing, swings
from assessments.rescoring import runs
from portal import clock, constant_words, db, filters
from portal.paging import Page, page_number
from portal.risk import looking, words
from portal.risk.looking import Seen
from portal.risk.routes import blueprint, may_read_answers
from portal.spreadsheets import Cell, Sheet, csv_response

PAGE_SIZE = 50
IN_HUNDREDTHS = "bands"


@dataclass(frozen=True, slots=True)
class Line:
    """A supplier that changes band by the swing chosen."""

    public_id: str
    name: str
    code: str
    was: str
    becomes: str
    residual: int


@blueprint.get("/sensitivity", endpoint="sensitivity")
def shown() -> str:
    """List the moves of constants that change somebody's band, and the suppliers of the one chosen.

    While results wait to be scored anew, their levels are not by the numbers that would move: that is said.
    """
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    waiting = runs.waiting(db.session())
    if waiting.stale:
        return render_template("risk/sensitivity_waiting.html", waiting=waiting)
    found = swings(db.session(), seen.picture, now=clock.now())
    chosen = _chosen(found)
    page = Page(_number(len(chosen.places) if chosen else 0), PAGE_SIZE, _count(chosen), "risk.sensitivity")
    return render_template(
        "risk/sensitivity.html",
        seen=seen,
        percent=PERCENT,
        rows=[(one, _name(one), _from_to(one), seen.url("risk.sensitivity", of=_key(one))) for one in found],
        chosen=chosen,
        chosen_words=f"{_name(chosen)}{_('：')}{_from_to(chosen)}" if chosen else "",
        lines=_lines(seen.picture, chosen, page) if chosen else [],
        page=page,
        dagger=constant_content.dagger(),
        csv_url=seen.url("risk.sensitivity_csv"),
        may_open=may_read_answers(),
    )


@blueprint.get("/sensitivity.csv")
def sensitivity_csv() -> BaseResponse:
    """Give every supplier under every move that changes its band; the page says why not where it waits."""
    seen = looking.see()
    if seen is None:
        abort(404)
    if runs.waiting(db.session()).stale:
        return redirect(seen.url("risk.sensitivity"))
    headings = [_("決めごと"), _("いまの数"), _("動かした数"), _("取引先コード"), _("取引先")]
    headings += [_("いまの段階"), _("変わったあとの段階")]
    name = _("優先度の段階の感度")
    return csv_response(name, Sheet(name, headings, _cells(seen)))


def _cells(seen: Seen) -> list[list[Cell]]:
    suppliers = seen.chain.suppliers
    return [
        [
            _name(one),
            _number_of(one, one.was),
            _number_of(one, one.becomes),
            suppliers.codes[row],
            suppliers.names[row],
            words.band(was),
            words.band(becomes),
        ]
        for one in swings(db.session(), seen.picture, now=clock.now())
        for place, was, becomes in zip(one.places, one.bands_was, one.bands_become, strict=True)
        for row in [int(seen.picture.suppliers[place])]
    ]


def _lines(picture: Picture, chosen: Swing, page: Page) -> list[Line]:
    first = (page.number - 1) * page.size
    part = slice(first, first + page.size)
    suppliers = picture.chain.suppliers
    rows = zip(chosen.places[part], chosen.bands_was[part], chosen.bands_become[part], strict=True)
    return [
        Line(
            public_id=suppliers.public_ids[row],
            name=suppliers.names[row],
            code=suppliers.codes[row],
            was=was,
            becomes=becomes,
            residual=int(picture.priorities.residual[place]),
        )
        for place, was, becomes in rows
        for row in [int(picture.suppliers[place])]
    ]


def _chosen(found: tuple[Swing, ...]) -> Swing | None:
    """The swing the address names, else the one that moves most."""
    asked = request.args.get("of", "")
    named = next((one for one in found if _key(one) == asked), None)
    return named or max(found, key=_count, default=None)


def _key(one: Swing) -> str:
    return f"{one.constant}-{one.place}-{one.becomes}"


def _count(one: Swing | None) -> int:
    return len(one.places) if one else 0


def _number(total: int) -> int:
    return min(page_number(), max(1, -(-total // PAGE_SIZE)))


def _name(one: Swing) -> str:
    return constant_words.constant_name(one.constant, one.place)


def _from_to(one: Swing) -> str:
    return str(_("%(was)s → %(becomes)s", was=_number_of(one, one.was), becomes=_number_of(one, one.becomes)))


def _number_of(one: Swing, number: int) -> str:
    shown: Any = filters.hundredths(number) if one.constant == IN_HUNDREDTHS else number
    return constant_words.with_unit(one.constant, one.place, shown)
