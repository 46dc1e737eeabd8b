"""What a pool's members may see of it: nothing that one look beside another would tell of five or fewer."""

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.release import (
    NOBODY,
    Nesting,
    Released,
    ReleasedColumns,
    in_groups,
    may_share,
    release,
    release_by_column,
    summed,
)
from scoring.scale import CodeOutOfRange, WrongShape

KEPT = 24
# Two industries of two sizes each: parts 0 and 1 lie in whole 0, parts 2 and 3 in whole 1.
NESTING = Nesting(np.array([0, 0, 1, 1]), wholes=2)
WHOLES, ALL = (4, 5), 6


def let_out(months: list[int], parts: list[int], *, until: int) -> Released:
    """Firm i submits once, in months[i], and belongs to parts[i]."""
    order = np.argsort(months, kind="stable")
    return release(
        order,
        np.array(months)[order],
        np.array(parts)[order],
        NESTING,
        firms=len(months),
        until=until,
        kept=KEPT,
    )


def test_six_firms_of_a_part_are_let_out_with_the_next_month() -> None:
    assert let_out([3] * 6, [0] * 6, until=3).stratum.tolist() == [NOBODY] * 6
    assert let_out([3] * 6, [0] * 6, until=4).stratum.tolist() == [0] * 6


def test_five_firms_wait() -> None:
    assert let_out([3] * 5, [0] * 5, until=9).stratum.tolist() == [NOBODY] * 5


def test_a_firm_that_answers_alone_waits_for_five_more() -> None:
    months = [3] * 6 + [4] + [6] * 5

    assert let_out(months, [0] * 12, until=6).stratum.tolist() == [0] * 6 + [NOBODY] * 6
    assert let_out(months, [0] * 12, until=7).stratum.tolist() == [0] * 12


def test_few_of_several_sizes_are_let_out_by_industry_and_fewer_over_all() -> None:
    by_industry = let_out([1] * 6, [0, 0, 0, 1, 1, 1], until=2)
    over_all = let_out([1] * 6, [0, 0, 1, 2, 2, 3], until=2)

    assert by_industry.stratum.tolist() == [WHOLES[0]] * 6
    assert over_all.stratum.tolist() == [ALL] * 6


def test_a_newer_answer_waits_while_the_older_one_stands() -> None:
    firms, months = [0, 1, 2, 3, 4, 5, 2], [1] * 6 + [2]

    found = release(firms, months, [0] * 7, NESTING, firms=6, until=9, kept=KEPT)

    assert found.submission.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_firm_that_moved_is_still_counted_where_it_was() -> None:
    # A firm answers anew from another part: first with five of its old part, then with five of the new.
    firms = [*range(12), *range(6), 0, *range(6, 11)]
    months, parts = [1] * 12 + [2] * 6 + [3] * 6, [0] * 6 + [1] * 6 + [1] + [0] * 5 + [1] * 6

    looks = [release(firms, months, parts, NESTING, firms=12, until=until, kept=KEPT) for until in (2, 3, 4)]

    assert [look.stratum.tolist() for look in looks] == [[0] * 6 + [1] * 6] * 3
    assert [int(look.submission[0]) for look in looks] == [0, 12, 12]


def test_a_firm_that_left_comes_back_where_it_moved_to() -> None:
    firms, months = [*range(6), *range(6)], [1] * 6 + [40] * 6

    found = release(firms, months, [0] * 6 + [3] * 6, NESTING, firms=6, until=41, kept=KEPT)

    assert found.stratum.tolist() == [3] * 6


def test_what_is_older_than_two_years_leaves() -> None:
    assert let_out([1] * 6, [0] * 6, until=1 + KEPT).stratum.tolist() == [0] * 6
    assert let_out([1] * 6, [0] * 6, until=2 + KEPT).stratum.tolist() == [NOBODY] * 6


def test_nobody_leaves_alone() -> None:
    # One firm is a month older than the others and was let out with them.
    months = [1] + [2] * 11

    found = let_out(months, [0] * 12, until=2 + KEPT)

    assert (found.stratum == 0).sum() == 6
    assert found.stratum[0] == NOBODY


