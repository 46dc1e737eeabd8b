"""The source keeps the rules of the house that no linter knows."""

import ast
import re
import sys
from typing import Any

import yaml

from tests.promises.tree import RINGS, ROOT, functions, imported, own_files, parsed, python_files, text_of

LONGEST_FILE = 399
LONGEST_FUNCTION = 40
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
MAY_IMPORT_LATE = {"plotly", "numpy", "highspy"}
SCORING_MAY_IMPORT = sys.stdlib_module_names | {"numpy", "highspy", "scoring"}
CLOCKS = re.compile(r"\b(?:datetime\.(?:now|utcnow)|date\.today|time\.time)\(")
QUESTIONNAIRES = ROOT / "assessments" / "content" / "questionnaires"


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name: len(text_of(name).splitlines()) for name in python_files()}

    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_too_long_to_read() -> None:
    # A migration lists tables; splitting the list would only hide it.
    names = [name for name in python_files() if not name.startswith("migrations/versions/")]
    long = [
        f"{name}: {function.name}"
        for name in names
        for function in functions(name)
        if _length(function) > LONGEST_FUNCTION
    ]

    assert not long


def test_every_module_says_what_lives_in_it() -> None:
    assert not [name for name in python_files() if not ast.get_docstring(parsed(name))]


def test_every_public_function_says_what_it_does() -> None:
    silent = [
        f"{name}: {function.name}"
        for name in python_files(*RINGS)
        for function in ast.iter_child_nodes(parsed(name))
        if isinstance(function, ast.FunctionDef | ast.ClassDef)
        and not function.name.startswith("_")
        and not ast.get_docstring(function)
    ]

    assert not silent


def test_no_module_has_a_name_that_says_nothing() -> None:
    stems = {name: name.rsplit("/", 1)[-1].removesuffix(".py") for name in python_files(*RINGS)}

    assert not [name for name, stem in stems.items() if stem in VAGUE_NAMES]
    assert [name for name, stem in stems.items() if stem == "base"] in ([], ["assessments/models/base.py"])


def test_no_question_is_known_by_its_key_in_python() -> None:
    keys = _question_keys()
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(keys)))})\b")

    assert len(keys) > 50
    assert not {name: found for name in python_files() if (found := pattern.findall(text_of(name)))}


def test_imports_stand_at_the_top() -> None:
    late = [
        f"{name}: {module}"
        for name in python_files(*RINGS, "migrations")
        for function in functions(name)
        for node in ast.walk(function)
        for module in imported(node)
        if module.split(".")[0] not in MAY_IMPORT_LATE
    ]

    assert not late


def test_scoring_imports_the_standard_library_and_numpy_alone() -> None:
    foreign = [
        f"{name}: {module}"
        for name in python_files("scoring")
        for node in ast.walk(parsed(name))
        for module in imported(node)
        if module.split(".")[0] not in SCORING_MAY_IMPORT
    ]

    assert not foreign


def test_the_inner_rings_never_read_the_clock() -> None:
    assert not [name for name in python_files("assessments", "scoring") if CLOCKS.search(text_of(name))]


def test_a_verb_never_commits() -> None:
    assert not [name for name in python_files("assessments") if re.search(r"\.commit\(\)", text_of(name))]


def test_settings_alone_read_the_environment() -> None:
    readers = [name for name in python_files(*RINGS) if re.search(r"\bos\.(environ|getenv)", text_of(name))]

    assert set(readers) <= {"portal/settings.py"}


def test_records_are_selected_and_related_in_one_way() -> None:
    old = re.compile(r"\b(?:session\.query\(|backref\s*=)")

    assert not [name for name in python_files(*RINGS) if old.search(text_of(name))]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _question_keys() -> set[str]:
    contents = [
        yaml.safe_load(text_of(name))
        for name in own_files()
        if (ROOT / name).is_relative_to(QUESTIONNAIRES) and name.endswith(".yaml")
    ]
    return {question["key"] for content in contents for question in _questions(content)}


def _questions(content: Any) -> list[dict[str, Any]]:
    found = content.get("questions") if isinstance(content, dict) else None
    return found if isinstance(found, list) else []
