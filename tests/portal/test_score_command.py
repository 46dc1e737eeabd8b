"""`sanpo score` as a person without the portal types it."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assessments.questionnaire_content import ChoiceContent, QuestionContent
from assessments.scoring_file import records as scoring_records
from portal.cli import main
from portal.spreadsheets import Sheet, xlsx_bytes
from tests.factories import QUESTIONNAIRE
from tests.score_files import CONTENT, Row, as_floats, csv_of, expected, random_rows

KEYS = [question.key for question in CONTENT.scored]
AXES = [axis.key for axis in CONTENT.axes]
SHAPE = [
    "supplier", "questionnaire", "scoring_checksum", "model", "official_score", "official_band", "unknown",
    "absent", "domains", "axes", "lenses", "overall_level", "assurance", "inherent", "residual", "band",
    "expected_star",
]  # fmt: skip

Score = Callable[..., Result]


@pytest.fixture
def score(tmp_path: Path) -> Score:
    """Score rows, or a file's bytes, and give what the command printed."""

    def typed(content: list[Row] | bytes, *options: str, encoding: str = "utf-8") -> Result:
        file = tmp_path / "answers.csv"
        file.write_bytes(content if isinstance(content, bytes) else csv_of(content, encoding))
        return CliRunner().invoke(main, ["score", str(file), *options])

    return typed


def told(result: Result) -> list[dict[str, Any]]:
    """The records of a run that went well."""
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def refused(result: Result) -> list[str]:
    """The lines of a run that printed nothing but mistakes."""
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()


def everything(code: str = "implemented", **changes: Any) -> Row:
    """A supplier that gives the same answer to every question."""
    return {"supplier": "青葉鋳造", **dict.fromkeys(KEYS, code), **changes}


def essential(axis: str) -> list[str]:
    """The keys of the essential questions of an axis."""
    return [question.key for question in CONTENT.scored if question.essential and question.axis == axis]


def question(**wanted: Any) -> QuestionContent:
    """The first scored question like that."""
    return next(
        one for one in CONTENT.scored if all(getattr(one, name) == value for name, value in wanted.items())
    )


def test_a_record_has_the_documented_shape(score: Score) -> None:
    [record] = told(score([everything(confidentiality=4, continuity=2, connectivity=1)], "--json"))

    assert list(record) == SHAPE
    assert record["supplier"] == "青葉鋳造"
    assert record["questionnaire"] == QUESTIONNAIRE
    assert record["scoring_checksum"] == CONTENT.scoring_checksum
    assert record["model"] == CONTENT.model["id"]
    assert (record["official_score"], record["official_band"]) == (100, "100")
    assert list(record["domains"]) == [name for axis in CONTENT.axes for name in axis.domains]
    assert list(record["axes"]) == AXES
    assert list(record["lenses"]) == list(CONTENT.model["lenses"])
    assert record["axes"]["cyber"] == {
        "level": 3,
        "score": 100.0,
        "next": {"points_missing": 0.0, "essential": essential("cyber"), "lightest": []},
    }
    assert record["overall_level"] == 3
    assert record["assurance"] == {"attested": len(KEYS), "evidenced": 0, "verified": 0}
    # Level 3 takes 30 % off 4: 2.80.
    assert [record[name] for name in SHAPE[-4:]] == [4, 2.8, "moderate", 4]


def test_what_does_not_exist_is_null_and_never_left_out(score: Score) -> None:
    [record] = told(score([{"supplier": "梅田精機", "confidentiality": 5}], "--json"))

    assert list(record) == SHAPE
    nothing: dict[str, Any] = {
        "level": None,
        "score": None,
        "next": {"points_missing": None, "essential": [], "lightest": []},
    }
    for kind in ("domains", "axes", "lenses"):
        assert list(record[kind].values()) == [nothing] * len(record[kind])
    for name in ("official_score", "official_band", "overall_level", *SHAPE[-4:]):
        assert record[name] is None
    assert (record["unknown"], record["absent"]) == (0, 0)


def test_random_files_agree_with_the_naive_reference(score: Score) -> None:
    rows = random_rows(300)

    for row, record in zip(rows, told(score(rows, "--json")), strict=True):
        assert {name: record[name] for name in SHAPE[4:]} == as_floats(expected(CONTENT, row))


def test_codes_and_the_words_people_read_mean_the_same(score: Score) -> None:
    forms: list[Callable[[ChoiceContent], str]] = [
        lambda choice: choice.code,
        lambda choice: choice.label.ja,
        lambda choice: choice.short.ja,
        lambda choice: choice.label.en,
        lambda choice: f"  {choice.label.ja.replace('（', '(').replace('）', ')')}　",
    ]
    allowing = question(allows_absent=True).key
    rows = [
        {"supplier": f"{choice.code}{number}", allowing: form(choice)}
        for choice in CONTENT.answers
        for number, form in enumerate(forms)
    ]
    records = told(score(rows, "--json"))

    for start in range(0, len(records), len(forms)):
        same = [{**record, "supplier": ""} for record in records[start : start + len(forms)]]
        assert same == [same[0]] * len(forms)