def test_a_group_is_shown_only_where_the_larger_one_is() -> None:
    by_stratum = np.zeros((7, 1), dtype=np.int64)
    # Parts of 6 and 7 in the first industry, none in the second but 5 who count of those over all.
    by_stratum[[0, 1, ALL], 0] = 6, 7, 5

    counts = summed(by_stratum, NESTING)

    assert counts[:, 0].tolist() == [6, 7, 0, 0, 13, 0, 18]
    # 18 less 13 are 5: with the industry shown, theirs could be subtracted; and no part without its industry.
    assert may_share(counts, NESTING)[:, 0].tolist() == [False] * 6 + [True]


def test_nothing_is_shown_of_an_empty_pool() -> None:
    assert let_out([], [], until=5).stratum.tolist() == []
    assert not may_share(np.zeros((7, 3), dtype=np.int64), NESTING).any()


@pytest.mark.parametrize("seed", range(40))
def test_no_stratum_ever_holds_or_changes_by_fewer_than_six(seed: int) -> None:
    looks = [contents(found) for found in history(seed)]

    for earlier, later in combinations(looks, 2):
        for stratum in range(NESTING.count):
            assert not 0 < len(later[stratum]) < 6
            changed = {firm for firm, _ in earlier[stratum] ^ later[stratum]}
            assert not 0 < len(changed) < 6


@pytest.mark.parametrize("seed", range(20))
def test_no_sum_of_what_is_shown_of_a_question_is_over_five_or_fewer(seed: int) -> None:
    """The attacker adds and subtracts the shown rates of one question in every way there is."""
    dice = np.random.default_rng(seed)
    by_stratum = dice.integers(0, 10, (NESTING.count, 30)) * dice.integers(0, 2, (NESTING.count, 30))
    counts = summed(by_stratum, NESTING)
    shown = may_share(counts, NESTING)
    holds = summed(np.eye(NESTING.count, dtype=np.int64), NESTING)
    ways = np.array(list(product((-1, 0, 1), repeat=NESTING.count)))

    for question in range(30):
        reached = (ways * shown[:, question]) @ holds != 0
        firms = reached @ by_stratum[:, question]
        assert not np.any((firms > 0) & (firms < 6))


@pytest.mark.parametrize("seed", range(12))
def test_no_two_looks_at_all_that_is_shown_tell_of_five_or_fewer(seed: int) -> None:
    """The attacker adds and subtracts any shown groups of two looks, with a partner's answer at hand."""
    for earlier, later in pairwise(history(seed)):
        known = [vector for look in (earlier, later) for vector in shown_sums(look)]
        for first, second in combinations(known, 2):
            assert not 0 < np.count_nonzero(first - second) < 6
        for first, second, third in combinations(known, 3):
            for sign in (1, -1):
                assert not 0 < np.count_nonzero(first - second + sign * third) < 6


def test_a_question_that_few_of_those_let_out_were_asked_waits_by_itself() -> None:
    # Six firms asked everything, then six of whom one was asked the second question.
    months, counted = [1] * 6 + [2] * 6, np.ones((12, 2), dtype=bool)
    counted[7:, 1] = False

    found = release_by_column(range(12), months, counted, [0] * 12, NESTING, firms=12, until=3, kept=KEPT)

    assert (found.stratum != NOBODY).sum(axis=0).tolist() == [12, 6]
    assert found.submission[:, 1].tolist() == [*range(6), *[NOBODY] * 6]


