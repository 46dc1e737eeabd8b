"""The import of 10 000 suppliers from a file: read, judged, written, as its two jobs do it."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from assessments import jobs
from assessments.demo.firms import invent
from assessments.imports import uploads
from assessments.models import BusinessUnit, Supplier, SupplierImport
from portal import clock, import_work, schema, tasks
from portal.db import Database
from tests.bench import smallest, stage
from tests.bench.measuring import MILLI, Cost, cost, line, median

SUPPLIERS, RUNS = 10_000, 3
HEADINGS = (
    "取引先コード", "会社名", "カナ", "法人番号", "業種", "都道府県", "従業員数", "資本金",
    "担当者", "メール", "機密性", "継続性", "接続性", "年間取引額", "階層",
)  # fmt: skip


def lines(folder: Path) -> Iterator[str]:
    """Give the line of an import, the median of three, beside a bare insert."""
    content = sheet()
    ours = median([_imported(folder / f"import{run}", content) for run in range(RUNS)])
    least = cost(smallest.bare_insert(folder), runs=RUNS)
    yield line(f"import {SUPPLIERS:,} suppliers, read, judged, written", ours, goal="≤ 3 s", smallest=least)


def sheet() -> bytes:
    """Give a CSV file of 10 000 invented suppliers."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for firm in invent(SUPPLIERS, seed=1):
        facts = [firm.corporate_number, firm.industry, firm.prefecture, firm.employees, firm.capital]
        contact = [firm.contact_name, firm.contact_email]
        theirs = [*firm.exposures, firm.spend, firm.tier]
        writer.writerow([f"B{firm.number:05d}", firm.name, firm.kana, *facts, *contact, *theirs])
    return text.getvalue().encode()


def uploaded(database: Database, content: bytes) -> tuple[int, int]:
    """Take the file in, and ask for its preview; gives the upload's id and the job's."""
    with database.writer.begin() as session:
        made = uploads.upload(session, "suppliers.csv", content, now=clock.now(), by_id=None)
        job = jobs.request(session, import_work.PREVIEW, made.id, now=clock.now(), by=None)
        return made.id, job.id


def confirmed(database: Database, upload_id: int) -> int:
    """Confirm what was judged; gives the job that writes it."""
    with database.writer.begin() as session:
        upload = session.scalars(select(SupplierImport).where(SupplierImport.id == upload_id)).one()
        uploads.confirm(session, upload, now=clock.now(), by="operator")
        return jobs.request(session, import_work.APPLY, upload_id, now=clock.now(), by=None).id


def _imported(folder: Path, content: bytes) -> Cost:
    folder.mkdir()
    facts = stage.settings(folder)
    database = Database(facts.database_url)
    schema.migrate(database)
    with database.writer.begin() as session:
        session.add(BusinessUnit(name="全社", is_whole_company=True))
    began_cpu, began = time.process_time(), time.perf_counter()
    upload_id, job_id = uploaded(database, content)
    tasks.run(database, facts, job_id)
    tasks.run(database, facts, confirmed(database, upload_id))
    took = Cost((time.process_time() - began_cpu) * MILLI, (time.perf_counter() - began) * MILLI, 1)
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Supplier)) == SUPPLIERS
    database.dispose()
    return took
