"""The notes of the latest backup and the latest drill in the data directory, read by `sanpo doctor`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from portal.backup.drilling import Drilled
from portal.backup.making import Made

NAME, NAME_OF_DRILL = "last-backup.json", "last-drill.json"
Noted = TypeVar("Noted", Made, Drilled)


def note(data_dir: Path, made: Made) -> None:
    """Keep what was made, in place of what was noted before."""
    _keep(data_dir / NAME, made)


def noted(data_dir: Path) -> Made | None:
    """Give the latest backup that was made from here, or None."""
    return _kept(data_dir / NAME, Made)


def note_drill(data_dir: Path, done: Drilled) -> None:
    """Keep what a drill proved, in place of what was noted before."""
    _keep(data_dir / NAME_OF_DRILL, done)


def noted_drill(data_dir: Path) -> Drilled | None:
    """Give the latest drill that went well here, or None."""
    return _kept(data_dir / NAME_OF_DRILL, Drilled)


def _keep(path: Path, record: Made | Drilled) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(json.dumps(asdict(record), ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)


def _kept(path: Path, kind: type[Noted]) -> Noted | None:
    try:
        return kind(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
