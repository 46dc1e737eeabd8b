"""Reads YAML and CSV content shipped with the product; knows where it lies, not what it means."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).parent / "content"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(relative: str) -> Any:
    """Read one content file by its path below `content/`; raises FileNotFoundError."""
    return yaml.load((CONTENT / relative).read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  a safe loader


@cache
def questionnaire_names() -> tuple[str, ...]:
    """Names of the questionnaires that are shipped, sorted."""
    return tuple(sorted(path.name for path in (CONTENT / "questionnaires").iterdir() if path.is_dir()))


def read_csv(relative: str) -> list[dict[str, str]]:
    """Read one table by its path below `content/`, a dict a row; raises FileNotFoundError."""
    with (CONTENT / relative).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_folder(relative: str) -> list[Any]:
    """Read every YAML file of a folder below `content/`, by file name."""
    names = sorted(path.name for path in (CONTENT / relative).glob("*.yaml"))
    return [read_yaml(f"{relative}/{name}") for name in names]
