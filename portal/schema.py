"""Brings the database to this version's schema."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.db import Database
from portal.revision import MIGRATIONS, newer


def migrate(database: Database) -> list[str]:
    """Run what is missing and give the revisions that ran; raises NewerDatabase."""
    config = configuration()
    script = ScriptDirectory.from_config(config)
    with database.write_engine.connect() as connection:
        before = set(MigrationContext.configure(connection).get_current_heads())
        known = {revision.revision for revision in script.walk_revisions()}
        if before - known:
            raise newer(", ".join(sorted(before - known)))
        connection.rollback()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    ran = [revision.revision for revision in script.iterate_revisions("head", tuple(before) or "base")]
    return list(reversed(ran))


def configuration() -> Config:
    """Give Alembic's configuration, quiet and independent of the working directory."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
