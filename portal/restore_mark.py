"""The mark a database carries while a restore fills it: whoever finds it never takes the place for whole."""

from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect

MARK = Table("restore_in_progress", MetaData(), Column("id", Integer))


class HalfRestored(Exception):
    """A restore into the database has not ended; its text is one line for the operator."""


def stands(connection: Connection) -> bool:
    """Tell whether a restore is under way, or was broken off."""
    return inspect(connection).has_table(MARK.name)


def check(connection: Connection) -> None:
    """Go no further in a place that is not whole. Raises HalfRestored."""
    if stands(connection):
        raise HalfRestored(
            "a restore into this database is under way or was broken off, so nothing is started: "
            "wait for it, or run `sanpo restore FILE` again, which begins anew"
        )


def put(connection: Connection) -> None:
    """Mark a database; to be committed before the first row arrives."""
    MARK.create(connection, checkfirst=True)


def take_away(connection: Connection) -> None:
    """Take the mark away; where the restore succeeded, in the same commit as its rows."""
    MARK.drop(connection, checkfirst=True)
