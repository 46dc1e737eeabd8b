"""Files of answers as people keep them, scored, and what the naive reference makes of their rows."""

import csv
import io
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from assessments.questionnaire_content import Content, read, scoring_facts
from portal.cli import main
from scoring.model import EXPOSURES
from tests.factories import QUESTIONNAIRE
from tests.scoring import reference

CONTENT = read(QUESTIONNAIRE)
KEYS = [question.key for question in CONTENT.scored]

Row = dict[str, Any]


def csv_of(rows: list[Row], encoding: str = "utf-8") -> bytes:
    """Rows as a CSV file; the columns of all of them, in the order in which they appear."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return sheet.getvalue().encode(encoding)


def scored(folder: Path, content: list[Row] | bytes, *options: str, encoding: str = "utf-8") -> Result:
    """Score rows, or a file's bytes, and give what the command printed."""
    file = folder / "answers.csv"
    file.write_bytes(content if isinstance(content, bytes) else csv_of(content, encoding))
    return CliRunner().invoke(main, ["score", str(file), *options])


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


def random_rows(count: int, *, seed: int = 7) -> list[Row]:
    """Suppliers from poor to excellent, with parts not asked, things absent, proof and exposures."""
    chance = random.Random(seed)  # noqa: S311  no secret hangs on it
    return [_random_row(chance, number) for number in range(count)]


def _random_row(chance: random.Random, number: int) -> Row:
    merit, proven = chance.choice([0.3, 0.8, 0.97, 1.0]), chance.choice([0.0, 0.5, 1.0])
    asked = [axis.key for axis in CONTENT.axes if chance.random() < 0.8]
    row: Row = {"supplier": f"S{number}"}
    for one in CONTENT.scored:
        poorer = ["partial", "planned", "not_planned", "unknown"] + ["absent"] * one.allows_absent
        answer = "implemented" if chance.random() < merit else chance.choice(poorer)
        row[one.key] = answer if one.axis in asked else ""
        least = "verified" if chance.random() < 0.5 else "evidenced"
        row[f"{one.key}.assurance"] = least if chance.random() < proven else chance.choice(["", "attested"])
    return row | {name: chance.choice(["", 1, 2, 3, 4, 5, 5, 5]) for name in EXPOSURES}


def expected(content: Content, row: Row) -> dict[str, Any]:
    """What the naive reference makes of a row."""
    questions = [scoring_facts(one) for one in content.scored]
    place = {one["key"]: number for number, one in enumerate(questions)}
    sets = {
        "domains": _grouped(questions, "domain"),
        "axes": _grouped(questions, "axis"),
        "lenses": {name: [place[key] for key in keys] for name, keys in content.model["lenses"].items()},
    }
    return reference.record(
        questions,
        sets,
        [row[key] or "not_asked" for key in place],
        [row[f"{key}.assurance"] or "attested" for key in place],
        [row[name] or 0 for name in EXPOSURES],
        dict(content.model),
    )


def _grouped(questions: list[dict[str, Any]], name: str) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for number, one in enumerate(questions):
        groups.setdefault(one[name], []).append(number)
    return groups


def as_floats(value: Any) -> Any:
    """The same with every fraction as the number that is printed."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dict):
        return {name: as_floats(inner) for name, inner in value.items()}
    return value
