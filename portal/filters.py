"""How values look on a page: dates, yen, counts, percentages, levels. Only here are they rounded."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g
from flask_babel import get_locale, ngettext
from flask_babel import lazy_gettext as _l

from assessments import facts
from assessments.text import Text
from portal import clock

NOTHING = "—"
WEEKDAYS_JA = "月火水木金土日"
LEVELS = {
    1: _l("これから"),
    2: _l("一部"),
    3: _l("実施（自己申告）"),
    4: _l("実施（確認済み）"),
    5: _l("第三者確認済み"),
}
TEN_THOUSAND, HUNDRED_MILLION = 10_000, 100_000_000


def language() -> str:
    """Give the language of this page: `ja` or `en`."""
    return "en" if str(get_locale() or "ja").startswith("en") else "ja"


def zone() -> ZoneInfo:
    """Give the organisation's zone."""
    organisation = g.get("organisation")
    return ZoneInfo(organisation.time_zone if organisation else "Asia/Tokyo")


def text(value: Text | Mapping[str, str] | None) -> str:
    """Show a content text in the page's language."""
    if value is None:
        return ""
    return value.in_(language()) if isinstance(value, Text) else value[language()]


def day(value: date | datetime | None) -> str:
    """Show 2026年11月21日（土）, or 21 Nov 2026 (Sat)."""
    if value is None:
        return NOTHING
    return day_in(value.astimezone(zone()).date() if isinstance(value, datetime) else value, language())


def day_in(local: date, language: str) -> str:
    """Show a day as `day` does, in a language that no page has chosen (a mail's)."""
    if language == "en":
        return f"{local.day} {local:%b %Y} ({local:%a})"
    return f"{local.year}年{local.month}月{local.day}日（{WEEKDAYS_JA[local.weekday()]}）"


def moment(value: datetime | None) -> str:
    """Show a day with its time, 2026年11月21日（土）14:02."""
    if value is None:
        return NOTHING
    local = value.astimezone(zone())
    gap = " " if language() == "en" else ""
    return f"{day(value)}{gap}{local:%H:%M}"


def clock_time(value: datetime | None) -> str:
    """Show 14:02."""
    return NOTHING if value is None else f"{value.astimezone(zone()):%H:%M}"


def yen(value: int | None) -> str:
    """Show 6,600円, or ¥6,600."""
    if value is None:
        return NOTHING
    return f"¥{value:,}" if language() == "en" else f"{value:,}円"


def large_yen(value: int | None) -> str:
    """Show yen in 万円 and 億円 where that is shorter to read; exact yen below 10,000."""
    if value is None:
        return NOTHING
    if language() == "en" or value < TEN_THOUSAND:
        return yen(value)
    if value < HUNDRED_MILLION - TEN_THOUSAND / 2:
        return f"{value / TEN_THOUSAND:,.0f}万円"
    return f"{value / HUNDRED_MILLION:,.1f}億円"


def number(value: float | None) -> str:
    """Show 1,234."""
    return NOTHING if value is None else f"{value:,.0f}"


def companies(value: int) -> str:
    """Show 6社, or 6 companies."""
    return str(ngettext("%(num)d社", "%(num)d社", value))


def percent(value: float | None, digits: int = 0) -> str:
    """Show a percentage given as 0-100."""
    return NOTHING if value is None else f"{value:.{digits}f}%"


def points(value: float | None) -> str:
    """Show a score as a whole number."""
    return NOTHING if value is None else f"{value:.0f}"


def whole(value: int | None) -> str:
    """Show a whole number with a true minus sign: −2."""
    return NOTHING if value is None else f"{value}".replace("-", "−")


def score(gained: int, full_points: int) -> str:
    """Show points as a score of 100 with one decimal, cut off: what reads 80.0 has reached 80."""
    if not full_points:
        return NOTHING
    tenths = 1000 * max(gained, 0) // full_points
    return f"{tenths // 10}.{tenths % 10}"


def hundredths(value: int | None) -> str:
    """Show a value kept in hundredths, as the priority is: 2.80."""
    return NOTHING if value is None else f"{value / 100:.2f}"


def gap() -> str:
    """Give what stands between two sentences in the page's language."""
    return " " if language() == "en" else ""


def level_words(value: int | None) -> str:
    """Name a level 1-5, or say that there is none."""
    return str(LEVELS.get(value or 0, NOTHING))


def wants_check(as_of: date, marked: bool = False) -> bool:
    """Say whether a dated fact is shown with 要確認 today: marked so in the content, or old by now."""
    return facts.wants_check(as_of, check=marked, on=clock.today(str(zone())))


def init_app(app: Flask) -> None:
    """Make the filters known to the templates."""
    filters: dict[str, Any] = {
        "text": text,
        "day": day,
        "moment": moment,
        "clock_time": clock_time,
        "yen": yen,
        "large_yen": large_yen,
        "number": number,
        "companies": companies,
        "percent": percent,
        "points": points,
        "hundredths": hundredths,
        "score": score,
        "whole": whole,
        "level_words": level_words,
        "wants_check": wants_check,
    }
    app.jinja_env.filters.update(filters)
