"""Which answers of a pool its own members may see: let out together, never fewer than six at once.

A rate over all of a group, looked at before and after one firm answers, tells that firm's answer. So answers
are let out at the start of a month, and only where those of six firms or more change at once in a stratum:
a part (industry × size); else, of what still waits, a whole (industry); else all. A firm stays in the stratum
that it was first let out in, wherever it belongs by now; so what a submission belongs to must never change
afterwards. So each stratum holds no firm or six at least, at any time, and changes by none
or six at least; and every rate shown is one over some strata.

Not every answer counts in every rate: who was not asked a question has none. So the answers to each question
are let out as if there were no other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.benchmark import SMALLEST_SHARED, may_show_parts
from scoring.scale import CodeOutOfRange, WrongShape, whole_numbers

NOBODY = -1
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Nesting:
    """Parts within wholes within everything: `whole_of` gives the whole of each part.

    Strata, and the groups that are shown, are numbered alike: the parts, then the wholes, then everything.
    """

    whole_of: Rows
    wholes: int

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return len(self.whole_of)

    @property
    def everything(self) -> int:
        """The number of the group of everything."""
        return self.parts + self.wholes

    @property
    def count(self) -> int:
        """How many groups there are of all kinds."""
        return self.everything + 1

    def above(self, group: int) -> int | None:
        """The next larger group; None above everything."""
        if group < self.parts:
            return self.parts + int(self.whole_of[group])
        return self.everything if group < self.everything else None


@dataclass(frozen=True)
class Released:
    """By firm: the row of its submission that is let out, and its stratum; NOBODY where there is none."""

    submission: Rows
    stratum: Rows


@dataclass(frozen=True)
class ReleasedColumns:
    """The same by column, kept once for columns in which the same submissions count: see `pattern`.

    `submissions` and `strata` are firms × patterns.
    """

    submissions: Rows
    strata: Rows
    pattern: Rows

    @property
    def submission(self) -> Rows:
        """The rows of the submissions (firms × columns)."""
        return self.submissions[:, self.pattern]

    @property
    def stratum(self) -> Rows:
        """The strata (firms × columns)."""
        return self.strata[:, self.pattern]


@dataclass
class _State:
    shown: Rows
    home: Rows
    spent: Rows


def release(
    firm: ArrayLike, month: ArrayLike, part: ArrayLike, nesting: Nesting, *, firms: int, until: int, kept: int
) -> Released:
    """What is let out to `firms` at the start of month `until`, as it follows from all submitted before.

    `firm`, `month` and `part` are of the submissions, oldest first; months count up by one. A firm that has
    no stratum is let out with the part of its newest submission.
    What is older than `kept` months leaves; where fewer than six would leave alone, the next oldest go too.
    Raises WrongShape, NotWhole, CodeOutOfRange.
    """
    who = whole_numbers(firm, shape=(None,)).astype(np.int64)
    months = whole_numbers(month, shape=(len(who),)).astype(np.int64)
    parts = whole_numbers(part, shape=(len(who),)).astype(np.int64)
    _check(parts, who, months, nesting, firms=firms)
    nobody = np.full(firms, NOBODY)
    state = _State(nobody.copy(), nobody.copy(), nobody.copy())
    newest, closest = nobody.copy(), np.zeros(firms, dtype=np.int64)
    if not len(months):
        return Released(state.shown, state.home)
    for start in range(int(months[0]) + 1, until + 1):
        first, last = np.searchsorted(months, (start - 1, start)).tolist()
        newest[who[first:last]] = np.arange(first, last)
        closest[who[first:last]] = parts[first:last]
        oldest = int(np.searchsorted(months, start - kept))
        touched = _let_out(state, newest, closest, oldest=oldest, nesting=nesting)
        _let_go(state, touched, oldest=oldest)
    return Released(state.shown, state.home)


def release_by_column(
    firm: ArrayLike,
    month: ArrayLike,
    counted: ArrayLike,
    part: ArrayLike,
    nesting: Nesting,
    *,
    firms: int,
    until: int,
    kept: int,
) -> ReleasedColumns:
    """As release, of each column by itself: of the submissions that count in it (submissions × columns).

    Raises WrongShape, NotWhole, CodeOutOfRange.
    """
    who, months, parts = (whole_numbers(one, shape=(None,)) for one in (firm, month, part))
    counts = np.asarray(counted, dtype=np.bool_)
    if counts.ndim != 2 or not len(counts) == len(who) == len(parts):  # noqa: PLR2004  submissions by columns
        raise WrongShape(f"an array of shape {counts.shape} where {len(who)} submissions are")
    # Questions of one part are asked together, so that few columns differ.
    _, first, which = np.unique(np.packbits(counts, axis=0), axis=1, return_index=True, return_inverse=True)
    shape = (firms, len(first))
    submission, stratum = np.full(shape, NOBODY), np.full(shape, NOBODY)
    for column, pattern in enumerate(first):
        rows = np.flatnonzero(counts[:, pattern])
        found = release(who[rows], months[rows], parts[rows], nesting, firms=firms, until=until, kept=kept)
        let = found.submission != NOBODY
        submission[let, column] = rows[found.submission[let]]
        stratum[:, column] = found.stratum
    return ReleasedColumns(submission, stratum, which.astype(np.int64))


def in_groups(held: Mask, stratum: Rows, nesting: Nesting) -> NDArray[np.int64]:
    """How many of the held entries each group has (groups × columns); both are firms × columns."""
    columns = stratum.shape[1]
    places = stratum * columns + np.arange(columns)
    found = np.bincount(places[held & (stratum != NOBODY)], minlength=nesting.count * columns)
    return summed(found.reshape(nesting.count, columns), nesting)


def summed(by_stratum: ArrayLike, nesting: Nesting) -> NDArray[np.int64]:
    """Counts of the groups (groups × columns) from those of the strata: a group holds all within it."""
    groups: NDArray[np.int64] = np.array(by_stratum, dtype=np.int64)
    if groups.shape[0] != nesting.count:
        raise WrongShape(f"{groups.shape[0]} strata where there are {nesting.count}")
    everything = groups.sum(axis=0)
    np.add.at(groups, nesting.parts + nesting.whole_of, groups[: nesting.parts])
    groups[nesting.everything] = everything
    return groups


def may_share(counts: ArrayLike, nesting: Nesting) -> Mask:
    """Which groups may be shown to their own members (groups × columns, of the counts of the groups).

    A group is shown only where the larger one is, so that every sum of shown groups is one over six or more.
    """
    groups = np.asarray(counts, dtype=np.int64)
    shown: Mask = np.zeros(groups.shape, dtype=np.bool_)
    shown[nesting.everything] = groups[nesting.everything] >= SMALLEST_SHARED
    _share(shown, groups, nesting.everything, np.arange(nesting.parts, nesting.everything))
    for whole in range(nesting.wholes):
        _share(shown, groups, nesting.parts + whole, np.flatnonzero(nesting.whole_of == whole))
    return shown


def _share(shown: Mask, counts: NDArray[np.int64], larger: int, groups: Rows) -> None:
    within = may_show_parts(counts[groups], counts[larger], smallest=SMALLEST_SHARED)
    shown[groups] = within & shown[larger]


def _check(parts: Rows, who: Rows, months: Rows, nesting: Nesting, *, firms: int) -> None:
    if len(parts) and not (parts.min() >= 0 and parts.max() < nesting.parts):
        raise CodeOutOfRange(f"parts {parts.min()} to {parts.max()} where there are {nesting.parts}")
    if len(who) and not (who.min() >= 0 and who.max() < firms):
        raise CodeOutOfRange(f"firms {who.min()} to {who.max()} where there are {firms}")
    if np.any(np.diff(months) < 0):
        raise CodeOutOfRange("submissions are to come oldest first")


def _let_out(state: _State, newest: Rows, closest: Rows, *, oldest: int, nesting: Nesting) -> Mask:
    """Let out what waits wherever it is enough, the closest stratum first; tell which strata changed."""
    touched: Mask = np.zeros(nesting.count, dtype=np.bool_)
    waits = (newest >= oldest) & (newest != NOBODY) & (newest != state.shown) & (newest != state.spent)
    strata = (closest, nesting.parts + nesting.whole_of[closest], np.full(len(closest), nesting.everything))
    edges = (0, nesting.parts, nesting.everything, nesting.count)
    for first, end, usual in zip(edges, edges[1:], strata, strict=False):
        stays = (state.home >= first) & (state.home < end)
        place = np.where(stays, state.home, usual)
        here = waits & (stays | (state.home == NOBODY))
        enough = np.bincount(place[here], minlength=nesting.count) >= SMALLEST_SHARED
        taken = here & enough[place]
        state.shown[taken], state.home[taken] = newest[taken], place[taken]
        waits &= ~taken
        touched |= enough
    return touched


def _let_go(state: _State, touched: Mask, *, oldest: int) -> None:
    """Take out what is too old; from a stratum that nothing else changes, never fewer than six."""
    too_old = (state.shown != NOBODY) & (state.shown < oldest)
    for stratum in np.unique(state.home[too_old]).tolist():
        members = np.flatnonzero(state.home == stratum)
        members = members[np.argsort(state.shown[members], kind="stable")]
        leaving = int(np.count_nonzero(too_old[members]))
        if not touched[stratum]:
            leaving = max(leaving, SMALLEST_SHARED)
        if len(members) - leaving < SMALLEST_SHARED:
            leaving = len(members)
        gone = members[:leaving]
        state.spent[gone] = state.shown[gone]
        state.shown[gone] = state.home[gone] = NOBODY
