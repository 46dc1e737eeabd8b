"""The rows of an upload as a page shows them: what was typed, what it would do, what to decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import reference
from assessments.countries import country_name
from assessments.imports.columns import columns
from assessments.imports.uploads import CREATE, SKIP, UPDATE
from assessments.models import RowOutcome, Supplier, SupplierImport, SupplierImportRow, User
from portal import filters
from portal.import_words import heading, row_words

PAGE_SIZE = 50
# The order in which a person wants to look at the rows.
OUTCOMES = (
    RowOutcome.CANDIDATE,
    RowOutcome.ERROR,
    RowOutcome.CREATE,
    RowOutcome.UPDATE,
    RowOutcome.UNCHANGED,
)
NAMED = ("supplier_code", "corporate_number", "site", "prefecture", "email", "business_unit")
YEN = frozenset({"capital", "spend"})


@dataclass(frozen=True, slots=True)
class Told:
    """Something said about one cell: its column, what was typed, the words."""

    column: str
    typed: str
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to decide about a doubtful row."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row: its number and name, its errors, remarks and changes, and what can be decided."""

    number: int
    name: str
    facts: list[tuple[str, str]]
    errors: list[Told]
    remarks: list[Told]
    changes: list[tuple[str, str, str]]
    choices: list[Choice] = field(default_factory=list)
    is_decided: bool = False


def page(session: Session, upload: SupplierImport, outcome: RowOutcome, number: int) -> list[ShownRow]:
    """Give one page of the rows of an outcome, in three queries at most."""
    rows = session.scalars(
        select(SupplierImportRow)
        .where(SupplierImportRow.import_id == upload.id, SupplierImportRow.outcome == outcome)
        .order_by(SupplierImportRow.number)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    people = _people(session, rows)
    suppliers = _suppliers(session, rows)
    places: dict[str, int] = upload.columns["places"]
    return [_shown(row, places, people, suppliers) for row in rows]


def counts(session: Session, import_id: int) -> dict[RowOutcome, int]:
    """Count the rows by outcome as they stand."""
    query = select(SupplierImportRow.outcome, func.count().label("rows"))
    of_import = query.where(SupplierImportRow.import_id == import_id)
    found = session.execute(of_import.group_by(SupplierImportRow.outcome))
    return dict.fromkeys(OUTCOMES, 0) | {row.outcome: row.rows for row in found}


def target(session: Session, value: str) -> tuple[str, int | None]:
    """Turn the value of a choice into what is decided and about whom."""
    choice, _colon, whom = value.partition(":")
    if choice != UPDATE:
        return choice, None
    if whom.isdigit() and whom.isascii():
        return UPDATE, -int(whom)
    return UPDATE, session.scalar(select(Supplier.id).where(Supplier.public_id == whom.removeprefix("s")))


def outcome_words() -> dict[RowOutcome, str]:
    """Name the outcomes."""
    return {
        RowOutcome.CANDIDATE: _("同じ取引先かどうか確認"),
        RowOutcome.ERROR: _("取り込めない"),
        RowOutcome.CREATE: _("新しく登録"),
        RowOutcome.UPDATE: _("更新"),
        RowOutcome.UNCHANGED: _("変更なし"),
    }


def _shown(
    row: SupplierImportRow, places: dict[str, int], people: dict[int, str], suppliers: dict[int, Supplier]
) -> ShownRow:
    def told(said: dict[str, Any]) -> list[Told]:
        return [
            Told(heading(one.key), _typed(row, places, one.key), row_words(said[one.key]))
            for one in columns()
            if one.key in said
        ]

    return ShownRow(
        number=row.number,
        name=row.values.get("name") or _typed(row, places, "name") or filters.NOTHING,
        facts=[(heading(key), _value(key, row.values[key], people)) for key in NAMED if key in row.values],
        errors=told(row.errors),
        remarks=told(row.remarks),
        changes=[
            (heading(key), _value(key, before, people), _value(key, after, people))
            for key, (before, after) in row.changes.items()
        ],
        choices=_choices(row, suppliers) if row.candidates else [],
        is_decided=row.chosen is not None,
    )


def _choices(row: SupplierImportRow, suppliers: dict[int, Supplier]) -> list[Choice]:
    known = [
        Choice(
            f"{UPDATE}:s{one.public_id}",
            _("同じ取引先として更新：%(supplier)s", supplier=_described(one)),
            row.chosen == UPDATE and row.supplier_id == one.id,
        )
        for supplier_id in row.candidates.get("suppliers", [])
        if (one := suppliers.get(supplier_id)) is not None
    ]
    rows = [
        Choice(
            f"{UPDATE}:{number}",
            _("%(row)s行目と同じ取引先として登録", row=number),
            row.chosen == UPDATE and row.same_as == number,
        )
        for number in row.candidates.get("rows", [])
    ]
    rest = [
        Choice(CREATE, _("別の取引先として登録"), row.chosen == CREATE),
        Choice(SKIP, _("取り込まない"), row.chosen == SKIP),
    ]
    return [*known, *rows, *rest]


def _described(supplier: Supplier) -> str:
    prefecture = reference.find_prefecture(supplier.prefecture) if supplier.prefecture else None
    known = [
        supplier.name,
        supplier.site,
        filters.text(prefecture.name) if prefecture else "",
        _("コード %(code)s", code=supplier.code) if supplier.code else "",
        _("法人番号 %(number)s", number=supplier.corporate_number) if supplier.corporate_number else "",
    ]
    return str(_("、")).join(word for word in known if word)


def _typed(row: SupplierImportRow, places: dict[str, int], key: str) -> str:
    cells: list[str] = row.cells
    place = places.get(key, len(cells))
    return cells[place] if place < len(cells) else ""


def _value(key: str, value: Any, people: dict[int, str]) -> str:
    """Show a value as read; codes by their names."""
    if value in (None, ""):
        return filters.NOTHING
    find: Callable[[str], Any] | None = {
        "industry": reference.find_industry,
        "prefecture": reference.find_prefecture,
        "transaction_kind": reference.find_transaction_kind,
    }.get(key)
    if find is not None:
        return filters.text(find(value).name)
    if key == "country":
        return filters.text(country_name(value))
    if key == "owner" and isinstance(value, int):
        return people.get(value, filters.NOTHING)
    if key in YEN:
        return filters.yen(value)
    return filters.number(value) if isinstance(value, int) else str(value)


def _people(session: Session, rows: Sequence[SupplierImportRow]) -> dict[int, str]:
    ids = {
        value
        for row in rows
        for value in [row.values.get("owner"), *row.changes.get("owner", [])]
        if isinstance(value, int)
    }
    found = session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {user_id: name or email for user_id, name, email in found}


def _suppliers(session: Session, rows: Sequence[SupplierImportRow]) -> dict[int, Supplier]:
    ids = {one for row in rows for one in row.candidates.get("suppliers", [])}
    return {one.id: one for one in session.scalars(select(Supplier).where(Supplier.id.in_(ids)))}
