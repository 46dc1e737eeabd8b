"""Every lens of the shipped scoring has its words, in both languages, and no word is left over."""

from assessments import questionnaire_content
from assessments.content_files import questionnaire_names
from assessments.lenses import lenses


def test_every_lens_has_its_words() -> None:
    scored = {
        name for one in questionnaire_names() for name in questionnaire_content.read(one).model["lenses"]
    }

    assert set(lenses()) == scored


def test_the_words_stand_in_both_languages() -> None:
    assert all(words.ja and words.en for lens in lenses().values() for words in (lens.title, lens.about))
