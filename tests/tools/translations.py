"""Keeps the English catalogue in step with the Japanese source: `check` reports, `update` writes.

Run it as `.venv/bin/python -m tests.tools.translations check`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "portal" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
# A date that moves with every run would make every change of a text a conflict.
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Update the catalogue where asked to, then say what is missing; a check fails when anything is."""
    is_update = sys.argv[1:] == ["update"]
    if is_update:
        update()
    found = list(complaints(source(), catalogue()))
    for complaint in found:
        print(complaint, file=sys.stderr)
    if found and not is_update:
        sys.exit(
            f"{len(found)} texts to mend in {CATALOGUE.relative_to(ROOT)}; `make messages` adds new ones."
        )


def source() -> Catalog:
    """Return every text that the source marks for translation."""
    with tempfile.TemporaryDirectory() as directory:
        extracted = Path(directory, "messages.pot")
        subprocess.run(
            [Path(sys.executable).with_name("pybabel"), "-q", "extract", "-F", "pyproject.toml",
             "-k", "_l", "-k", "lazy_gettext", "-k", "lazy_ngettext:1,2", "-o", extracted, "."],
            cwd=ROOT, check=True,
        )  # fmt: skip
        with extracted.open("rb") as file:
            return read_po(file)


def catalogue() -> Catalog:
    """Return the English catalogue as it is committed; empty where there is none yet."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def complaints(texts: Catalog, english: Catalog) -> Iterator[str]:
    """Yield a line for each text that is untranslated, uncertain, wrongly filled in or unused."""
    for text in texts:
        if text.id:
            yield from _about(text, english.get(text.id, text.context), english)
    for text in english:
        if text.id and texts.get(text.id, text.context) is None:
            yield f"no longer used: {_shown(text)}"


def _about(text: Message, translation: Message | None, english: Catalog) -> Iterator[str]:
    if translation is None or not all(_strings(translation)):
        yield f"not translated: {_shown(text)}"
        return
    if translation.fuzzy:
        yield f"uncertain: {_shown(text)}"
    for error in translation.check(english):
        yield f"{error}: {_shown(text)}"


def _strings(text: Message) -> tuple[str, ...]:
    return (text.string,) if isinstance(text.string, str) else tuple(text.string or ("",))


def _shown(text: Message) -> str:
    return text.id if isinstance(text.id, str) else text.id[0]


def update() -> None:
    """Add new texts to the catalogue, untranslated, and drop those no longer used; keep all others."""
    old = catalogue()
    new = Catalog(
        locale="en", project="Sanpo", fuzzy=False, creation_date=CREATED, revision_date=CREATED,
        version="0", last_translator="Sanpo", language_team="Sanpo", msgid_bugs_address="Sanpo",
    )  # fmt: skip
    for text in source():
        if text.id:
            known = old.get(text.id, text.context)
            new.add(text.id, known.string if known else None, flags=text.flags, context=text.context)
    new.header_comment = "# English translations for Sanpo."
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, new, sort_output=True, no_location=True, width=120)


if __name__ == "__main__":
    main()