def test_a_blank_cell_was_not_asked(score: Score) -> None:
    secret = dict.fromkeys((one.key for one in CONTENT.scored if one.axis == "secrets"), "")
    rows = [everything(**secret), everything(**dict.fromkeys(secret, "not_asked"), supplier="梅田精機")]

    for record in told(score(rows, "--json")):
        assert record["axes"]["secrets"]["level"] is None
        assert record["axes"]["cyber"]["level"] == 3


@pytest.mark.parametrize(("assurance", "level"), [("attested", 3), ("evidenced", 4), ("verified", 5)])
def test_proof_of_the_essential_questions_lifts_above_three(score: Score, assurance: str, level: int) -> None:
    proof = {f"{key}.assurance": assurance for key in essential("cyber")}
    [record] = told(score([everything(**proof)], "--json"))

    assert record["axes"]["cyber"]["level"] == level
    assert record["assurance"][assurance] >= len(proof)


def test_a_confirmation_counts_as_evidence_too(score: Score) -> None:
    first, *others = essential("cyber")
    proof = {f"{first}.assurance": "verified"} | {f"{key}.assurance": "evidenced" for key in others}

    assert told(score([everything(**proof)], "--json"))[0]["axes"]["cyber"]["level"] == 4


def test_assurance_counts_for_implemented_answers_alone(score: Score) -> None:
    proof = {f"{key}.assurance": "verified" for key in KEYS}
    plain, proven = told(
        score([everything("partial"), everything("partial", **proof, supplier="b")], "--json")
    )

    assert {**proven, "supplier": ""} == {**plain, "supplier": ""}
    assert proven["assurance"] == {"attested": 0, "evidenced": 0, "verified": 0}


def test_absent_needs_no_reason_where_it_is_allowed(score: Score) -> None:
    allowing = question(allows_absent=True)
    [record] = told(score([everything(**{allowing.key: "当社にはない"})], "--json"))

    assert record["absent"] == 1


def test_absent_is_refused_where_it_is_not_allowed(score: Score) -> None:
    key = question(essential=True).key

    [line] = refused(score([everything(**{key: "absent"})]))

    assert line.startswith(f"row 2, column {2 + KEYS.index(key)} ({key}): 'absent' ")


def test_profile_columns_are_ignored(score: Score) -> None:
    profile = {one.key: "何でも" for one in CONTENT.questions() if not one.is_scored}
    plain, more = told(score([everything()], "--json")), told(score([everything(**profile)], "--json"))

    assert plain == more


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_the_encodings_people_have(score: Score, encoding: str) -> None:
    rows = [everything("一部実施している", supplier="㈱髙﨑製作所")]

    assert told(score(rows, "--json", encoding=encoding))[0]["supplier"] == "㈱髙﨑製作所"


@pytest.mark.parametrize("written", [csv.excel, csv.excel_tab, csv.unix_dialect])
def test_a_file_is_read_however_its_cells_are_kept_apart(score: Score, written: type[csv.Dialect]) -> None:
    sheet = io.StringIO(newline="")
    rows = csv.writer(sheet, written)
    rows.writerows([["supplier", KEYS[0], "continuity"], ["青葉\n鋳造, 二", "わからない", 3], ["", "", ""]])

    [record] = told(score(sheet.getvalue().encode(), "--json"))

    assert (record["supplier"], record["unknown"]) == ("青葉\n鋳造, 二", 1)


def test_cells_left_out_at_the_end_of_a_row_are_blank(score: Score) -> None:
    assert told(score(f"supplier,{KEYS[0]},continuity\nA\n".encode(), "--json"))[0]["unknown"] == 0


