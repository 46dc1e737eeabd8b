"""How long a dated fact of the content is taken as it stands before it wants checking again."""

from datetime import date, timedelta
from functools import cache

from assessments.content_files import read_yaml


@cache
def fresh_for() -> timedelta:
    """Give how long a fact counts as fresh."""
    return timedelta(days=int(read_yaml("facts.yaml")["fresh_days"]))


def wants_check(as_of: date, *, check: bool, on: date) -> bool:
    """Say whether a fact is shown with 要確認 on a day: marked so, or older than `fresh_for`."""
    return check or on - as_of > fresh_for()
