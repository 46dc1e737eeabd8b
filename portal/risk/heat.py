"""The grid of the chain as a page shows it: cells with words, links, a step of colour; and as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from assessments.chain.picture import WEAKEST, HeatGrid
from portal import filters
from portal.charts import Figure, Grid, grid
from portal.risk.looking import Seen
from portal.spreadsheets import Sheet

# From the foremost row down to 未設定; the first column is 未評価.
INHERENT = (5, 4, 3, 2, 1, 0)
LEVELS = (0, 1, 2, 3, 4, 5)
SHARES = (0.08, 0.2, 0.4, 0.7)
STEPS = (1, 3, 5, 7, 9)
EMPTY_CELL = {
    "text": "0",
    "note": "",
    "url": None,
    "step": 0,
    "band": None,
    "selected": False,
    "title": "",
}
MILLION, BILLION = 1_000_000, 1_000_000_000


@dataclass(frozen=True, slots=True)
class CellWords:
    """The words of cells in the page's language, looked up once for all of them."""

    levels: tuple[str, ...]
    unset: str
    whole: str
    declared: str

    def title(self, inherent: int, level: int, count: int, declared: int, spend: int) -> str:
        """Give the sentence that a screen reader hears."""
        said = self.whole % {
            "inherent": inherent or self.unset,
            "level": self.levels[level],
            "count": filters.companies(count),
            "spend": filters.large_yen(spend),
        }
        return said + (self.declared % {"declared": filters.companies(declared)} if declared else "")


def shown(seen: Seen, found: HeatGrid) -> dict[str, Any]:
    """Give the grid for the macro."""
    edges = class_edges(int(found.count.max(initial=0)))
    said = CellWords(
        levels=tuple(_level_words(level) for level in LEVELS),
        unset=row_label(0),
        whole=_("重要度%(inherent)s・レベル%(level)s：%(count)s、年間取引額%(spend)s"),
        declared=_("、うち自己申告のみ%(declared)s"),
    )
    return {
        "caption": _("取引の重要度とレベル（%(axis)s）ごとの取引先の数", axis=seen.axis_name),
        "row_title": _("取引の重要度"),
        "column_title": _("レベル（%(axis)s）", axis=seen.axis_name),
        "columns": [{"label": column_label(level), "note": column_note(level)} for level in LEVELS],
        "rows": [
            {
                "label": row_label(inherent),
                "note": "",
                "total": int(found.count[inherent].sum()),
                "cells": [_cell(seen, found, inherent, level, edges, said) for level in LEVELS],
            }
            for inherent in INHERENT
        ],
        "legend": _legend(edges),
        "hint": "",
    }


def notes(seen: Seen, found: HeatGrid) -> list[str]:
    """Give the sentences that belong under the grid."""
    levelled, declared = int(found.count[:, 1:].sum()), int(found.self_declared.sum())
    said: list[str] = []
    if levelled:
        said.append(
            _(
                "レベルがわかる%(levelled)sのうち、%(declared)sは自己申告のみの結果です。",
                levelled=filters.companies(levelled),
                declared=filters.companies(declared),
            )
        )
    if found.not_asked and seen.axis != WEAKEST:
        said.append(
            _(
                "未評価には、この分野を伺っていない%(not_asked)sを含みます。",
                not_asked=filters.companies(found.not_asked),
            )
        )
    return said


def sheet(seen: Seen, found: HeatGrid) -> Sheet:
    """Give the grid as a table, a line a cell."""
    return Sheet(
        _("重要度とレベル"),
        [
            _("取引の重要度"),
            _("レベル（%(axis)s）", axis=seen.axis_name),
            _("取引先（社）"),
            _("うち自己申告のみ（社）"),
            _("年間取引額（円）"),
        ],
        [
            [
                row_label(inherent),
                _level_words(level),
                int(found.count[inherent, level]),
                int(found.self_declared[inherent, level]),
                int(found.spend[inherent, level]),
            ]
            for inherent in INHERENT
            for level in LEVELS
        ],
    )


