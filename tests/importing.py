"""Lists of suppliers for tests: made, read and written as an operator's, without a page."""

import csv
import io
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import jobs
from assessments.imports import uploads
from assessments.models import ImportState, SupplierImport, SupplierImportRow
from portal import clock, import_work, tasks
from portal.db import Database
from portal.settings import Settings

AOBA = {
    "取引先コード": "S00001",
    "会社名": "㈱青葉鋳造",
    "都道府県": "愛知県",
    "メール": "info@aoba.example",
    "事業部": "",
    "機密性": "3",
}


def csv_of(rows: Iterable[Mapping[str, str]], encoding: str = "utf-8-sig") -> bytes:
    """Write rows as CSV with the headings of all of them."""
    kept = list(rows)
    headings = list(dict.fromkeys(heading for row in kept for heading in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings, restval="")
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue().encode(encoding)


def previewed(
    database: Database, settings: Settings, content: bytes, *, by_id: int | None = None
) -> SupplierImport:
    """Upload a file and have it judged."""
    with database.writer.begin() as session:
        upload = uploads.upload(session, "取引先.csv", content, now=clock.now(), by_id=by_id)
        job = jobs.request(session, import_work.PREVIEW, upload.id, now=clock.now(), by=by_id)
    tasks.run(database, settings, job.id)
    return _again(database, upload.id)


def applied(database: Database, settings: Settings, upload: SupplierImport) -> SupplierImport:
    """Confirm an upload where nobody has yet, and have it written."""
    with database.writer.begin() as session:
        mine = session.get_one(SupplierImport, upload.id)
        if mine.state is ImportState.READY:
            uploads.confirm(session, mine, now=clock.now(), by="operator")
        job = jobs.request(session, import_work.APPLY, upload.id, now=clock.now(), by=None)
    tasks.run(database, settings, job.id)
    return _again(database, upload.id)


def imported(database: Database, settings: Settings, *rows: Mapping[str, str]) -> SupplierImport:
    """Take rows all the way into the register."""
    return applied(database, settings, previewed(database, settings, csv_of(rows)))


def judged_again(database: Database, settings: Settings, upload: SupplierImport) -> SupplierImport:
    """Have the kept rows of an upload judged once more."""
    with database.writer.begin() as session:
        job = jobs.request(session, import_work.PREVIEW, upload.id, now=clock.now(), by=None)
    tasks.run(database, settings, job.id)
    return _again(database, upload.id)


def rows_of(session: Session, upload: SupplierImport) -> list[SupplierImportRow]:
    """Give the rows of an upload in order."""
    query = select(SupplierImportRow).where(SupplierImportRow.import_id == upload.id)
    return list(session.scalars(query.order_by(SupplierImportRow.number)))


def _again(database: Database, upload_id: int) -> SupplierImport:
    with database.reader() as session:
        return session.get_one(SupplierImport, upload_id)
