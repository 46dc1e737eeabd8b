"""One cell as typed, read as what its column means; a cell that cannot be read says why."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from assessments import corporate_number
from assessments.addresses import NotAnAddress, normalised
from assessments.countries import find_country
from assessments.folding import cleaned, narrowed
from assessments.imports.reading import LONGEST_CELL, UNCALCULATED, UNREADABLE
from assessments.reference import find_industry, find_prefecture, find_transaction_kind

LONGEST_NAME, LONGEST_CODE, LONGEST_PHONE = 200, 64, 60
HIGHEST_EXPOSURE, HIGHEST_TIER = 5, 9
MOST_EMPLOYEES, MOST_YEN = 10_000_000, 10**15
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+", re.ASCII)
_SHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_BLANKS = frozenset(
    {"-", "--", "ー", "なし", "無し", "無", "不明", "該当なし", "n/a", "na", "none", "null", "未定"}
)
_MULTIPLES = {"兆": 10**12, "億": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "千": 10**3, "": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)(兆|億|千万|百万|万|千|)", re.ASCII)
_AMOUNT = re.compile(r"(?:\d+(?:\.\d+)?(?:兆|億|千万|百万|万|千))*(?:\d+(?:\.\d+)?)?", re.ASCII)
_ODD_COMMA = re.compile(r",(?!\d{3}(?!\d))", re.ASCII)
_KANJI_TIERS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_TIER = re.compile(r"(?:tier|t|第)?\s*([1-9一二三四五])(?:\.0)?\s*(?:次|層|階層)?(?:取引先|請け?)?", re.ASCII)
_LANGUAGES = {
    "ja": "ja", "jp": "ja", "jpn": "ja", "japanese": "ja", "日本語": "ja", "日": "ja", "和文": "ja",
    "en": "en", "eng": "en", "english": "en", "英語": "en", "英": "en", "英文": "en",
}  # fmt: skip
_PHONE = re.compile(r"[0-9+()\-./# 　内線代表extEXT:,]*\d[0-9+()\-./# 　内線代表extEXT:,]*")
_LOST_ZERO = re.compile(r"[1-9]\d{8,9}", re.ASCII)


class NotReadable(Exception):
    """A cell cannot be read; `reason` names why, `facts` fill in the words."""

    def __init__(self, reason: str, **facts: Any) -> None:
        """Keep why."""
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


def read_cell(key: str, typed: str) -> Any:
    """Read a cell of a column; None where it is blank or says that there is nothing. Raises NotReadable."""
    if not typed:
        return None
    if UNREADABLE in typed:
        raise NotReadable("unreadable_letters")
    if len(typed) > LONGEST_CELL:
        raise NotReadable("too_long", letters=LONGEST_CELL)
    if typed == UNCALCULATED:
        raise NotReadable("uncalculated")
    if typed[0] == "#" and _SHEET_ERROR.fullmatch(typed):
        raise NotReadable("sheet_error", typed=typed)
    text = cleaned(typed)
    if not text or (key != "name" and narrowed(text).casefold() in _BLANKS):
        return None
    return _READERS[key](text)


def remark(key: str, value: Any, typed: str, *, encoding: str) -> str | None:
    """Name what a person should look at although the cell could be read, or None."""
    if key == "phone" and _LOST_ZERO.fullmatch(value):
        return "lost_zero"
    if key == "corporate_number" and narrowed(typed)[:1] in {"T", "t"}:
        return "invoice_number"
    if key in {"name", "contact_name"} and encoding == "cp932" and "?" in typed:
        return "question_mark"
    return None


def _text(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise NotReadable("too_long", letters=LONGEST_NAME)
    return text


def _code(text: str) -> str:
    code = narrowed(text)
    _refuse_exponent(code)
    if len(code) > LONGEST_CODE:
        raise NotReadable("too_long", letters=LONGEST_CODE)
    return code


def _corporate_number(text: str) -> str:
    _refuse_exponent(narrowed(text))
    try:
        return corporate_number.read(text)
    except corporate_number.NotACorporateNumber as error:
        raise NotReadable(f"corporate_number_{error.reason}", digits=error.digits) from error


def _email(text: str) -> str:
    try:
        return normalised(text)
    except NotAnAddress as error:
        raise NotReadable(f"email_{error.reason}") from error


def _phone(text: str) -> str:
    phone = narrowed(text)
    _refuse_exponent(phone)
    if len(phone) > LONGEST_PHONE or not _PHONE.fullmatch(phone):
        raise NotReadable("phone")
    return phone


def _employees(text: str) -> int:
    return _whole(re.sub(r"(?:人|名)$", "", _number_text(text)), MOST_EMPLOYEES, "not_a_number")


def _yen(text: str) -> int:
    return _whole(re.sub(r"^[¥\\]|(?:円|jpy)$", "", _number_text(text)), MOST_YEN, "not_an_amount")


def _number_text(text: str) -> str:
    narrow = unicodedata.normalize("NFKC", text).casefold()
    _refuse_exponent(narrow)
    if narrow.startswith(("-", "△", "▲", "−")):
        raise NotReadable("negative")
    return re.sub(r"\s", "", narrow)


def _whole(text: str, most: int, refusal: str) -> int:
    if _ODD_COMMA.search(text):
        raise NotReadable(refusal)
    text = text.replace(",", "")
    if text.isdigit() and text.isascii():
        number = Decimal(text)
    elif text and _AMOUNT.fullmatch(text):
        number = sum((Decimal(part) * _MULTIPLES[unit] for part, unit in _PART.findall(text)), Decimal())
    else:
        raise NotReadable(refusal)
    if number != number.to_integral_value():
        raise NotReadable("not_whole")
    if number > most:
        raise NotReadable("too_high", most=most)
    return int(number)


def _exposure(text: str) -> int:
    narrow = unicodedata.normalize("NFKC", text).removesuffix(".0")
    if narrow not in {"1", "2", "3", "4", "5"}:
        raise NotReadable("exposure")
    return int(narrow)


def _tier(text: str) -> int:
    found = _TIER.fullmatch(unicodedata.normalize("NFKC", text).casefold())
    if found is None:
        raise NotReadable("tier")
    return _KANJI_TIERS.get(found[1]) or int(found[1])


def _language(text: str) -> str:
    found = _LANGUAGES.get(unicodedata.normalize("NFKC", text).casefold())
    if found is None:
        raise NotReadable("language")
    return found


def _code_in(find: Callable[[str], Any], reason: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        found = find(text)
        if found is None:
            raise NotReadable(reason)
        return str(found.code)

    return read


def _refuse_exponent(narrow: str) -> None:
    if _EXPONENT.fullmatch(narrow):
        raise NotReadable("exponent", typed=narrow)


_READERS: dict[str, Callable[[str], Any]] = {
    "supplier_code": _code,
    "name": _text,
    "kana": _text,
    "corporate_number": _corporate_number,
    "site": _text,
    "country": _code_in(find_country, "country"),
    "industry": _code_in(find_industry, "industry"),
    "prefecture": _code_in(find_prefecture, "prefecture"),
    "employees": _employees,
    "capital": _yen,
    "contact_name": _text,
    "department": _text,
    "email": _email,
    "phone": _phone,
    "language": _language,
    "business_unit": _text,
    "owner": _text,
    "transaction_kind": _code_in(find_transaction_kind, "transaction_kind"),
    "confidentiality": _exposure,
    "continuity": _exposure,
    "connectivity": _exposure,
    "spend": _yen,
    "tier": _tier,
}