def table(found: HeatGrid) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Give columns and rows of shown texts: suppliers and yen in each cell."""
    columns: list[dict[str, Any]] = [{"label": _("取引の重要度")}]
    columns += [{"label": _level_words(level), "number": True} for level in LEVELS]
    rows = [
        [row_label(inherent), *(_counted(found, inherent, level) for level in LEVELS)]
        for inherent in INHERENT
    ]
    return columns, rows


def figure(seen: Seen, found: HeatGrid) -> Figure:
    """Give the grid as a picture to take away."""
    return grid(
        Grid(
            row_title=_("取引の重要度"),
            rows=tuple(row_label(inherent) for inherent in INHERENT),
            column_title=_("レベル（%(axis)s）", axis=seen.axis_name),
            columns=tuple(_level_words(level) for level in LEVELS),
            values=tuple(
                tuple(int(found.count[inherent, level]) for level in LEVELS) for inherent in INHERENT
            ),
            texts=tuple(
                tuple(filters.companies(int(found.count[inherent, level])) for level in LEVELS)
                for inherent in INHERENT
            ),
        )
    )


def row_label(inherent: int) -> str:
    """Name a row."""
    return str(inherent or _("未設定"))


def column_label(level: int) -> str:
    """Name a column."""
    return str(level or _("未評価"))


def column_note(level: int) -> str:
    """Say what a column means."""
    return filters.level_words(level) if level else str(_("結果なし"))


def short_yen(value: int) -> str:
    """Show yen as short as a cell wants them: 1.2億円, or ¥120m."""
    if filters.language() != "en" or value < MILLION:
        return filters.large_yen(value)
    return f"¥{value / MILLION:,.0f}m" if value < BILLION else f"¥{value / BILLION:,.1f}bn"


def class_edges(highest: int) -> tuple[int, ...]:
    """Give the upper ends of the classes of colour, rounded up to one digit; the last has none."""
    edges: list[int] = []
    for share in SHARES:
        edge = _rounded(max(1, -(-int(highest * share * 100) // 100)))
        if edge < highest and (not edges or edge > edges[-1]):
            edges.append(edge)
    return tuple(edges)


def _cell(
    seen: Seen, found: HeatGrid, inherent: int, level: int, edges: Sequence[int], said: CellWords
) -> dict[str, Any]:
    count = int(found.count[inherent, level])
    if not count:
        return EMPTY_CELL
    declared = int(found.self_declared[inherent, level])
    spend = int(found.spend[inherent, level])
    return {
        "text": f"{count:,}" + ("※" if declared else ""),
        "note": short_yen(spend),
        "url": seen.url("risk.suppliers", inherent=inherent, level=level),
        "step": _step(count, edges),
        "band": None,
        "selected": False,
        "title": said.title(inherent, level, count, declared, spend),
    }


def _level_words(level: int) -> str:
    return f"{level} {filters.level_words(level)}" if level else str(_("未評価"))


def _counted(found: HeatGrid, inherent: int, level: int) -> str:
    count = int(found.count[inherent, level])
    if not count:
        return filters.companies(0)
    return f"{filters.companies(count)}（{filters.large_yen(int(found.spend[inherent, level]))}）"


def _legend(edges: Sequence[int]) -> list[dict[str, Any]]:
    lowest = [1, *(edge + 1 for edge in edges)]
    spans = [
        f"{low:,}" if low == high else f"{low:,}–{high:,}" for low, high in zip(lowest, edges, strict=False)
    ]
    spans.append(f"{lowest[-1]:,}–")
    return [{"step": 0, "label": "0"}] + [
        {"step": STEPS[place], "label": span} for place, span in enumerate(spans)
    ]


def _step(count: int, edges: Sequence[int]) -> int:
    return STEPS[sum(count > edge for edge in edges)]


def _rounded(number: int) -> int:
    unit: int = 10 ** (len(str(number)) - 1)
    return -(-number // unit) * unit
