"""What every operator's command has in common: one line on failure, JSON on request. Opens nothing."""

import json
import sys
from datetime import date
from typing import Any

import click

from portal.settings import SettingsRefused

_lines: dict[type[Exception], str] = {SettingsRefused: ""}


class Refused(click.ClickException):
    """A command cannot do what was asked: one line for the operator, and the exit status."""

    def __init__(self, line: str, *, status: int = 1) -> None:
        """Take the line to print, and the status to end with."""
        super().__init__(line)
        self.status = status

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click keeps one status a class, we one a refusal
        """The status that click ends the program with."""
        return self.status


def say(rule: type[Exception], line: str = "") -> None:
    """Give a broken rule its line at the command line; without one, its own text is printed."""
    _lines[rule] = line


def refusal(error: Exception) -> Refused:
    """Turn what went wrong into one line and a status."""
    for kind in type(error).__mro__:
        if kind in _lines:
            return Refused(_lines[kind] or _first_line(error))
    return Refused(f"{type(error).__name__}: {_first_line(error)} (--traceback tells more)")


def print_json(value: Any) -> None:
    """Print records as JSON, readable and with Japanese as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
