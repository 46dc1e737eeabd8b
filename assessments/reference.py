"""Lists that stand still: industries, prefectures, size bands, kinds of transaction, by code or name."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from assessments.content_files import read_csv, read_yaml
from assessments.text import Text, text_of

_IGNORED = re.compile(r"[\s、,，・()/／]+")


@dataclass(frozen=True, slots=True)
class Industry:
    """A major group of JSIC, A–T; `benchmark` is its segment in the public survey, None where it has none."""

    code: str
    name: Text
    benchmark: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture by its two digits of JIS X 0401."""

    code: str
    name: Text
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SizeBand:
    """A band of employees, both ends within it; `maximum` None has no upper end."""

    code: str
    name: Text
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class TransactionKind:
    """A kind of transaction between a unit and a supplier; `summary` is its gloss."""

    code: str
    name: Text
    summary: Text
    aliases: tuple[str, ...]


def comparable(word: str) -> str:
    """Give a word as it is compared: NFKC, case folded, without spaces, commas, middle dots and brackets."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", word).casefold())


@cache
def industries() -> tuple[Industry, ...]:
    """Give the twenty major groups in order."""
    return tuple(
        Industry(
            code=row["code"],
            name=Text(ja=row["name_ja"], en=row["name_en"]),
            benchmark=row["benchmark"] or None,
            aliases=tuple(row["aliases"].split("|")),
        )
        for row in read_csv("reference/industries.csv")
    )


@cache
def prefectures() -> tuple[Prefecture, ...]:
    """Give the forty-seven prefectures in order."""
    return tuple(
        Prefecture(
            code=row["code"],
            name=Text(ja=row["name_ja"], en=row["name_en"]),
            aliases=tuple(row["aliases"].split("|")),
        )
        for row in read_csv("reference/prefectures.csv")
    )


@cache
def size_bands() -> tuple[SizeBand, ...]:
    """Give the six bands, smallest first."""
    return tuple(
        SizeBand(
            code=row["code"],
            name=Text(ja=row["name_ja"], en=row["name_en"]),
            minimum=int(row["minimum"]),
            maximum=int(row["maximum"]) if row["maximum"] else None,
        )
        for row in read_csv("reference/size_bands.csv")
    )


@cache
def transaction_kinds() -> tuple[TransactionKind, ...]:
    """Give the kinds of transaction in order."""
    return tuple(
        TransactionKind(
            code=entry["code"],
            name=text_of(entry["name"]),
            summary=text_of(entry["summary"]),
            aliases=tuple(entry["aliases"]),
        )
        for entry in read_yaml("reference/transaction_kinds.yaml")["kinds"]
    )


def find_industry(word: str) -> Industry | None:
    """Find an industry by code (`E`), name, alias or both together (`E 製造業`); None if nothing fits."""
    return _industry_by_word().get(comparable(word))


def find_prefecture(word: str) -> Prefecture | None:
    """Find a prefecture by code (`13`, also `1` for `01`), name, reading or alias; None if nothing fits."""
    return _prefecture_by_word().get(comparable(word))


def find_transaction_kind(word: str) -> TransactionKind | None:
    """Find a kind of transaction by code, name or alias; None if nothing fits."""
    return _transaction_kind_by_word().get(comparable(word))


def size_band(employees: int | None) -> SizeBand | None:
    """Give the band of a head count; none at all counts as the smallest, unknown or negative has none."""
    if employees is None or employees < 0:
        return None
    return next(band for band in size_bands() if band.maximum is None or employees <= band.maximum)


@cache
def _industry_by_word() -> Mapping[str, Industry]:
    return {
        word: industry
        for industry in industries()
        for word in _words(
            industry.code, industry.name, industry.aliases, more=[industry.code + industry.name.ja]
        )
    }


@cache
def _prefecture_by_word() -> Mapping[str, Prefecture]:
    return {
        word: prefecture
        for prefecture in prefectures()
        for word in _words(
            prefecture.code, prefecture.name, prefecture.aliases, more=[prefecture.code.lstrip("0")]
        )
    }


@cache
def _transaction_kind_by_word() -> Mapping[str, TransactionKind]:
    return {word: kind for kind in transaction_kinds() for word in _words(kind.code, kind.name, kind.aliases)}


def _words(code: str, name: Text, aliases: tuple[str, ...], *, more: Iterable[str] = ()) -> set[str]:
    return {comparable(word) for word in (code, name.ja, name.en, *aliases, *more)}