def test_a_long_file_is_scored_in_batches_as_its_rows(score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = score(random_rows(40), "--json").stdout
    monkeypatch.setattr(scoring_records, "BATCH", 7)

    assert score(random_rows(40), "--json").stdout == at_once


def test_a_workbook_is_read_too(score: Score) -> None:
    row = everything("わからない", confidentiality=1, continuity=5, connectivity=3)
    book = xlsx_bytes([Sheet("回答", list(row), [list(row.values())])])
    [record] = told(score(book, "--json"))

    assert (record["unknown"], record["inherent"], record["official_score"]) == (len(KEYS), 5, -25)


def test_every_mistake_is_told_with_its_row_and_column_and_nothing_else_printed(score: Score) -> None:
    first, second = KEYS[:2]
    lines = [
        f"supplier,{first},unheard,{second}.assurance,confidentiality,,{first}",
        "A,implemented,,verified,3",
        "A,yes,x,proven,6,note",
        ",planned,,,NaN",
        "",
        "B,implemented,,,0",
        "C,4,,none,2.5,,,late",
    ]

    found = refused(score("\n".join(lines).encode(), "--json"))

    assert [line.split(": ")[0] for line in found] == [
        "row 1, column 3 (unheard)",
        f"row 1, column 7 ({first})",
        "row 3, column 6",
        "row 3, column 1 (supplier)",
        f"row 3, column 2 ({first})",
        f"row 3, column 4 ({second}.assurance)",
        "row 3, column 5 (confidentiality)",
        "row 4, column 1 (supplier)",
        "row 4, column 5 (confidentiality)",
        "row 6, column 5 (confidentiality)",
        "row 7, column 8",
        f"row 7, column 2 ({first})",
        f"row 7, column 4 ({second}.assurance)",
        "row 7, column 5 (confidentiality)",
    ]
    assert found[3] == "row 3, column 1 (supplier): 'A' stands in row 2 already"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (b"\n", "no headings"),
        (b"\n\n", "no headings"),
        ("会社名\nA\n".encode(), "no column is called 'supplier'"),
        (b'supplier\n"A\n', "row 2: a quotation mark"),
        (b"\xff\xfes\x00", "no text"),
        (b"supplier\nA\x00", "no text"),
        (b"supplier\n\x81\xff\xff", "neither UTF-8 nor CP932"),
        (b"PK\x03\x04nothing", "cannot be read"),
        (b"\xd0\xcf\x11\xe0old", "old or locked"),
    ],
)
def test_a_file_that_is_none_is_refused(score: Score, content: bytes, named: str) -> None:
    assert named in refused(score(content))[-1]


def test_a_file_of_nobody_has_no_records(score: Score) -> None:
    assert told(score(b"supplier\n", "--json")) == []


def test_an_unknown_questionnaire_is_refused(score: Score) -> None:
    [line] = refused(score([everything()], "--questionnaire", "another"))

    assert line == f"Error: no questionnaire 'another' is shipped; there is {QUESTIONNAIRE}"


def test_without_json_a_person_can_read_a_table_of_100_columns(score: Score) -> None:
    rows = [
        everything(confidentiality=5, continuity=5, connectivity=5),
        {"supplier": "株式会社" + "とても長い名前の" * 5 + "商店"},
        everything("unknown", supplier="Umeda", confidentiality=5, continuity=5, connectivity=5),
    ]
    result = score(rows)
    heading, *lines = result.stdout.splitlines()

    assert result.exit_code == 0
    assert max(wide(line) for line in (heading, *lines)) <= 100
    assert heading.split() == ["supplier", "check", *AXES, "low", "unknown", "residual", "star"]
    assert lines[0].split() == ["青葉鋳造", "100", *["3", "100.0"] * 3, "3", "0", "3.50", "high", "4"]
    assert lines[1].split()[1:] == ["–", "–", "–", "–", "–", "0", "–", "–"]
    assert lines[2].split() == [
        "Umeda",
        "-25",
        *["1", "0.0"] * 3,
        "1",
        str(len(KEYS)),
        "5.00",
        "very_high",
        "4",
    ]
    place = heading.index("unknown") + len("unknown")
    assert [terminal(line)[place - 1] for line in lines] == ["0", "0", str(len(KEYS))[-1]]


def wide(text: str) -> int:
    """How many columns of a terminal a text takes; the tests' letters beyond Latin are all wide but two."""
    return len(terminal(text))


def terminal(text: str) -> str:
    """The text with a wide letter standing twice."""
    return "".join(letter * (2 if letter > "\u2fff" else 1) for letter in text)


@pytest.mark.slow
def test_no_database_and_no_directory_is_touched(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_bytes(csv_of([everything()]))
    environment = os.environ | {
        "SANPO_DATA_DIR": str(tmp_path / "nowhere" / "data"),
        "SANPO_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        "SANPO_PORT": "not a port",
    }

    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "score", "answers.csv", "--json"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout)["overall_level"] == 3
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["answers.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_terminal_without_the_letters_still_gets_every_line(options: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "score", "/dev/stdin", *options],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        input=csv_of([everything(), {"supplier": "梅田精機"}], "cp932"), capture_output=True, check=True,
    )  # fmt: skip

    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    starts = ['{"supplier": "青葉', '{"supplier": "梅田'] if options else ["supplier", "????", "????"]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts


@pytest.mark.slow
def test_a_pipe_is_read_as_a_file_is() -> None:
    def piped(content: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "portal.cli", "score", "/dev/stdin", "--json"],
            input=content, capture_output=True, check=False,
        )  # fmt: skip

    good, bad = piped(csv_of([everything(supplier=str(number)) for number in range(200)])), piped(b"")

    assert (good.returncode, len(good.stdout.splitlines())) == (0, 200)
    assert (bad.returncode, bad.stdout) == (2, b"")
    assert b"the file is empty" in bad.stderr


@pytest.mark.slow
def test_a_reader_who_has_seen_enough_gets_no_complaint(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(csv_of([everything(supplier=str(number)) for number in range(3000)]))
    with subprocess.Popen(
        [sys.executable, "-m", "portal.cli", "score", str(file), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()

        assert running.stderr.read() == ""
        assert running.wait() == 1
