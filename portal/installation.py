"""Opens an installation for a command: its settings, and its database in this version's schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from portal import console, schema
from portal.db import Database
from portal.schema import NewerDatabase
from portal.settings import Settings, from_environment

console.say(NewerDatabase)


@dataclass(frozen=True)
class Installation:
    """What a command works on."""

    settings: Settings
    database: Database


@contextmanager
def opened() -> Iterator[Installation]:
    """Open the installation of this environment; an empty database gets its tables first.

    Raises SettingsRefused, NewerDatabase, or Refused for a database that is behind or cannot be reached.
    """
    with unchecked() as installation:
        if not schema.is_current(installation.database):
            if not schema.is_empty(installation.database):
                raise console.Refused("the database is from an older version: run `sanpo migrate` first")
            schema.migrate(installation.database)
        yield installation


@contextmanager
def unchecked() -> Iterator[Installation]:
    """Open the installation of this environment whatever the database holds."""
    settings = from_environment()
    database = Database(settings.database_url)
    try:
        yield Installation(settings, database)
    except SQLAlchemyError as error:
        raise console.Refused(f"database: {_cause(error)}") from error
    finally:
        database.dispose()


def _cause(error: SQLAlchemyError) -> str:
    words = str(getattr(error, "orig", None) or error).strip()
    return words.splitlines()[0] if words else type(error).__name__
