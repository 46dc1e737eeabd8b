"""What incidents cost is told by who was counted, never mixed; stories are ours, short and hopeful."""

import re
from datetime import date
from pathlib import Path

import pytest

from assessments import incidents
from assessments.content_files import CONTENT
from assessments.firm_sizes import LARGE, MICRO, SMALL
from assessments.incidents import costs_for, incident_words, populations, stories_for, story_groups
from assessments.reference import industries

TODAY = date(2026, 11, 21)
NEVER_SAID = re.compile(r"認定|取得済|適法|承認|差戻|違反なし")
FEWEST, MOST = 120, 200


def test_every_population_says_who_when_how_many_and_by_whom() -> None:
    for one in populations():
        assert one.who.ja
        assert 2020 <= one.year <= TODAY.year
        assert one.n is None or one.n > 0
        assert one.as_of <= TODAY
        assert one.source.address.startswith("https://")
        assert one.mark in {"V1", "V2"}
        assert one.figures


def test_where_the_number_of_replies_is_not_known_the_text_says_so() -> None:
    for one in populations():
        assert one.n is not None or re.search("確かめられていません|数えたものではありません", one.who.ja), (
            one.key
        )


def test_figures_have_their_units_and_plausible_sizes() -> None:
    words = incident_words()
    highest = {"yen": 100_000_000, "yen_month": 5_000_000, "percent": 100, "days": 365}
    for figure in (figure for one in populations() for figure in one.figures):
        assert figure.kind in words.kinds
        assert figure.incident in words.incidents
        assert (figure.low is None) == (figure.high is None)
        if figure.low is not None and figure.high is not None:
            assert 0 < figure.low <= figure.high <= highest[figure.unit], figure.key
        else:
            assert figure.note, figure.key
        if figure.kind in {"mean", "median"}:
            assert figure.low == figure.high
        if figure.kind == "share":
            assert figure.unit == "percent"


def test_keys_are_unique() -> None:
    keys = [one.key for one in populations()]
    keys += [figure.key for one in populations() for figure in one.figures]
    keys += [story.key for group in story_groups() for story in group.stories]

    assert len(keys) == len(set(keys))


def test_small_incidents_and_grave_ones_never_stand_in_one_population() -> None:
    for one in populations():
        kinds = {(figure.incident, figure.kind) for figure in one.figures if figure.unit == "yen"}
        assert ("any", "mean") not in kinds or not any(incident == "ransomware" for incident, _ in kinds)


def test_nothing_computes_across_populations() -> None:
    source = Path(incidents.__file__).read_text(encoding="utf-8")

    assert not re.search(r"\b(sum|mean|average|median|statistics)\(", source)


def test_a_small_firm_sees_surveys_of_small_firms_first() -> None:
    for size in (MICRO, SMALL):
        found = costs_for("E", size)
        order = [one.firms for one in found.populations]
        assert order[0] == "small"
        assert order == sorted(order, reverse=True)
        assert len(found.fallbacks) == 1


@pytest.mark.parametrize("size", [LARGE, None])
def test_other_firms_see_surveys_of_any_size_and_are_told(size: str | None) -> None:
    found = costs_for("E", size)

    assert found.populations
    assert {one.firms for one in found.populations} == {"any"}
    assert len(found.fallbacks) == 2


def test_card_figures_are_for_those_who_take_cards() -> None:
    shop = {figure.incident for one in costs_for("I", SMALL).populations for figure in one.figures}
    foundry = {figure.incident for one in costs_for("E", SMALL).populations for figure in one.figures}
    unknown = {figure.incident for one in costs_for(None, SMALL).populations for figure in one.figures}

    assert shop - foundry == {"card_leak"}
    assert unknown == foundry


def test_every_industry_has_stories_of_its_own_group() -> None:
    listed = [code for group in story_groups() for code in group.industries]

    assert sorted(listed) == [industry.code for industry in industries()]
    assert all(2 <= len(group.stories) <= 3 for group in story_groups())
    assert all(code in stories_for(code).industries for code in listed)
    assert stories_for(None) is story_groups()[-1]


def test_stories_are_short_and_end_with_what_helps() -> None:
    for story in (story for group in story_groups() for story in group.stories):
        assert FEWEST <= len(story.text.ja) <= MOST, (story.key, len(story.text.ja))
        assert story.text.ja.endswith("。")
        assert 2 <= len(story.measures) <= 4
        assert any(entry.is_free for entry in story.measures), story.key
        assert not re.search(r"円|[0-9]万", story.text.ja), story.key


def test_stories_say_that_they_are_invented() -> None:
    assert "実在の会社の話ではありません" in incident_words().invented_note.ja
    assert "not about a real firm" in incident_words().invented_note.en


def test_nothing_frightens_or_promises_too_much() -> None:
    for path in (CONTENT / "incidents").glob("*.yaml"):
        assert not NEVER_SAID.search(path.read_text(encoding="utf-8")), path.name


def test_every_text_stands_in_both_languages() -> None:
    words, costs = incident_words(), [costs_for("I", size) for size in (SMALL, LARGE, None)]
    texts = [words.invented_note, *words.kinds.values(), *words.incidents.values()]
    texts += [text for found in costs for text in (found.note, *found.fallbacks)]
    for one in populations():
        texts += [one.name, one.who, one.source.name]
        texts += [text for figure in one.figures for text in (figure.name, figure.note) if text]
    for group in story_groups():
        texts += [group.name, *(text for story in group.stories for text in (story.title, story.text))]
    for text in texts:
        assert text.ja
        assert text.en
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en), text.en
