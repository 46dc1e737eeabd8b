"""Which schema a database stands at, told without the machinery that migrates it."""

from pathlib import Path

from sqlalchemy import inspect, text

from portal import restore_mark
from portal.db import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class NewerDatabase(Exception):
    """The database was migrated by a newer version of the product; its text is one line for the operator."""


class Busy(Exception):
    """A table that a migration needs stayed in use; its text is one line for the operator."""


def known() -> list[str]:
    """Give the revisions of this version in order: each file is named <revision>_<purpose>.py."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def standing(database: Database) -> str | None:
    """Give the revision a database stands at, None before the first. Raises NewerDatabase, HalfRestored."""
    with database.read_engine.connect() as connection:
        restore_mark.check(connection)
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is not None and found not in known():
        raise newer(str(found))
    return None if found is None else str(found)


def is_current(database: Database) -> bool:
    """Tell whether the database stands at this version's schema. Raises NewerDatabase, HalfRestored."""
    return standing(database) == known()[-1]


def newer(revision: str) -> NewerDatabase:
    """Give the refusal of a database from a newer version."""
    return NewerDatabase(f"the database is from a newer version (revision {revision}); update Sanpo first")
