"""The note of the latest backup in the data directory, read by `sanpo doctor`."""

import json
from dataclasses import asdict
from pathlib import Path

from portal.backup.making import Made

NAME = "last-backup.json"


def note(data_dir: Path, made: Made) -> None:
    """Keep what was made, in place of what was noted before."""
    unfinished = data_dir / f".{NAME}.part"
    unfinished.write_text(json.dumps(asdict(made), ensure_ascii=False), encoding="utf-8")
    unfinished.replace(data_dir / NAME)


def noted(data_dir: Path) -> Made | None:
    """Give the latest backup that was made from here, or None."""
    try:
        return Made(**json.loads((data_dir / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
