"""Brings the database to this version's schema, and tells when it is from a newer one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.db import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class NewerDatabase(Exception):
    """The database was migrated by a newer version of the product; its text is one line for the operator."""


def migrate(database: Database) -> list[str]:
    """Run what is missing and give the revisions that ran; raises NewerDatabase."""
    config = configuration()
    script = ScriptDirectory.from_config(config)
    with database.write_engine.connect() as connection:
        before = set(MigrationContext.configure(connection).get_current_heads())
        known = {revision.revision for revision in script.walk_revisions()}
        if before - known:
            raise _newer(before - known)
        connection.rollback()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    ran = [revision.revision for revision in script.iterate_revisions("head", tuple(before) or "base")]
    return list(reversed(ran))


def is_current(database: Database) -> bool:
    """Tell whether the database stands at this version's schema; raises NewerDatabase."""
    script = ScriptDirectory.from_config(configuration())
    heads = _heads(database)
    unknown = heads - {revision.revision for revision in script.walk_revisions()}
    if unknown:
        raise _newer(unknown)
    return heads == set(script.get_heads())


def is_empty(database: Database) -> bool:
    """Tell whether no migration has run yet."""
    return not _heads(database)


def _heads(database: Database) -> set[str]:
    with database.read_engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads())


def _newer(unknown: set[str]) -> NewerDatabase:
    revisions = ", ".join(sorted(unknown))
    return NewerDatabase(f"the database is from a newer version (revision {revisions}); update Sanpo first")


def configuration() -> Config:
    """Give Alembic's configuration, quiet and independent of the working directory."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
