"""The register: the list of suppliers, its download, and the page of one supplier."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from assessments import contact_notes, reference, register
from assessments.countries import country_name
from assessments.exposures import exposure
from assessments.imports.columns import column
from assessments.models import Contact, Relationship, Role, Supplier
from assessments.register import EXPOSURES, PAGE_SIZE, SORTS, RegisterRow
from portal import db, filters
from portal.access import actor, load_supplier, supplier_scope
from portal.paging import Page, page_number
from portal.procurement import mails
from portal.procurement.campaign_scope import whom_filter, whom_form
from portal.procurement.contact_notes_form import CHANNELS
from portal.procurement.routes import blueprint
from portal.spreadsheets import Cell, Sheet, csv_response, xlsx_response

FIRST_SORT = "name"
NOTES_SHOWN = 3
FILTERS = ("words", "owner", "unit", "industry", "prefecture", "tier", "without_exposures")
EXPORTED = (
    "supplier_code", "name", "kana", "corporate_number", "site", "country", "industry", "prefecture",
    "employees", "capital", "contact_name", "department", "email", "phone", "language", "business_unit",
    "owner", "transaction_kind", "confidentiality", "continuity", "connectivity", "spend", "tier",
)  # fmt: skip


@blueprint.get("/suppliers", endpoint="suppliers")
def supplier_list() -> str:
    """List the suppliers the filter asks for, a page at a time."""
    form = whom_form()
    wanted, sort = whom_filter(form), _sort()
    found = register.page(db.session(), supplier_scope(), wanted, sort=sort, number=page_number())
    return render_template(
        "procurement/suppliers.html",
        form=form,
        rows=[_shown(row) for row in found.rows],
        page=Page(found.number, PAGE_SIZE, found.total, "procurement.suppliers"),
        columns=_columns(sort),
        is_filtered=any(request.args.get(name) for name in FILTERS),
        kept={name: request.args[name] for name in (*FILTERS, "sort") if request.args.get(name)},
        may_write=_may_write(),
    )


@blueprint.get("/suppliers/list.<any(csv, xlsx):kind>")
def supplier_export(kind: str) -> Response:
    """Give the list as the filter has it, one row a relationship, ready to be imported again."""
    wanted = whom_filter(whom_form())
    rows = register.exported(db.session(), supplier_scope(), wanted, sort=_sort())
    headings = [filters.text(column(key).name) for key in EXPORTED]
    sheet = Sheet(_("取引先"), headings, [_exported(*row) for row in rows])
    return csv_response("suppliers", sheet) if kind == "csv" else xlsx_response("suppliers", [sheet])


@blueprint.get("/suppliers/<public_id>")
def supplier(public_id: str) -> str:
    """Show one supplier: its facts, whom to write to, what our units have with it."""
    found = load_supplier(db.session(), public_id)
    relationships = register.relationships_in_view(db.session(), found.id, unit_ids=actor().unit_ids)
    return render_template(
        "procurement/supplier.html",
        supplier=found,
        facts=_facts(found),
        contacts=[one for one in found.contacts if one.retired_at is None],
        retired=[one for one in found.contacts if one.retired_at is not None],
        relationships=[_relationship(one) for one in relationships],
        notes=contact_notes.of_supplier(db.session(), found, most=NOTES_SHOWN),
        note_channels=CHANNELS,
        missed=mails.missed(found),
        may_write=_may_write(),
    )


def _may_write() -> bool:
    return actor().has_role(Role.PROCUREMENT)


def _sort() -> str:
    asked = request.args.get("sort", FIRST_SORT)
    return asked if asked.removeprefix("-") in SORTS else FIRST_SORT


def _columns(sort: str) -> list[dict[str, Any]]:
    named = [
        (_("取引先"), "name", False),
        (_("業種・都道府県"), None, False),
        (_("従業員数"), "employees", True),
        (_("事業部"), None, False),
        (_("購買担当者"), None, False),
        (_("機密・継続・接続"), None, False),
        (_("年間取引額"), "spend", True),
        (_("階層"), None, True),
        (_("窓口"), None, False),
    ]
    return [
        {"label": label, "number": is_number, "url": _sort_url(key, sort), "sorted": _sorted(key, sort)}
        for label, key, is_number in named
    ]


def _sort_url(key: str | None, sort: str) -> str | None:
    if key is None:
        return None
    kept: dict[str, Any] = {
        name: values for name, values in request.args.lists() if name not in {"sort", "page"}
    }
    return url_for("procurement.suppliers", **kept, sort=f"-{key}" if sort == key else key)


def _sorted(key: str | None, sort: str) -> str | None:
    if key is None or sort.removeprefix("-") != key:
        return None
    return "descending" if sort.startswith("-") else "ascending"


def _shown(row: RegisterRow) -> dict[str, Any]:
    supplier = row.supplier
    return {
        "supplier": supplier,
        "industry": _industry(supplier.industry),
        "prefecture": _prefecture(supplier.prefecture),
        "units": row.units,
        "owners": row.owners,
        "exposures": row.exposures if any(step is not None for step in row.exposures) else None,
        "spend": row.spend,
        "tier": row.tier,
        "contact": row.contact,
    }


def _facts(supplier: Supplier) -> list[tuple[str, str]]:
    people = (
        None if supplier.employees is None else _("%(number)s人", number=filters.number(supplier.employees))
    )
    named = [
        (_("取引先コード"), supplier.code),
        (_("カナ"), supplier.kana),
        (_("法人番号"), supplier.corporate_number),
        (_("拠点"), supplier.site),
        (_("国"), filters.text(country_name(supplier.country))),
        (_("都道府県"), _prefecture(supplier.prefecture)),
        (_("業種"), _industry(supplier.industry)),
        (_("従業員数"), people),
        (_("資本金"), filters.large_yen(supplier.capital)),
    ]
    return [(label, value or filters.NOTHING) for label, value in named]


def _relationship(one: Relationship) -> dict[str, Any]:
    return {
        "row": one,
        "unit": one.business_unit.name,
        "owner": one.owner.name or one.owner.email if one.owner else one.owner_name,
        "kind": _kind(one.transaction_kind),
        "exposures": [_exposure(name, getattr(one, name)) for name in EXPOSURES],
    }


def _exposure(name: str, step: int | None) -> dict[str, Any]:
    known = exposure(name)
    words = filters.text(known.steps[step]) if step else None
    return {"title": filters.text(known.title), "step": step, "words": words}


def _exported(supplier: Supplier, relationship: Relationship | None, contact: Contact | None) -> list[Cell]:
    owner = relationship.owner if relationship else None
    values: dict[str, Cell] = {
        "supplier_code": supplier.code,
        "name": supplier.name,
        "kana": supplier.kana,
        "corporate_number": supplier.corporate_number,
        "site": supplier.site,
        "country": filters.text(country_name(supplier.country)),
        "industry": _industry(supplier.industry),
        "prefecture": _prefecture(supplier.prefecture),
        "employees": supplier.employees,
        "capital": supplier.capital,
    }
    if contact is not None:
        values |= {"contact_name": contact.name, "department": contact.department, "email": contact.email}
        values |= {"phone": contact.phone, "language": contact.language}
    if relationship is not None:
        values |= {name: getattr(relationship, name) for name in (*EXPOSURES, "spend", "tier")}
        values["business_unit"] = relationship.business_unit.name
        values["owner"] = owner.email if owner else relationship.owner_name
        values["transaction_kind"] = _kind(relationship.transaction_kind)
    return [values.get(key) for key in EXPORTED]


def _industry(code: str | None) -> str:
    found = reference.find_industry(code) if code else None
    return filters.text(found.name) if found else ""


def _prefecture(code: str | None) -> str:
    found = reference.find_prefecture(code) if code else None
    return filters.text(found.name) if found else ""


def _kind(code: str | None) -> str:
    found = reference.find_transaction_kind(code) if code else None
    return filters.text(found.name) if found else ""
