"""The repository holds what it should, and nothing of the machine it was made on."""

import re
import tomllib

import pytest

from tests.promises.tree import ROOT, own_files, text_of

FOLDERS = {"portal", "assessments", "scoring", "migrations", "templates", "tests"}
FILES = {
    "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "LICENSE", "SECURITY.md",
    "requirements.lock", "requirements-dev.lock",
}  # fmt: skip
DOT_FILES = {".ci", ".editorconfig", ".gitignore", ".gitattributes"}
LOCKS = ("requirements.lock", "requirements-dev.lock")
INDEX_HOST = re.compile(r"\b(?:pypi|pythonhosted|npmjs|deb[.]debian)[.](?:org|com)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+|Users/\w+|farm)/")
# The brackets keep this line from being what it looks for.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X{3})\b")


def test_the_top_level_holds_exactly_what_belongs_there() -> None:
    found = {name.split("/")[0] for name in own_files()}

    assert found - DOT_FILES == FOLDERS | FILES


def test_ci_runs_what_people_run() -> None:
    script = text_of(".ci/run")

    assert "set -euo pipefail" in script
    assert "make test" in script


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_and_no_machine(lock: str) -> None:
    text = text_of(lock)

    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-") or "file:" in line]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_with_hashes(lock: str) -> None:
    packages = re.split(r"\n(?=\S)", text_of(lock).strip())

    assert len(packages) > 10
    assert not [package for package in packages if "==" not in package or "--hash=sha256:" not in package]


def test_what_runs_is_what_was_tested() -> None:
    runtime, development = (_pins(text_of(lock)) for lock in LOCKS)

    assert runtime <= development


def test_no_file_names_an_index_or_a_place_on_a_machine() -> None:
    found = [
        f"{name}: {line.strip()[:100]}"
        for name in own_files()
        for line in text_of(name).splitlines()
        if INDEX_HOST.search(line) or MACHINE_PATH.search(line)
    ]

    assert not found


def test_nothing_is_left_to_be_done_in_a_comment() -> None:
    assert not [name for name in own_files() if UNFINISHED.search(text_of(name))]


def test_the_changelog_tells_users_what_is_new() -> None:
    assert "## Unreleased" in text_of("CHANGELOG.md")


def test_the_licence_is_apache_2() -> None:
    assert "Apache License" in text_of("LICENSE")
    assert tomllib.loads(text_of("pyproject.toml"))["project"]["license"] == "Apache-2.0"


def test_the_name_of_an_import_contract_is_the_sentence_to_read_when_it_breaks() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]

    for name in (contract["name"] for contract in contracts):
        assert name[0].isupper() and name.endswith(".") and len(name.split()) > 5, name


def test_scripts_may_be_executed() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def _pins(lock: str) -> set[str]:
    return set(re.findall(r"^([\w.\[\]-]+==\S+)", lock, flags=re.MULTILINE))
