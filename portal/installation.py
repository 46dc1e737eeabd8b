"""Opens an installation for a command: its settings, and its database in this version's schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import WARNING

from sqlalchemy.exc import SQLAlchemyError

from portal import console, logging, processes, revision
from portal.db import Database, UnsafeDatabase
from portal.restore_mark import HalfRestored
from portal.revision import Busy, NewerDatabase
from portal.row_guard import RowsChanged
from portal.safety_copies import NoRoom
from portal.settings import Settings, from_environment

for _rule in (NewerDatabase, HalfRestored, UnsafeDatabase, Busy, RowsChanged, NoRoom):
    console.say(_rule)


@dataclass(frozen=True)
class Installation:
    """What a command works on."""

    settings: Settings
    database: Database


@contextmanager
def opened(**given: str | None) -> Iterator[Installation]:
    """Open the installation of this environment; an empty database gets its tables first.

    Raises SettingsRefused, NewerDatabase, HalfRestored, or Refused for a database that is behind or cannot
    be reached.
    """
    with unchecked(**given) as installation:
        stands_at = revision.standing(installation.database)
        if stands_at is None:
            migrate()
        elif stands_at != revision.known()[-1]:
            raise console.Refused("the database is from an older version: run `sanpo migrate` first")
        yield installation


@contextmanager
def unchecked(**given: str | None) -> Iterator[Installation]:
    """Open the installation of this environment, or as `given`, whatever the database holds."""
    settings = from_environment(given=given)
    # Standard output belongs to the command; its log is for what goes wrong.
    logging.set_up("sanpo", level=WARNING)
    database = Database(settings.database_url)
    try:
        yield Installation(settings, database)
    except SQLAlchemyError as error:
        raise refusal(error) from error
    finally:
        database.dispose()


def check() -> None:
    """See that the database can be reached and is up to date, as `opened` does, and leave it again."""
    with opened():
        pass


def migrate() -> None:
    """Bring the database up to date in a process of its own; raises Refused when that fails."""
    if processes.wait(processes.start(["migrate", "--quiet"])):
        raise console.Refused("the database could not be brought up to date")


def of_several(**given: str | None) -> Settings:
    """Read the settings of one process of several; refuses where the queue lives inside a process."""
    settings = from_environment(given=given)
    if settings.is_one_machine:
        raise console.Refused(
            "SANPO_BROKER_URL must name a Redis or RabbitMQ for this; on one machine use `sanpo serve`"
        )
    return settings


def refusal(error: SQLAlchemyError) -> console.Refused:
    """Turn what a database said into one line."""
    words = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return console.Refused(f"database: {words.splitlines()[0]}")
