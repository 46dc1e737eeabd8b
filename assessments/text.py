"""A text in the product's two languages; nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A long Japanese text is folded in YAML; the space of a line's end has no place between its letters.
_WIDE = r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
_FOLD = re.compile(rf"(?<={_WIDE}) (?={_WIDE})|(?<=[、。」）]) | (?=[「（])")


@dataclass(frozen=True, slots=True)
class Text:
    """Japanese, the source language, and its English."""

    ja: str
    en: str

    def in_(self, language: str) -> str:
        """Give the text in `language` (`ja` or `en`); anything else reads Japanese."""
        return self.en if language == "en" else self.ja


def text_of(raw: Mapping[str, Any]) -> Text:
    """Read a `{ja, en}` map; raises KeyError where a language is missing."""
    return Text(ja=_FOLD.sub("", str(raw["ja"]).strip()), en=str(raw["en"]).strip())