@pytest.mark.parametrize("seed", range(12))
def test_no_two_looks_at_a_question_tell_of_five_or_fewer(seed: int) -> None:
    """Firms are asked some parts, answer now and then that a thing does not exist, and some move."""
    dice = np.random.default_rng(seed)
    who, months = dice.integers(0, 60, 150), np.sort(dice.integers(0, 36, 150))
    counted = dice.random((150, 3)) < (1, 0.5, 0.8)
    parts = moving(dice, who)
    looks = [
        release_by_column(who, months, counted, parts, NESTING, firms=60, until=until, kept=KEPT)
        for until in range(1, 38)
    ]

    for earlier, later in pairwise(looks):
        for column in range(3):
            before, after = (contents(of_column(look, column)) for look in (earlier, later))
            for stratum in range(NESTING.count):
                assert not 0 < len(after[stratum]) < 6
                changed = {firm for firm, _ in before[stratum] ^ after[stratum]}
                assert not 0 < len(changed) < 6
            let = later.submission[later.submission[:, column] != NOBODY, column]
            assert counted[let, column].all()


def test_a_group_has_what_its_strata_hold_by_question() -> None:
    stratum = np.array([[0, 4], [1, NOBODY], [0, ALL]])
    held = np.array([[True, True], [True, True], [False, True]])

    found = in_groups(held, stratum, NESTING)

    assert found[:, 0].tolist() == [1, 1, 0, 0, 2, 0, 2]
    assert found[:, 1].tolist() == [0, 0, 0, 0, 1, 0, 2]


@pytest.mark.parametrize("shape", [(1,), (2, 1)])
def test_columns_of_other_submissions_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(WrongShape):
        release_by_column([0], [1], np.ones(shape), [0], NESTING, firms=1, until=3, kept=KEPT)


@pytest.mark.parametrize(
    ("firm", "month", "part"),
    [
        ([0], [1, 2], [0]),
        ([1], [1], [0]),
        ([0, 0], [2, 1], [0, 0]),
        ([0], [1], [4]),
        ([0, 0], [1, 2], [0]),
    ],
)
def test_what_does_not_fit_is_refused(firm: list[int], month: list[int], part: list[int]) -> None:
    with pytest.raises((WrongShape, CodeOutOfRange)):
        release(firm, month, part, NESTING, firms=1, until=3, kept=KEPT)


def test_counts_of_other_groups_are_refused() -> None:
    with pytest.raises(WrongShape):
        summed(np.zeros((6, 1)), NESTING)


def history(seed: int) -> list[Released]:
    """The looks of three years at firms that answer now and then, some from another part than before."""
    dice = np.random.default_rng(seed)
    firms, submissions = 60, 150
    months = np.sort(dice.integers(0, 36, submissions))
    who = dice.integers(0, firms, submissions)
    parts = moving(dice, who)
    return [
        release(who, months, parts, NESTING, firms=firms, until=until, kept=KEPT) for until in range(1, 38)
    ]


def moving(dice: np.random.Generator, who: NDArray[np.int64]) -> NDArray[np.int64]:
    """The part of each submission: its firm's, and another every fourth time."""
    usual: NDArray[np.int64] = dice.integers(0, 4, who.max() + 1)[who]
    return np.where(dice.random(len(who)) < 1 / 4, dice.integers(0, 4, len(who)), usual)


def of_column(found: ReleasedColumns, column: int) -> Released:
    """One column of what is let out by column."""
    return Released(found.submission[:, column], found.stratum[:, column])


def contents(found: Released) -> list[set[tuple[int, int]]]:
    """What each stratum holds: firms with the submission let out."""
    held: list[set[tuple[int, int]]] = [set() for _ in range(NESTING.count)]
    for firm, (submission, stratum) in enumerate(zip(found.submission, found.stratum, strict=True)):
        if stratum != NOBODY:
            held[stratum].add((firm, int(submission)))
    return held


def shown_sums(found: Released) -> list[NDArray[np.int64]]:
    """Each group that is shown, as the submissions it sums up."""
    let = found.stratum != NOBODY
    by_stratum = np.zeros((NESTING.count, 150), dtype=np.int64)
    by_stratum[found.stratum[let], found.submission[let]] = 1
    groups = summed(by_stratum, NESTING)
    shown = may_share(groups.sum(axis=1)[:, None], NESTING)[:, 0]
    return list(groups[shown])
