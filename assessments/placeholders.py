"""Words in braces in the buyer's message, such as {会社名}: which there are, and what they become."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from assessments.content_files import read_yaml

_BRACES = re.compile(r"[{｛]([^{}｛｝\n]{1,40})[}｝]")
ANY_BRACE = re.compile(r"[{}｛｝]")


def names(language: str) -> list[str]:
    """Give the words that may stand in braces, in a language."""
    return [str(one["words"]["en" if language == "en" else "ja"]) for one in read_yaml("placeholders.yaml")]


def unknown(message: str) -> list[str]:
    """Give what stands in braces and means nothing, each once; a lone brace among them."""
    found = [match[0] for match in _BRACES.finditer(message) if _folded(match[1]) not in _values()]
    lone = ANY_BRACE.search(_BRACES.sub("", message))
    return list(dict.fromkeys([*found, *([lone[0]] if lone else [])]))


def filled(message: str, values: Mapping[str, str]) -> str:
    """Put values in the places of their words; what is not known stays as it was written."""

    def value(match: re.Match[str]) -> str:
        return values.get(_values().get(_folded(match[1]), ""), match[0])

    return _BRACES.sub(value, message)


@cache
def _values() -> dict[str, str]:
    return {
        _folded(word): one["value"]
        for one in read_yaml("placeholders.yaml")
        for word in (*one["words"].values(), one["value"])
    }


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().casefold()
