"""`sanpo score` as a person without the portal types it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from assessments.questionnaire_content import ChoiceContent, QuestionContent
from assessments.scoring_file import records as scoring_records
from tests.factories import QUESTIONNAIRE
from tests.score_files import (
    CONTENT,
    KEYS,
    as_floats,
    csv_of,
    everything,
    expected,
    random_rows,
    refused,
    scored,
    told,
)

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
    return partial(scored, tmp_path)


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


def test_a_long_file_is_scored_in_batches_as_its_rows(score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = score(random_rows(40), "--json").stdout
    monkeypatch.setattr(scoring_records, "BATCH", 7)

    assert score(random_rows(40), "--json").stdout == at_once


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
