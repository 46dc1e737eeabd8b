"""How names are compared and searched: kana, widths, variant characters and forms of a company made alike."""

import re
import unicodedata
from functools import lru_cache

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
_HIRAGANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_VARIANTS = str.maketrans(
    "髙﨑𠮷邊邉齋齊斉濵濱德桒冨嶋嶌槗瀨籔曻晧塚舘淵渕澤國眞廣",
    "高崎吉辺辺斎斎斎浜浜徳桑富島島橋瀬薮昇皓塚館渕渕沢国真広",
)
_TRANSLATION = _DASHES | _HIRAGANA | _VARIANTS | {ord("〜"): "~", ord("～"): "~"}
_FORMS = (
    ("(株)", "株式会社"),
    ("(有)", "有限会社"),
    ("(同)", "合同会社"),
    ("(名)", "合名会社"),
    ("(資)", "合資会社"),
    ("(一社)", "一般社団法人"),
    ("(一財)", "一般財団法人"),
)
_GAPS = re.compile(r"[\s・･,，.．、。']+")
# Marks that cannot be seen, and marks that turn the direction of writing.
UNSEEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF])


def cleaned(text: str) -> str:
    """Give a text as it is kept: one line, single spaces, nothing that cannot be seen."""
    if text.isascii() and text.isprintable():
        return text if "  " not in text and text == text.strip() else " ".join(text.split())
    spaced = "".join(
        letter
        for letter in text.translate(UNSEEN)
        if letter.isspace() or (letter >= " " and letter != "\x7f")
    )
    return " ".join(spaced.split())


def narrowed(text: str) -> str:
    """Give a code, number or address in ASCII where it was typed full width; ー between digits is a dash."""
    if text.isascii():
        return text.strip()
    narrow = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    return re.sub(r"(?<=\d)ー(?=\d)", "-", narrow)


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """Give a name as it is compared: ㈱ and 株式会社 alike, 髙 and 高, ひ and ヒ, without spaces."""
    narrow = unicodedata.normalize("NFKC", text).casefold().translate(_TRANSLATION)
    for short, full in _FORMS:
        if short in narrow:
            narrow = narrow.replace(short, full)
    return _GAPS.sub("", narrow)


def search_text(*texts: str | None) -> str:
    """Give what a search looks in: the folded texts, one after another."""
    return " ".join(folded(text) for text in texts if text)


def search_words(typed: str) -> list[str]:
    """Give the words to look for, folded; all of them must occur."""
    return [word for word in (folded(part) for part in typed.split()) if word]
