"""Office hours and the company's own breaks, by which campaigns run."""

from datetime import date, time
from typing import cast

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Optional

from assessments import calendar, organisations
from assessments.calendar import Span
from assessments.models import OfficeHours, Role
from portal import clock, db
from portal.access import actor, require
from portal.admin.routes import blueprint

REFUSED = 422
CHOOSE_TIME = _l("時刻を選んでください。")


class HoursForm(FlaskForm):
    """When the office is open, and the days of rest that are the company's own, a line each."""

    opens = TimeField(_l("営業時間の始まり"), [InputRequired(CHOOSE_TIME)])
    closes = TimeField(_l("営業時間の終わり"), [InputRequired(CHOOSE_TIME)])
    rests_at_new_year = BooleanField(_l("年末年始（12月29日から1月3日まで）を休みにする"))
    breaks = TextAreaField(_l("会社の休み（任意）"), [Optional()])


@blueprint.get("/hours")
def hours() -> str:
    """Show office hours and breaks."""
    require(Role.ADMIN)
    standing = calendar.hours_of(db.session()) or calendar.usual_hours()
    form = HoursForm(
        opens=standing.opens_at,
        closes=standing.closes_at,
        rests_at_new_year=standing.rests_at_new_year,
        breaks=_written(standing),
    )
    return _page(form)


@blueprint.post("/hours")
def change_hours() -> Response | tuple[str, int]:
    """Keep office hours and breaks."""
    require(Role.ADMIN)
    organisation = organisations.standing(db.session())
    if organisation is None:
        abort(404)
    form = HoursForm()
    if not form.validate_on_submit():
        return _page(form), REFUSED
    try:
        calendar.change(
            db.session(),
            organisation,
            opens=cast(time, form.opens.data),
            closes=cast(time, form.closes.data),
            rests_at_new_year=form.rests_at_new_year.data,
            breaks=_spans(form.breaks.data or ""),
            now=clock.now(),
            by=actor().public_id,
        )
    except calendar.HoursRefused:
        form.closes.errors = [_("始まりより後の時刻にしてください。")]
        return _page(form), REFUSED
    except (calendar.BreakRefused, ValueError):
        form.breaks.errors = [
            _("1行に1つ、2026-08-10 または 2026-08-10〜2026-08-14 のように書いてください。"),
            _("続く休みは31日まで、全部で30行までです。"),
        ]
        return _page(form), REFUSED
    db.session().commit()
    flash(_("設定を保存しました。"), "success")
    return redirect(url_for("admin.hours"))


def _page(form: HoursForm) -> str:
    return render_template(
        "admin/hours.html", form=form, is_first=organisations.standing(db.session()) is None
    )


def _spans(written: str) -> list[Span]:
    """Read a day or a span a line. Raises ValueError."""
    lines = [line.strip().replace("~", "〜").replace("～", "〜") for line in written.splitlines()]
    return [_span(line) for line in lines if line]


def _span(line: str) -> Span:
    first, _sign, last = (part.strip() for part in line.partition("〜"))
    return date.fromisoformat(first), date.fromisoformat(last or first)


def _written(standing: OfficeHours) -> str:
    return "\n".join(
        first.isoformat() if first == last else f"{first.isoformat()}〜{last.isoformat()}"
        for first, last in standing.spans()
    )
