"""Importing a list in the browser: upload, progress, preview, decisions, confirmation, what is left."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from openpyxl import Workbook, load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from assessments import imports
from assessments.imports import reading, uploads
from assessments.imports.columns import columns
from assessments.models import ImportState, Job, JobState, Role, Supplier, SupplierImport
from portal import import_words, import_work, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.fixtures_app import Visitor
from tests.importing import AOBA, csv_of, previewed

IMPORTS = "/procurement/supplier-imports"
AsBuyer = Callable[..., Visitor]
UMEDA = {"取引先コード": "S2", "会社名": "梅田精機㈱", "従業員数": "３０名"}
BAD = {"取引先コード": "S3", "会社名": "柏木塗装", "メール": "柏木", "法人番号": "4.01E+12"}


class Desk:
    """A buyer at their desk, with the queue run by hand."""

    def __init__(self, visitor: Visitor, database: Database, settings: Settings) -> None:
        """Take a signed-in visitor."""
        self.visitor, self.database, self.settings = visitor, database, settings

    def upload(self, content: bytes, name: str = "取引先.csv") -> str:
        """Upload a file and give the address of its page."""
        answer = self.visitor.post(
            IMPORTS, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
        )
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return str(answer.location)

    def work(self) -> None:
        """Run what waits in the queue."""
        with self.database.reader() as session:
            waiting = session.scalars(select(Job.id).where(Job.state == JobState.WAITING)).all()
        for job_id in waiting:
            assert tasks.run(self.database, self.settings, job_id) is JobState.DONE

    def read(self, *rows: dict[str, str]) -> str:
        """Upload rows, have them judged, and give the address of their page."""
        address = self.upload(csv_of(rows))
        self.work()
        return address


@pytest.fixture
def desk(as_buyer: AsBuyer, database: Database, settings: Settings) -> Desk:
    """A buyer who writes to everything."""
    return Desk(as_buyer(Role.PROCUREMENT), database, settings)


def test_a_list_goes_from_the_desk_into_the_register(desk: Desk, session: Session) -> None:
    address = desk.upload(csv_of([AOBA, UMEDA, BAD]))
    assert desk.visitor.get(address).select_one("[data-job-url]") is not None
    desk.work()
    page = desk.visitor.get(address).get_text(" ", strip=True)
    assert "新しく登録 2 行" in page
    assert session.scalars(select(Supplier)).all() == []
    session.rollback()

    desk.visitor.post(f"{address}/confirm")
    assert desk.visitor.get(address).select_one("[data-job-url]") is not None
    desk.work()

    done = desk.visitor.get(address)
    assert done.h1 is not None
    assert done.h1.get_text(strip=True) == "取り込みました"
    assert session.scalars(select(Supplier.name).order_by(Supplier.id)).all() == ["㈱青葉鋳造", "梅田精機㈱"]


def test_every_error_is_shown_with_what_was_typed(desk: Desk) -> None:
    address = desk.read(AOBA, BAD)

    [row] = desk.visitor.get(f"{address}?outcome=error").select("tbody tr")

    text = row.get_text(" ", strip=True)
    for words in ("3", "柏木塗装", "メール", "柏木", "法人番号", "4.01E+12", "文字列"):
        assert words in text


def test_a_change_is_shown_from_what_to_what(desk: Desk, session: Session) -> None:
    factories.supplier(session, "梅田精機㈱", code="S2", employees=12, prefecture="23")
    session.commit()

    address = desk.read(UMEDA | {"都道府県": "大阪", "年間取引額": "500万円"})

    text = desk.visitor.get(address).select_one("tbody").get_text(" ", strip=True)  # type: ignore[union-attr]  # it is there
    for words in ("従業員数：12", "30", "愛知県", "大阪府", "5,000,000円"):
        assert words in text


def test_a_person_decides_about_likenesses(desk: Desk, session: Session) -> None:
    aoba = factories.supplier(session, "株式会社青葉鋳造", prefecture="23", employees=7)
    factories.supplier(session, "柳田商店", prefecture="23")
    session.commit()
    address = desk.read(
        {"会社名": "㈱青葉鋳造", "従業員数": "99"},
        {"会社名": "柳田商店"},
        {"会社名": "柳田商店", "カナ": "ヤ"},
    )
    page = desk.visitor.get(address)
    radios = page.select('input[name="row-2"]')
    assert [radio["value"] for radio in radios] == [f"update:s{aoba.public_id}", "create", "skip"]

    desk.visitor.post(f"{address}/decisions", {"row-2": str(radios[0]["value"]), "row-3": "create"})
    assert "決まっていない行が1行" in desk.visitor.get(address).get_text()
    desk.visitor.post(f"{address}/decisions/all", {"choice": "skip"})
    desk.visitor.post(f"{address}/confirm")
    desk.work()

    session.expire_all()
    assert session.get_one(Supplier, aoba.id).employees == 99
    assert len(session.scalars(select(Supplier).where(Supplier.name == "柳田商店")).all()) == 2


def test_what_was_not_offered_cannot_be_chosen(desk: Desk, session: Session) -> None:
    factories.supplier(session, "株式会社青葉鋳造", prefecture="23")
    stranger = factories.stranger(session)
    session.commit()
    address = desk.read({"会社名": "㈱青葉鋳造"})

    for value in (f"update:s{stranger.public_id}", "update:s0000", "update:7", "merge", ""):
        assert desk.visitor.post(f"{address}/decisions", {"row-2": value}).status_code == 409
    assert desk.visitor.post(f"{address}/decisions", {"row-x": "create"}).status_code == 409
    assert desk.visitor.post(f"{address}/decisions/all", {"choice": "merge"}).status_code == 409


def test_a_register_that_changed_meanwhile_is_looked_at_again(desk: Desk, session: Session) -> None:
    address = desk.read({"会社名": "㈱青葉鋳造", "都道府県": "愛知県"})
    facts = {"name": "株式会社青葉鋳造", "country": "JP", "prefecture": "23", "unit": "whole"}
    desk.visitor.post("/procurement/suppliers/new", facts)

    desk.visitor.post(f"{address}/confirm")
    assert "もう一度内容を確認しています" in desk.visitor.get(address).get_text()
    desk.work()

    assert "同じ取引先として更新" in desk.visitor.get(address).get_text()
    assert len(session.scalars(select(Supplier)).all()) == 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "empty.csv", "ファイルが空です"),
        (b"x" * 2_001, "large.csv", "MBまで"),
        (None, "", "ファイルを選んでください"),
    ],
)
def test_a_useless_upload_is_refused_at_its_field(
    desk: Desk,
    session: Session,
    content: bytes | None,
    name: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A body of 20 MB would lie in a temporary file that the test client leaves open.
    monkeypatch.setattr(reading, "LARGEST_FILE", 2_000)
    form = {} if content is None else {"file": (io.BytesIO(content), name)}

    answer = desk.visitor.post(IMPORTS, form, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert words in BeautifulSoup(answer.data, "html.parser").select_one("#file-error").get_text()  # type: ignore[union-attr]  # it is there
    assert session.scalars(select(SupplierImport)).all() == []


def test_a_file_that_cannot_be_read_says_what_to_do(desk: Desk) -> None:
    address = desk.upload(b"\xd0\xcf\x11\xe0" + bytes(600), "list.xls")
    desk.work()

    assert "古い形式（.xls）" in desk.visitor.get(address).get_text()


def test_a_formula_that_was_never_calculated_stands_as_an_error_at_its_cell(desk: Desk) -> None:
    book = Workbook()
    book.worksheets[0].append(["会社名", "従業員数"])
    book.worksheets[0].append(["青葉鋳造", "=10+2"])
    file = io.BytesIO()
    book.save(file)
    address = desk.upload(file.getvalue(), "取引先.xlsx")
    desk.work()

    page = desk.visitor.get(f"{address}?outcome=error").get_text()
    assert "数式の結果がファイルに入っていません" in page
    assert "青葉鋳造" in page


def test_the_left_out_rows_come_back_as_typed_with_reasons(desk: Desk) -> None:
    address = desk.read(AOBA, BAD | {"会社名": "=柏木塗装"})

    answer = desk.visitor.client.get(f"{address}/left-out.csv")
    book = load_workbook(io.BytesIO(desk.visitor.client.get(f"{address}/left-out.xlsx").data))

    heading, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert heading[-1] == "取り込めなかった理由"
    assert row[heading.index("会社名")] == "'=柏木塗装"
    assert row[heading.index("法人番号")] == "4.01E+12"
    assert "法人番号：" in row[-1]
    assert {cell.data_type for cell in book.worksheets[0][2] if cell.value is not None} == {"s"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_can_be_filled_in_and_read(
    desk: Desk, database: Database, settings: Settings, kind: str
) -> None:
    content = desk.visitor.client.get(f"{IMPORTS}/template.{kind}").data
    examples = [column.example for column in columns()]
    if kind == "csv":
        filled = content + ",".join(f'"{example}"' for example in examples).encode() + b"\r\n"
    else:
        book: Workbook = load_workbook(io.BytesIO(content))
        book.worksheets[0].append(examples)
        file = io.BytesIO()
        book.save(file)
        filled = file.getvalue()

    upload = previewed(database, settings, filled)

    assert (upload.state, upload.unknown_columns) == (ImportState.READY, [])
    assert upload.counts["create"] == 1


def test_an_upload_can_be_forgotten(desk: Desk, session: Session) -> None:
    address = desk.read(AOBA)

    answer = desk.visitor.post(f"{address}/discard")

    assert answer.location == IMPORTS
    desk.visitor.get(address, status=404)
    assert session.scalars(select(Supplier)).all() == []


def test_a_job_that_failed_can_be_started_again(
    desk: Desk, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError

    address = desk.upload(csv_of([AOBA]))
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "keep_rows", broken)
        job_id = session.scalars(select(Job.id)).one()
        session.rollback()
        assert tasks.run(desk.database, desk.settings, job_id) is JobState.FAILED
    assert "もう一度やってみる" in desk.visitor.get(address).get_text()

    desk.visitor.post(f"{address}/again")
    desk.work()

    assert "新しく登録" in desk.visitor.get(address).get_text()


def test_a_preview_is_read_in_a_fixed_number_of_queries(desk: Desk) -> None:
    few = desk.read(AOBA)
    many = desk.read(*({"会社名": f"青葉{number}", "取引先コード": f"X{number}"} for number in range(60)))

    assert _queries(desk.database, lambda: desk.visitor.get(few)) == _queries(
        desk.database, lambda: desk.visitor.get(many)
    )


def test_who_only_reads_may_look_but_not_act(desk: Desk, as_buyer: AsBuyer) -> None:
    address = desk.read(AOBA)
    reader = as_buyer(Role.AUDITOR)

    assert reader.get(address).select("main form") == []
    reader.get(IMPORTS, status=403)
    for act in ("confirm", "discard", "decisions", "decisions/all", "again"):
        assert reader.post(f"{address}/{act}").status_code == 403


def test_a_buyer_of_one_unit_sees_only_uploads_of_their_own(
    desk: Desk, session: Session, as_buyer: AsBuyer, database: Database, settings: Settings
) -> None:
    address = desk.read(AOBA)
    unit = factories.unit(session)
    limited = Desk(as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit)), database, settings)

    limited.visitor.get(address, status=404)
    assert limited.visitor.client.get(f"{address}/left-out.csv").status_code == 404
    assert limited.visitor.post(f"{address}/confirm").status_code == 404
    assert address not in str(limited.visitor.get(IMPORTS))
    assert "全社の取引" in limited.visitor.get(limited.read(AOBA)).get_text()


def test_a_name_cannot_bring_markup_along(desk: Desk) -> None:
    address = desk.read(AOBA | {"会社名": "<script>alert(1)</script>"}, BAD | {"メール": "<b>x</b>"})

    for outcome in ("create", "error"):
        page = desk.visitor.get(f"{address}?outcome={outcome}")
        assert not page.select("main script, main b")


@pytest.mark.parametrize("reason", sorted(import_words.ROWS))
def test_every_reason_has_words_that_can_be_filled_in(reason: str) -> None:
    facts = {"letters": 1, "typed": "x", "digits": 12, "row": 5, "before": "y", "most": 9}

    assert "%(" not in import_words.row_words({"reason": reason, **facts})


def test_every_reason_that_is_given_has_words() -> None:
    given = re.compile(r'(?:NotReadable|words|_whole)\([^"\n]*"(\w+)"|_code_in\(\w+, "(\w+)"\)')
    sources = [path.read_text(encoding="utf-8") for path in Path(imports.__file__).parent.glob("*.py")]
    reasons = {one or other for source in sources for one, other in given.findall(source)}

    assert len(reasons) > 20
    assert reasons <= set(import_words.ROWS)


def test_every_reason_to_refuse_a_file_has_words() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(imports.__file__).parent.glob("*.py")]
    work = Path(import_work.__file__).read_text(encoding="utf-8")
    reasons = {one for source in [*sources, work] for one in re.findall(r'FileRefused\("(\w+)"', source)}

    assert reasons == set(import_words.FILES)


def _queries(database: Database, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.read_engine, "before_cursor_execute", note)
    act()
    event.remove(database.read_engine, "before_cursor_execute", note)
    return len(seen)
