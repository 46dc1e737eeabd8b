"""Templates hold no script, no style and no text that escapes from being text."""

import re

import pytest

from tests.promises.tree import own_files, templates, text_of

COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)
EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
FORBIDDEN = {
    "text marked as safe": re.compile(r"\|\s*safe\b|\bMarkup\b"),
    "escaping turned off": re.compile(r"{%-?\s*autoescape\s+false"),
    "a style block": re.compile(r"<style\b", re.IGNORECASE),
    "a script in a link": re.compile(r"javascript:", re.IGNORECASE),
}
FORBIDDEN_IN_TAGS = {
    "an inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an inline event handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "a file from another place": re.compile(
        r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE
    ),
}
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)


def test_pages_are_made_from_templates() -> None:
    assert templates()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    assert not [name for name in templates() if FORBIDDEN[what].search(_source(name))]


@pytest.mark.parametrize("what", FORBIDDEN_IN_TAGS)
def test_no_tag_holds(what: str) -> None:
    found = [
        f"{name}: {tag[:80]}"
        for name in templates()
        for tag in TAG.findall(EXPRESSION.sub("", _source(name)))
        if FORBIDDEN_IN_TAGS[what].search(tag)
    ]

    assert not found


def test_a_script_is_a_file_or_data() -> None:
    inline = [
        name
        for name in templates()
        for script in SCRIPT.finditer(_source(name))
        if script["body"].strip() and 'type="application/json"' not in script["attributes"]
    ]

    assert not inline


def test_own_scripts_and_styles_load_nothing_from_elsewhere() -> None:
    own = [
        name for name in own_files() if name.startswith("portal/static/") and name.endswith((".css", ".js"))
    ]
    # The name space of SVG is an address that nothing is loaded from.
    texts = {name: text_of(name).replace("http://www.w3.org/", "") for name in own}

    assert not [name for name, text in texts.items() if re.search(r"(?:https?:)?//[\w-]+\.\w", text)]


def _source(name: str) -> str:
    return COMMENT.sub("", text_of(name))
