"""What a person looks at: filter and axis in the address, the choices offered, the picture they give."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField

from assessments.chain import loading
from assessments.chain.picture import Picture, Wanted, view
from assessments.chain.rows import Chain
from portal import clock, db
from portal.access import actor
from portal.risk import words
from portal.risk.routes import FILTERS, may_read_answers

LEVELS = range(6)


class LookForm(Form):
    """The row of filters; a choice that is not offered asks nothing."""

    campaign = SelectField(_l("調査"))
    unit = SelectField(_l("事業部"))
    industry = SelectField(_l("業種"))
    prefecture = SelectField(_l("都道府県"))
    tier = SelectField(_l("階層"))
    owner = SelectField(_l("購買担当者"))


@dataclass(frozen=True)
class Seen:
    """A picture with what it was asked by; `kept` are the parts of the address that links carry on."""

    chain: Chain
    picture: Picture
    form: LookForm
    axis: str
    kept: dict[str, str]

    @property
    def is_filtered(self) -> bool:
        """Whether anything is asked at all."""
        return any(name in self.kept for name in FILTERS)

    @property
    def axis_name(self) -> str:
        """The name of the axis looked at."""
        return dict(words.axes(self.chain.content))[self.axis]

    def url(self, endpoint: str, **changes: Any) -> str:
        """Give the address of another view of the same picture."""
        return url_for(endpoint, **{**self.kept, **changes})

    def axes(self, endpoint: str) -> list[dict[str, Any]]:
        """Give the links that choose the axis."""
        return [
            {"label": label, "url": self.url(endpoint, axis=key), "current": key == self.axis}
            for key, label in words.axes(self.chain.content)
        ]


def see() -> Seen | None:
    """Look as the address of this request asks; None before a questionnaire is published."""
    chain = loading.load(db.session())
    if chain is None:
        return None
    form = _form(chain)
    chosen = {name: getattr(form, name).data for name in FILTERS if getattr(form, name).data}
    known = [key for key, _label in words.axes(chain.content)]
    axis = request.args.get("axis", "")
    axis = axis if axis in known else known[0]
    wanted = Wanted(**_read(chosen), units=actor().unit_ids, only_many=not may_read_answers())
    return Seen(
        chain=chain,
        picture=view(chain, wanted, now=clock.now()),
        form=form,
        axis=axis,
        kept=chosen | ({"axis": axis} if axis != known[0] else {}),
    )


def nothing() -> str:
    """Show why there is no picture yet."""
    return render_template("risk/nothing.html")


def capacity() -> int:
    """Give how many suppliers the team can handle in a year."""
    return g.organisation.yearly_capacity if g.organisation else 0


def number(name: str) -> int | None:
    """Give a step 0 to 5 of the address (a row or column of the grid), None for anything else."""
    typed = request.args.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) == 1 and int(typed) in LEVELS else None


def _form(chain: Chain) -> LookForm:
    form = LookForm(request.args)
    form.campaign.choices = [
        ("", _("すべて（最新の結果）")),
        *((one.public_id, one.name) for one in chain.campaigns),
    ]
    form.unit.choices = [("", _("すべて")), *_units(chain)]
    form.industry.choices = [("", _("すべて")), *((code, words.industry(code)) for code in chain.industries)]
    form.prefecture.choices = [
        ("", _("すべて")),
        *((code, words.prefecture(code)) for code in chain.prefectures),
    ]
    form.tier.choices = [
        ("", _("すべて")),
        *((str(tier), _("%(tier)d次", tier=tier)) for tier in chain.tiers),
    ]
    form.owner.choices = [("", _("すべて")), *_owners(chain)]
    for name in FILTERS:
        field = getattr(form, name)
        if field.data not in {value for value, _label in field.choices}:
            field.data = ""
    return form


def _units(chain: Chain) -> list[tuple[str, str]]:
    mine = actor().unit_ids
    return [(one.public_id, one.name) for one in chain.units if mine is None or one.id in mine]


def _owners(chain: Chain) -> list[tuple[str, str]]:
    mine, between = actor().unit_ids, chain.relationships
    within = slice(None) if mine is None else np.isin(between.unit, list(mine))
    present = set(np.unique(between.owner[within]).tolist())
    found = [(one.public_id, one.name) for one in chain.owners if one.id in present]
    own = [(public_id, _("私の担当先")) for public_id, _name in found if public_id == actor().public_id]
    return own + [one for one in found if one[0] != actor().public_id]


def _read(chosen: dict[str, str]) -> dict[str, Any]:
    return {name: int(value) if name == "tier" else value for name, value in chosen.items()}
