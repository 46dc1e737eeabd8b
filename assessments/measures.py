"""The catalogue of measures and the public schemes; choosing among them is the work of scoring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from assessments.content_files import read_folder, read_yaml
from assessments.sources import Source, source_of
from assessments.text import Text, text_of

INCLUDED = "included"
ANYWHERE, JAPAN, PREFECTURES = "anywhere", "japan", "prefectures"
ANY_FIRM, SMALL_FIRMS = "any", "small"
COMPANY, HEAD = "company", "head"
CERTIFICATION = "certification"
IMPLEMENTED = "implemented"
_BUNDLE = frozenset({"monitoring", "helpdesk", "dispatch", "insurance"})
_MOST_EQUIVALENTS = 3
_USUAL_UNITS = 10


@dataclass(frozen=True, slots=True)
class Element:
    """One of the five elements of a service: `state` is `included`, `option` or `none`; `words` say more."""

    state: str
    words: Text | None


@dataclass(frozen=True, slots=True)
class Measure:
    """Something a supplier can do or take. Yen are without tax, counted `per` company, device or head.

    `form` is what it is in practice (see catalogue_words), `kind` the group it is shown in. `lifts` gives the
    answer code that each question reaches, `elements` what a subscription holds (None for the rest).
    `reach` says where it can be had (`anywhere`, `japan`, or in `prefectures` alone), `firms` who may (`any`
    or `small` ones). `equivalents` do the same job; those of the catalogue are in `equivalent_keys` too.
    `estimate`: cost and effort are ours, not published; `check`: a figure is 要確認.
    """

    key: str
    kind: str
    form: str
    name: Text
    summary: Text
    lifts: Mapping[str, str]
    initial_yen: int
    monthly_yen: int
    per: str
    effort_days: float
    lead_days: int
    offered: Text
    eligible: Text
    reach: str
    prefectures: tuple[str, ...]
    firms: str
    equivalents: tuple[Text, ...]
    equivalent_keys: tuple[str, ...]
    elements: Mapping[str, Element] | None
    source: Source
    as_of: date
    estimate: bool
    check: bool

    @property
    def is_free(self) -> bool:
        """True where neither money at the start nor monthly is needed."""
        return self.initial_yen == 0 and self.monthly_yen == 0

    @property
    def is_bundle(self) -> bool:
        """True where watching, advice, somebody who comes and an insurance come in one (お助け隊型)."""
        return self.elements is not None and all(self.elements[code].state == INCLUDED for code in _BUNDLE)

    def units(self, employees: int | None, devices: int | None = None) -> int | None:
        """How many the yen are multiplied by: one company, its heads or its devices; None if not known.

        Where nobody counted the devices, each head has one; a firm of nobody but its owner has one.
        """
        counted = employees if self.per == HEAD or devices is None else devices
        if self.per == COMPANY:
            return 1
        return None if counted is None else max(1, counted)


@dataclass(frozen=True, slots=True)
class Fact:
    """A dated statement with its source; `mark` is V1 (seen), V2 (a copy seen) or M (from memory, 要確認)."""

    key: str
    text: Text
    source: Source
    as_of: date
    mark: str
    check: bool


@dataclass(frozen=True, slots=True)
class Scheme:
    """A public scheme; `status` says in a sentence how far it is, `wording` how we speak of it."""

    key: str
    name: Text
    summary: Text
    status: Text
    wording: Text
    address: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class CatalogueWords:
    """The words around the figures: labels by code, and the notes beside amounts."""

    kinds: Mapping[str, Text]
    forms: Mapping[str, Text]
    per: Mapping[str, Text]
    elements: Mapping[str, Text]
    element_columns: Mapping[str, Text]
    states: Mapping[str, Text]
    marks: Mapping[str, Text]
    subsidy_kinds: Mapping[str, Text]
    reasons: Mapping[str, Text]
    amounts_note: Text
    check_note: Text
    voluntary_note: Text


@cache
def measures() -> tuple[Measure, ...]:
    """Give the catalogue, free measures first."""
    entries = {
        entry["key"]: {"kind": file["kind"], **file.get("defaults", {}), **entry}
        for file in read_folder("measures")
        for entry in file["measures"]
    }
    return tuple(
        sorted(
            (_measure(entry, entries) for entry in entries.values()), key=lambda measure: not measure.is_free
        )
    )


@cache
def measure(key: str) -> Measure:
    """Give one measure; raises KeyError."""
    return {entry.key: entry for entry in measures()}[key]


def measures_for(question_keys: Iterable[str]) -> tuple[Measure, ...]:
    """Give the measures that lift any of these questions, free ones first."""
    wanted = set(question_keys)
    return tuple(entry for entry in measures() if not wanted.isdisjoint(entry.lifts))


@cache
def schemes() -> tuple[Scheme, ...]:
    """Give the public schemes by file name."""
    return tuple(
        Scheme(
            key=entry["key"],
            name=text_of(entry["name"]),
            summary=text_of(entry["summary"]),
            status=text_of(entry["status"]),
            wording=text_of(entry["wording"]),
            address=entry["address"],
            facts=tuple(_fact(fact) for fact in entry["facts"]),
        )
        for entry in read_folder("schemes")
    )


@cache
def catalogue_words() -> CatalogueWords:
    """Give the words of the catalogue."""
    raw = read_yaml("catalogue_words.yaml")
    return CatalogueWords(
        kinds=_labels(raw["kinds"]),
        forms=_labels(raw["forms"]),
        per=_labels(raw["per"]),
        elements=_labels(raw["elements"]),
        element_columns=_labels(raw["element_columns"]),
        states=_labels(raw["states"]),
        marks=_labels(raw["marks"]),
        subsidy_kinds=_labels(raw["subsidy_kinds"]),
        reasons=_labels(raw["reasons"]),
        amounts_note=text_of(raw["amounts_note"]),
        check_note=text_of(raw["check_note"]),
        voluntary_note=text_of(raw["voluntary_note"]),
    )


def _labels(raw: Mapping[str, Mapping[str, str]]) -> Mapping[str, Text]:
    return {code: text_of(words) for code, words in raw.items()}


def _measure(raw: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> Measure:
    equivalents = raw["equivalents"] or _doing_the_same(raw, entries.values())
    return Measure(
        key=raw["key"],
        kind=raw["kind"],
        form=raw["form"],
        name=text_of(raw["name"]),
        summary=text_of(raw["summary"]),
        lifts=_lifts(raw),
        initial_yen=int(raw["initial_yen"]),
        monthly_yen=int(raw["monthly_yen"]),
        per=raw["per"],
        effort_days=float(raw["effort_days"]),
        lead_days=int(raw["lead_days"]),
        offered=text_of(raw["offered"]),
        eligible=text_of(raw["eligible"]),
        reach=raw["reach"],
        prefectures=tuple(raw.get("prefectures", ())),
        firms=raw["firms"],
        equivalents=tuple(
            text_of(entries[entry]["name"] if isinstance(entry, str) else entry) for entry in equivalents
        ),
        equivalent_keys=tuple(entry for entry in equivalents if isinstance(entry, str)),
        elements=_elements(raw.get("elements")),
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
        estimate=bool(raw["estimate"]),
        check=bool(raw["check"]),
    )


def _lifts(raw: Mapping[str, Any]) -> Mapping[str, str]:
    return {question: lift["to"] for lift in raw["lifts"] for question in lift["questions"]}


def _elements(raw: Mapping[str, Mapping[str, Any]] | None) -> Mapping[str, Element] | None:
    if raw is None:
        return None
    return {
        code: Element(state=entry["state"], words=text_of(entry["words"]) if "words" in entry else None)
        for code, entry in raw.items()
    }


def _doing_the_same(raw: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """The nearest to a measure that names none itself: what closes most of the same, and costs least."""
    helping = [entry for entry in entries if entry["key"] != raw["key"] and _shared(raw, entry)]
    # A certificate is a long way round for one thing, and what one prefecture offers is not for everybody.
    near = [entry for entry in helping if entry["form"] != CERTIFICATION and entry["reach"] != PREFECTURES]
    others = near or helping
    others.sort(key=lambda entry: (-_shared(raw, entry), _year_of(entry), len(_lifts(entry))))
    return [entry["key"] for entry in others[:_MOST_EQUIVALENTS]]


def _shared(raw: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """How many questions the other closes too; where a measure closes none, how many it narrows too."""
    own = _lifts(raw)
    closed = {question for question, answer in own.items() if answer == IMPLEMENTED}
    reached = {question for question, answer in _lifts(other).items() if answer == IMPLEMENTED}
    return len(closed & reached) if closed else len(own.keys() & _lifts(other).keys())


def _year_of(raw: Mapping[str, Any]) -> int:
    """What a firm of some ten people would pay in a first year: enough to put the cheaper first."""
    units = 1 if raw["per"] == COMPANY else _USUAL_UNITS
    return units * (int(raw["initial_yen"]) + 12 * int(raw["monthly_yen"]))


def _fact(raw: Mapping[str, Any]) -> Fact:
    return Fact(
        key=raw["key"],
        text=text_of(raw["text"]),
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
        mark=raw["mark"],
        check=raw["mark"] == "M" or bool(raw.get("check")),
    )
