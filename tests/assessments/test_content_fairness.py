"""The promises to a supplier are whole, in both languages, and no value can change their words."""

import re
from string import Formatter

import pytest

from assessments.exposures import exposure, exposures
from assessments.fairness import fairness, first_entry_points, paragraphs

LANGUAGES = ("ja", "en")
VALUES = {
    "buyer": "三方電機",
    "purpose": "図面をお預けしているためです。",
    "owner": "田中",
    "owner_phone": "03-0000-0000",
    "consultation_url": "https://sanpo.example/talk",
    "public_host": "sanpo.example",
    "genuine_contact": "代表電話 03-0000-0001",
    "privacy_contact": "privacy@sanpo.example",
    "complaint_contact": "complaints@sanpo.example",
    "retention_years": "5",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_promise_is_filled_in(language: str) -> None:
    told = [*paragraphs(language, VALUES), *first_entry_points(language, VALUES)]

    assert not [text for _, text in told if "{" in text]
    assert all(title and text for title, text in told)


def test_the_paragraphs_of_a_mail_are_the_five() -> None:
    assert [paragraph.key for paragraph in fairness().paragraphs] == [
        "purpose",
        "cost_talk",
        "voluntary",
        "no_disadvantage",
        "genuine",
    ]


def test_the_first_screen_says_what_happens_with_answers() -> None:
    keys = {point.key for point in fairness().first_entry.points}

    assert {"readers", "use", "price", "sharing", "retention", "complaints"} <= keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_blank_purpose_reads_as_ours(language: str) -> None:
    _, text = paragraphs(language, {**VALUES, "purpose": "  "})[0]

    assert text.endswith(fairness().default_purpose.in_(language))


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(KeyError):
        paragraphs("ja", {})


def test_a_value_is_never_read_as_a_placeholder() -> None:
    _, text = paragraphs("ja", {**VALUES, "purpose": "{owner_phone}{0.__class__}"})[0]

    assert text.endswith("{owner_phone}{0.__class__}")


def test_the_placeholders_in_use_are_the_documented_ones() -> None:
    texts = [paragraph.text for paragraph in (*fairness().paragraphs, *fairness().first_entry.points)]
    texts.append(fairness().first_entry.intro)
    used = {language: set().union(*(_fields(text.in_(language)) for text in texts)) for language in LANGUAGES}

    assert used["ja"] == used["en"] == set(fairness().placeholders) == set(VALUES)


def test_both_languages_promise_the_same() -> None:
    for paragraph in (*fairness().paragraphs, *fairness().first_entry.points):
        assert _fields(paragraph.text.ja) == _fields(paragraph.text.en), paragraph.key


def test_japanese_reads_without_gaps_from_folded_lines() -> None:
    told = [*paragraphs("ja", VALUES), *first_entry_points("ja", VALUES)]

    assert not [text for _, text in told if re.search(r"[、。] |[ぁ-ん] [ぁ-ん]", text)]


def test_the_three_exposures_have_five_worded_steps() -> None:
    assert [entry.key for entry in exposures()] == ["confidentiality", "continuity", "connectivity"]
    for entry in exposures():
        assert list(entry.steps) == [1, 2, 3, 4, 5]
        assert all(step.ja and step.en for step in entry.steps.values())
        assert len({step.ja for step in entry.steps.values()}) == 5


def test_an_unknown_exposure_is_refused() -> None:
    with pytest.raises(KeyError):
        exposure("fame")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
