"""A file of suppliers on its way into the register: the file, and what each row would do."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assessments.models.base import Base, public_id_column, state_type


class ImportState(enum.StrEnum):
    """Uploaded, being read, ready to confirm, being written, written, or refused as a whole."""

    UPLOADED = "uploaded"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"


class RowOutcome(enum.StrEnum):
    """What a row would do: make a supplier, update one, nothing new, ask a person, or be left out."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    CANDIDATE = "candidate"
    ERROR = "error"


class SupplierImport(Base):
    """One uploaded file. `columns` maps its headings; `unknown_columns` are reported, not read."""

    __tablename__ = "supplier_import"

    public_id: Mapped[str] = public_id_column()
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[ImportState] = mapped_column(
        state_type(ImportState, name="state"), default=ImportState.UPLOADED
    )
    encoding: Mapped[str] = mapped_column(default="")
    headings: Mapped[list[str]] = mapped_column(JSON, default=list)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    unknown_columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    failure: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime]
    previewed_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]


class SupplierImportRow(Base):
    """One row of the file: cells as typed, what they were read as, errors and remarks by column, outcome.

    `changes` holds before and after by column; `candidates` the suppliers and rows it may be the same as;
    `same_as` the earlier row that makes its supplier; `chosen` what a person decided about a candidate.
    """

    __tablename__ = "supplier_import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_supplier_import_row_import_id_outcome", "import_id", "outcome"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("supplier_import.id"))
    number: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    errors: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    remarks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    candidates: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    same_as: Mapped[int | None]
    outcome: Mapped[RowOutcome] = mapped_column(state_type(RowOutcome, name="outcome"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    chosen: Mapped[str | None]
    applied: Mapped[bool] = mapped_column(default=False)
