"""Countries by the two letters of ISO 3166; their names are Unicode's (CLDR), further words ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale

from assessments.content_files import read_yaml
from assessments.folding import folded
from assessments.text import Text

HOME = "JP"
# Two-letter codes of CLDR that stand for no country of ISO 3166.
_NO_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory."""

    code: str
    name: Text


@cache
def countries() -> tuple[Country, ...]:
    """Give all countries, Japan first, then by their Japanese names."""
    japanese, english = _territories("ja"), _territories("en")
    codes = [code for code in japanese if code.isalpha() and len(code) == len(HOME)]
    found = [
        Country(code=code, name=Text(ja=japanese[code], en=english[code]))
        for code in codes
        if code not in _NO_COUNTRIES
    ]
    return tuple(sorted(found, key=lambda country: (country.code != HOME, country.name.ja)))


def country_name(code: str) -> Text:
    """Give the name of a country by its code; an unknown code is its own name."""
    return _names().get(code, Text(ja=code, en=code))


def find_country(word: str) -> Country | None:
    """Find a country by code, name in either language, or another word for it; None if nothing fits."""
    return _by_word().get(folded(word))


def _territories(language: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(language).territories.items()}


@cache
def _names() -> Mapping[str, Text]:
    return {country.code: country.name for country in countries()}


@cache
def _by_word() -> Mapping[str, Country]:
    further: Mapping[str, list[str]] = read_yaml("reference/country_words.yaml")["countries"]
    return {
        folded(word): country
        for country in countries()
        for word in (country.code, country.name.ja, country.name.en, *further.get(country.code, ()))
    }
