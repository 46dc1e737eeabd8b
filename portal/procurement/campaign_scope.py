"""How much of a campaign the person may touch, and the choices their filters offer."""

from collections.abc import Sequence
from datetime import date

from flask import current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import reference
from assessments.campaign_rows import RowFilter, in_view
from assessments.models import Assessment, BusinessUnit, Campaign, Relationship, Role, Supplier, User
from assessments.register import RegisterFilter
from portal import clock, db, errors, filters
from portal.access import actor, load_campaign, supplier_scope
from portal.procurement.campaign_forms import RowsForm, WhomForm
from portal.settings import Settings

MINE = "mine"


class CampaignIsWider(Exception):
    """The campaign asks suppliers outside the person's units: acts on the whole are not theirs."""


errors.say(
    CampaignIsWider,
    _l(
        "この調査には、担当していない事業部の取引先も含まれています。"
        "調査全体にかかわる操作は、全社を担当する方にお願いしてください。"
    ),
)


def load_whole(public_id: str) -> Campaign:
    """Give a campaign for an act on the whole of it. Raises CampaignIsWider."""
    campaign = load_campaign(db.session(), public_id)
    if not sees_whole(campaign):
        raise CampaignIsWider
    return campaign


def sees_whole(campaign: Campaign) -> bool:
    """Tell whether every supplier of the campaign is within the person's units."""
    if actor().unit_ids is None:
        return True
    mine = select(Supplier.id).where(supplier_scope())
    beyond = select(Assessment.id).where(
        Assessment.campaign_id == campaign.id, Assessment.supplier_id.not_in(mine)
    )
    return db.session().scalar(beyond.limit(1)) is None


def may_write() -> bool:
    """Tell whether the person may do more than read here."""
    return actor().has_role(Role.PROCUREMENT)


def today() -> date:
    """Give the buyer's own day."""
    return clock.today(g.organisation.time_zone if g.organisation else "Asia/Tokyo")


def settings() -> Settings:
    """Give the settings of the running application."""
    found: Settings = current_app.extensions["sanpo_settings"]
    return found


def myself() -> User:
    """Give the user behind the actor, as the verbs want it."""
    return db.session().scalars(select(User).where(User.id == actor().user_id)).one()


def whom_form() -> WhomForm:
    """Give the filter by which suppliers are chosen, from the address of the page."""
    form = WhomForm(request.args)
    _offer(form, units(db.session()), owners(db.session()))
    form.industry.choices = [("", _("すべて"))] + [
        (one.code, filters.text(one.name)) for one in reference.industries()
    ]
    form.prefecture.choices = [("", _("すべて"))] + [
        (one.code, filters.text(one.name)) for one in reference.prefectures()
    ]
    form.validate()
    return form


def whom_filter(form: WhomForm) -> RegisterFilter:
    """Give what the filter asks of the register."""
    return RegisterFilter(
        words=form.words.data or "",
        owner_id=_owner_id(form.owner.data),
        unit_id=_unit_id(form.unit.data),
        industry=form.industry.data or None,
        prefecture=form.prefecture.data or None,
        tier=form.tier.data,
        without_exposures=bool(form.without_exposures.data),
        unit_ids=actor().unit_ids,
    )


def rows_form(people: Sequence[User], situations: Sequence[tuple[str, str]]) -> RowsForm:
    """Give the filter of a campaign's suppliers, from the address of the page."""
    form = RowsForm(request.args)
    _offer(form, units(db.session()), people)
    form.situation.choices = [("", _("すべて")), *situations]
    form.validate()
    return form


def rows_filter(form: RowsForm) -> RowFilter:
    """Give what the filter asks of a campaign's rows."""
    return RowFilter(
        words=form.words.data or "",
        situation=form.situation.data or "",
        owner_id=_owner_id(form.owner.data),
        unit_id=_unit_id(form.unit.data),
        unit_ids=actor().unit_ids,
    )


def units(session: Session) -> list[BusinessUnit]:
    """Give the units the person may see, the whole company first."""
    mine = actor().unit_ids
    query = select(BusinessUnit).order_by(BusinessUnit.is_whole_company.desc(), BusinessUnit.name)
    return list(session.scalars(query if mine is None else query.where(BusinessUnit.id.in_(mine))))


def owners(session: Session) -> list[User]:
    """Give who looks after suppliers in the person's units, by name."""
    theirs = select(Relationship.owner_id).where(in_view(actor().unit_ids))
    return list(session.scalars(select(User).where(User.id.in_(theirs)).order_by(User.name, User.id)))


def _offer(form: WhomForm | RowsForm, offered: Sequence[BusinessUnit], people: Sequence[User]) -> None:
    form.unit.choices = [("", _("すべて"))] + [(one.public_id, one.name) for one in offered]
    form.owner.choices = [("", _("すべて")), (MINE, _("私の担当先"))] + [
        (one.public_id, one.name or one.email) for one in people
    ]


def _owner_id(chosen: str | None) -> int | None:
    if chosen == MINE:
        return actor().user_id
    return _id_of(User, chosen)


def _unit_id(chosen: str | None) -> int | None:
    return _id_of(BusinessUnit, chosen)


def _id_of(model: type[User] | type[BusinessUnit], public_id: str | None) -> int | None:
    """Give the row's id; an id that nobody has fits nobody, a blank one asks nothing."""
    if not public_id:
        return None
    return db.session().scalar(select(model.id).where(model.public_id == public_id)) or 0
