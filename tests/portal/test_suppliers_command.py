"""`sanpo suppliers import` as an operator types it."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from assessments.models import Supplier, SupplierImport
from portal import schema
from portal.cli import main
from portal.db import Database
from tests import factories
from tests.importing import AOBA, csv_of

Import = Callable[..., Result]
GOOD = [AOBA, {"取引先コード": "S2", "会社名": "梅田精機㈱", "従業員数": "３０名"}]
BAD = {"取引先コード": "S3", "会社名": "柏木塗装", "メール": "柏木", "備考": "=1+1"}


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Database]:
    """An installation of its own."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    yield database
    database.dispose()


@pytest.fixture
def import_(installed: Database, tmp_path: Path) -> Import:
    """Import rows and give what the command printed."""
    environment = {"SANPO_DATA_DIR": str(tmp_path), "SANPO_DATABASE_URL": installed.url}

    def typed(content: bytes, *options: str) -> Result:
        (tmp_path / "list.csv").write_bytes(content)
        arguments = ["suppliers", "import", str(tmp_path / "list.csv"), *options]
        return CliRunner().invoke(main, arguments, env=environment)

    return typed


def test_good_rows_are_written(import_: Import, installed: Database, tmp_path: Path) -> None:
    done = import_(csv_of(GOOD), "--apply", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["written"] == {"created": 2, "updated": 0, "unchanged": 0}
    assert _names(installed) == ["㈱青葉鋳造", "梅田精機㈱"]
    assert not (tmp_path / "list.csv.errors.csv").exists()


def test_without_apply_nothing_is_written(import_: Import, installed: Database) -> None:
    done = import_(csv_of(GOOD))

    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert "2 create" in done.stdout
    assert _names(installed) == []
    with installed.reader() as session:
        assert session.scalars(select(SupplierImport)).all() == []


def test_the_rest_goes_to_a_file_with_reasons(import_: Import, installed: Database, tmp_path: Path) -> None:
    with installed.writer.begin() as session:
        factories.supplier(session, "柳田商店", code="S8", prefecture="23")

    done = import_(csv_of([*GOOD, BAD, {"会社名": "柳田商店"}]), "--apply")

    assert done.exit_code == 3, done.output
    assert _names(installed) == ["柳田商店", "㈱青葉鋳造", "梅田精機㈱"]
    text = (tmp_path / "list.csv.errors.csv").read_bytes().decode("utf-8-sig")
    heading, bad, candidate = csv.reader(io.StringIO(text))
    assert heading[-1] == "取り込めなかった理由"
    assert (bad[:2], bad[-2]) == (["S3", "柏木塗装"], "'=1+1")
    assert bad[-1].startswith("メール：")
    assert "同じかどうか" in candidate[-1]


def test_the_mended_file_of_errors_can_be_imported(
    import_: Import, installed: Database, tmp_path: Path
) -> None:
    import_(csv_of([*GOOD, BAD]), "--apply")
    errors = (tmp_path / "list.csv.errors.csv").read_bytes().decode("utf-8-sig")

    done = import_(errors.replace("柏木,", "k@kashiwagi.example,").encode(), "--apply", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["unknown_columns"] == ["備考"]
    assert len(_names(installed)) == 3
    assert not (tmp_path / "list.csv.errors.csv").exists()


def test_the_same_file_twice_doubles_nothing(import_: Import, installed: Database) -> None:
    import_(csv_of(GOOD), "--apply")

    again = import_(csv_of(GOOD, "cp932"), "--apply", "--json")

    assert json.loads(again.stdout)["written"] == {"created": 0, "updated": 0, "unchanged": 2}
    assert len(_names(installed)) == 2


def test_a_file_that_cannot_be_read_ends_with_one_line(import_: Import, installed: Database) -> None:
    done = import_("備考\nメモ\n".encode(), "--apply")

    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "会社名" in done.stderr
    with installed.reader() as session:
        assert session.scalars(select(SupplierImport)).all() == []


def _names(database: Database) -> list[str]:
    with database.reader() as session:
        return list(session.scalars(select(Supplier.name).order_by(Supplier.id)))
