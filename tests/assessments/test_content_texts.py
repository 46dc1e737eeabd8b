"""Every text of the content stands whole in both languages, and nothing of it was cut off at a comma."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CONTENT = Path(__file__).parents[2] / "assessments" / "content"
LANGUAGES = {"ja", "en"}


def texts(value: Any) -> Iterator[dict[str, Any]]:
    """The maps below a value that hold a text."""
    if isinstance(value, dict):
        if LANGUAGES & set(value):
            yield value
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


@pytest.mark.parametrize(
    "path", sorted(CONTENT.rglob("*.yaml")), ids=lambda path: str(path.relative_to(CONTENT))
)
def test_a_text_has_two_languages_and_nothing_else(path: Path) -> None:
    # Between braces a comma ends a text that stands without quotes; what follows would be a key of its own.
    found = list(texts(yaml.safe_load(path.read_text(encoding="utf-8"))))

    assert [one for one in found if set(one) != LANGUAGES] == []
    assert [one for one in found if not (str(one["ja"]).strip() and str(one["en"]).strip())] == []
