"""The public schemes as content: all requirements are there, nothing is claimed, and facts grow old."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from assessments import facts, readiness, schemes
from assessments.measures import measures
from assessments.questionnaire_content import Content, read
from assessments.subsidies import subsidies
from scoring.crosswalk import Reach
from tests.promises.tree import own_files, text_of

# By chapter: how many requirements star 3 and star 4 ask for, and how many criteria star 3 has.
STRUCTURE = {
    "1": (3, 6, 8),
    "2": (3, 5, 4),
    "3": (4, 6, 11),
    "4": (13, 21, 48),
    "5": (1, 3, 3),
    "6": (1, 1, 6),
    "7": (1, 1, 1),
}
CLAIM = re.compile(r"認定|取得済|適法|違反なし")
WORDED = (".csv", ".html", ".js", ".po", ".py", ".txt", ".yaml")
OLD, FRESH = timedelta(days=181), timedelta(days=180)


@pytest.fixture(scope="module")
def content() -> Content:
    return read("sanpo-2026")


def test_the_requirements_are_those_of_the_scheme() -> None:
    wanted = schemes.requirements()
    found = {
        category.id: (
            sum(one.category == category.id for one in wanted.star3),
            sum(one.category == category.id for one in wanted.every),
            sum(one.criteria or 0 for one in wanted.star3 if one.category == category.id),
        )
        for category in wanted.categories
    }

    assert found == STRUCTURE
    assert (len(wanted.star3), len(wanted.every)) == (26, 43)
    assert sum(one.criteria or 0 for one in wanted.every) == 81


def test_each_requirement_stands_once_with_a_title_of_its_own() -> None:
    every = schemes.requirements().every

    assert not [key for key, times in Counter(one.id for one in every).items() if times > 1]
    assert len({one.title.ja for one in every}) == len({one.title.en for one in every}) == 43
    assert all(re.fullmatch(r"\d-\d-\d", one.id) for one in every)
    # The official sentences all end so; ours are short names.
    assert not [one.id for one in every if one.title.ja.endswith("こと。") or len(one.title.ja) > 25]


def test_what_was_seen_only_as_a_gist_wants_checking() -> None:
    assert all(one.check == (one.star == 4) for one in schemes.requirements().every)


def test_every_text_of_the_schemes_stands_in_both_languages() -> None:
    wanted, action = schemes.requirements(), schemes.self_declaration()
    texts = [one.title for one in wanted.every] + [one.left for one in wanted.every if one.left]
    texts += [one.name for one in wanted.categories] + [one.title for one in action.basics]
    texts += [wanted.mapping_note, wanted.criteria_note, wanted.source.name, *action.how]
    texts += [action.voluntary, action.source.name]

    for text in texts:
        assert text.ja
        assert text.en
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en), text.en


def test_the_mapping_names_requirements_that_exist(content: Content) -> None:
    by_id = {one.id: one for one in schemes.requirements().every}

    for question in content.scored:
        named = question.requirements
        assert set(named) <= {"direct", "partial", "star4"}, question.key
        assert all(by_id[key].star == 3 for key in (*named["direct"], *named["partial"])), question.key
        assert all(by_id[key].star == 4 for key in named["star4"]), question.key
        every = (*named["direct"], *named["partial"], *named["star4"])
        assert len(set(every)) == len(every), question.key


def test_no_requirement_is_silently_missing(content: Content) -> None:
    best = readiness.star3(content, {question.key: "implemented" for question in content.scored})
    short = [one for one in best.lines if one.reach is not Reach.DECLARED]

    assert len(best.lines) == 26
    assert [one.requirement.id for one in short if not one.touches] == ["4-4-1"]
    assert all(one.requirement.left for one in short)
    assert (best.count(Reach.DECLARED), best.count(Reach.PARTLY), best.remaining) == (16, 9, 10)


def test_the_basics_of_one_star_are_six_items_of_the_self_check(content: Content) -> None:
    items = {question.official_item for question in content.scored if question.official_item}
    basics = schemes.self_declaration().basics

    assert len(basics) == 6
    assert {one.official_item for one in basics} <= items
    assert schemes.self_declaration().policy_questions <= set(content.by_key)


@pytest.mark.parametrize(
    ("typed", "is_id", "is_old"),
    [
        ("50123456789", True, False),
        ("40123456789", True, True),
        ("60123456789", False, False),
        ("5012345678", False, False),
        ("501234567890", False, False),
        ("5012345678x", False, False),
        ("", False, False),
    ],
)
def test_a_declaration_id_has_eleven_digits(typed: str, is_id: bool, is_old: bool) -> None:
    words = schemes.self_declaration()

    assert (words.is_id(typed), words.is_old_id(typed)) == (is_id, is_old)


def test_a_fact_wants_checking_after_180_days() -> None:
    today = date(2026, 11, 21)

    assert not facts.wants_check(today - FRESH, check=False, on=today)
    assert facts.wants_check(today - OLD, check=False, on=today)
    assert facts.wants_check(today, check=True, on=today)


def test_every_dated_fact_wants_checking_some_day() -> None:
    dated = [
        one.as_of for key in ("scs", "security_action", "otasuketai") for one in schemes.scheme(key).facts
    ]
    dated += [one.as_of for one in measures()] + [one.as_of for one in subsidies()]
    dated += [schemes.requirements().as_of, schemes.self_declaration().as_of]

    for as_of in dated:
        assert not facts.wants_check(as_of, check=False, on=as_of + FRESH)
        assert facts.wants_check(as_of, check=False, on=as_of + OLD)


def test_nothing_on_a_page_says_that_anybody_examined_a_firm() -> None:
    texts = ("assessments/", "portal/", "templates/")
    names = [name for name in own_files() if name.startswith(texts) and name.endswith(WORDED)]
    claims = {name: CLAIM.findall(text_of(name)) for name in names}

    assert len(names) > 300
    assert not {name: found for name, found in claims.items() if found}
