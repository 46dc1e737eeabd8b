"""Files around an import: the template to fill in, and the rows that were left out with their reasons."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from assessments.imports import uploads
from assessments.imports.columns import columns, reason_heading
from assessments.models import SupplierImport
from portal import filters
from portal.import_words import reasons
from portal.spreadsheets import Sheet


def template() -> Sheet:
    """Give the headings, to be filled in."""
    return Sheet(_("取引先"), [filters.text(one.name) for one in columns()], [])


def explanation() -> Sheet:
    """Give what each column means, with an example."""
    headings = [_("列の名前"), _("必須"), _("説明"), _("例")]
    rows = [
        [filters.text(one.name), _("必須") if one.key == "name" else "", filters.text(one.help), one.example]
        for one in columns()
    ]
    return Sheet(_("説明"), headings, rows)


def left_out(session: Session, upload: SupplierImport) -> Sheet:
    """Give the rows that were left out as they were typed, each with its reasons in a last column."""
    rows = uploads.left_out(session, upload.id)
    width = max([len(upload.headings), *(len(row.cells) for row in rows)])
    own = upload.columns.get("reason")
    kept = [place for place in range(width) if place != own]
    headings = _padded(upload.headings, width)
    return Sheet(
        _("取り込めなかった行"),
        [*(headings[place] for place in kept), filters.text(reason_heading())],
        [
            [*(cells[place] for place in kept), reasons(row)]
            for row in rows
            for cells in [_padded(row.cells, width)]
        ],
    )


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
