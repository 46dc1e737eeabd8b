"""The charts of the risk side: each a figure, the same rows as a table, and the same as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from assessments import benchmarks
from assessments.chain import items, responses, withholding
from assessments.chain.items import ItemRate
from assessments.chain.picture import Picture
from assessments.chain.responses import Share
from assessments.questionnaire_content import ChoiceContent
from portal import filters
from portal.charts import Bars, Figure, bars
from portal.risk import words
from portal.risk.looking import Seen
from portal.spreadsheets import Cell, Sheet

LOWEST = 6
OF_ANSWERS = ("reasons", "supports")
WHOLE = 100


@dataclass(frozen=True)
class Chart:
    """What the chart macro takes; `note` says what is counted and where figures come from."""

    name: str
    title: str
    figure: Figure
    columns: list[dict[str, Any]]
    rows: list[list[str]]
    csv_url: str
    note: str


def lowest_items(seen: Seen) -> Chart:
    """The items furthest below the survey."""
    found = items.lowest(items.item_rates(seen.picture), count=LOWEST)
    return _items(seen, found, name="lowest-items", title=_("実施率が低い項目（公開調査との差）"))


def all_items(seen: Seen) -> Chart:
    """The twenty-five items in their order."""
    found = [rate for rate in items.item_rates(seen.picture) if rate.question.official_item]
    return _items(seen, found, name="items", title=_("25項目の実施率（公開調査との差）"))


def reasons(seen: Seen) -> Chart:
    """Why answers are 予定なし."""
    found = responses.wishes(seen.picture)
    return _shares(
        seen,
        found.reasons,
        seen.chain.content.reasons,
        name="reasons",
        title=_("「予定なし」の理由"),
        unit=_("回答"),
        note=_(
            "「予定なし」の回答%(count)s件のうち、理由のある回答を数えています。",
            count=f"{found.not_planned:,}",
        ),
    )


def supports(seen: Seen) -> Chart:
    """Which supports would help."""
    found = responses.wishes(seen.picture)
    return _shares(
        seen,
        found.supports,
        seen.chain.content.supports,
        name="supports",
        title=_("求められている支援"),
        unit=_("取引先"),
        note=_(
            "一つでも支援を選んだ%(count)sのうち、それぞれを選んだ取引先の割合です（複数回答）。",
            count=filters.companies(found.asking),
        ),
    )


def progress(seen: Seen) -> Chart | None:
    """How far the campaign is; None before there is one."""
    found = responses.funnel(seen.picture)
    if found is None:
        return None
    steps = [
        (_("依頼"), found.asked),
        (_("開いた"), found.opened),
        (_("回答を始めた"), found.started),
        (_("提出"), found.submitted),
        (_("確認済み"), found.accepted),
    ]
    texts = tuple(filters.companies(count) for _label, count in steps)
    return Chart(
        name="progress",
        title=_("回答の進みぐあい"),
        figure=bars(
            Bars(
                labels=tuple(label for label, _count in steps),
                name=_("取引先"),
                values=tuple(float(count) for _label, count in steps),
                texts=texts,
                axis_title=_("取引先（社）"),
                highest=float(max(found.asked, 1)),
            )
        ),
        columns=[
            {"label": _("段階")},
            {"label": _("取引先"), "number": True},
            {"label": _("割合"), "number": True},
        ],
        rows=[[label, filters.companies(count), _of(count, found.asked)] for label, count in steps],
        csv_url=seen.url("risk.chart_csv", name="progress"),
        note=_("調査「%(title)s」", title=found.campaign.name),
    )


def item_columns() -> list[dict[str, Any]]:
    """The columns of the table of items."""
    return [
        {"label": _("質問")},
        {"label": _("実施している"), "number": True},
        {"label": _("一部"), "number": True},
        {"label": _("わからない"), "number": True},
        {"label": _("対象"), "number": True},
        {"label": _("実施率"), "number": True},
        {"label": _("公開調査"), "number": True},
        {"label": _("差"), "number": True},
    ]


def item_row(rate: ItemRate) -> list[str]:
    """One item as shown texts."""
    if rate.is_withheld:
        return [words.question(rate.question), *[filters.NOTHING] * 5, _public(rate), filters.NOTHING]
    return [
        words.question(rate.question),
        filters.companies(rate.done),
        filters.companies(rate.partly),
        filters.companies(rate.unknown),
        filters.companies(rate.counted),
        filters.percent(rate.percent, 1),
        _public(rate),
        _difference(rate),
    ]


def source_notes(rates: Sequence[ItemRate]) -> list[str]:
    """Say where the survey's figures come from, whom they stand for, and what fell back."""
    source = benchmarks.sources()["public_survey"]
    said = [
        _(
            "公開調査：%(name)s（%(publisher)s、%(period)s、n=%(n)s）。%(bias)s",
            name=filters.text(source.name),
            publisher=filters.text(source.publisher),
            period=filters.text(source.period),
            n=f"{source.n:,}",
            bias=filters.text(source.bias),
        ),
        filters.text(source.note),
    ]
    if filters.wants_check(source.as_of, source.check):
        said[-1] = f"{said[-1]} {_('要確認')}"
    fallen = [rate for rate in rates if rate.public and rate.public.fell_back]
    if fallen:
        said.append(
            _(
                "＊ この業種の値がない%(count)d項目は、全業種の値と比べています。",
                count=len(fallen),
            )
        )
    if any(rate.is_withheld for rate in rates):
        said.append(words.withheld())
    return said


def sheet_of(seen: Seen, name: str) -> Sheet | None:
    """Give a chart's numbers as a table; None for a name that no chart has, and where they tell of few."""
    makers = {
        "items": _items_sheet,
        "lowest-items": _items_sheet,
        "reasons": _reasons_sheet,
        "supports": _supports_sheet,
        "progress": _progress_sheet,
    }
    if name not in makers or (name in OF_ANSWERS and not withholding.may_tell(seen.picture)):
        return None
    return makers[name](seen.picture)


def _items(seen: Seen, found: Sequence[ItemRate], *, name: str, title: str) -> Chart:
    return Chart(
        name=name,
        title=title,
        figure=bars(
            Bars(
                labels=tuple(words.question(rate.question) for rate in found),
                name=_("当社の取引先"),
                values=tuple(rate.percent for rate in found),
                texts=tuple(filters.percent(rate.percent) for rate in found),
                axis_title=_("実施率（％）"),
                highest=float(WHOLE),
                marks_name=_("公開調査"),
                marks=tuple(rate.public.percent if rate.public else None for rate in found),
                mark_texts=tuple(_public(rate) for rate in found),
            )
        ),
        columns=item_columns(),
        rows=[item_row(rate) for rate in found],
        csv_url=seen.url("risk.chart_csv", name="items"),
        note=_("公開調査の回答者は、対策を進めると宣言した会社だけです。高めの値と考えてください。"),
    )


def _shares(
    seen: Seen,
    found: Sequence[Share],
    choices: Sequence[ChoiceContent],
    *,
    name: str,
    title: str,
    unit: str,
    note: str,
) -> Chart:
    labels = tuple(filters.text(choice.short) for choice in choices)
    return Chart(
        name=name,
        title=title,
        figure=bars(
            Bars(
                labels=labels,
                name=unit,
                values=tuple(share.percent for share in found),
                texts=tuple(filters.percent(share.percent) for share in found),
                axis_title=_("割合（％）"),
                highest=float(WHOLE),
            )
        ),
        columns=[{"label": title}, {"label": unit, "number": True}, {"label": _("割合"), "number": True}],
        rows=[
            [label, filters.number(share.count), filters.percent(share.percent, 1)]
            for label, share in zip(labels, found, strict=True)
        ],
        csv_url=seen.url("risk.chart_csv", name=name),
        note=note,
    )


def _items_sheet(picture: Picture) -> Sheet:
    return Sheet(
        _("質問ごとの実施率"),
        [
            _("番号"),
            _("質問"),
            _("実施している（社）"),
            _("一部実施している（社）"),
            _("わからない（社）"),
            _("当社にはない（社）"),
            _("対象（社）"),
            _("実施率（％）"),
            _("公開調査の実施率（％）"),
            _("公開調査の回答数"),
            _("差（ポイント）"),
            _("公開調査の値の範囲"),
        ],
        [_item_cells(rate) for rate in items.item_rates(picture)],
    )


def _item_cells(rate: ItemRate) -> list[Cell]:
    public = rate.public
    counts = (rate.done, rate.partly, rate.unknown, rate.absent, rate.counted)
    return [
        rate.question.official_item,
        filters.text(rate.question.name),
        *([None] * len(counts) if rate.is_withheld else counts),
        _tenths(rate.percent),
        _tenths(public.percent if public else None),
        public.n if public else None,
        _tenths(rate.difference),
        "" if public is None else _segment(public.segment),
    ]


def _segment(segment: str) -> str:
    return str(_("全業種")) if segment == benchmarks.OVERALL else words.industry(segment)


def _reasons_sheet(picture: Picture) -> Sheet:
    found = responses.wishes(picture).reasons
    return _shares_sheet(_("「予定なし」の理由"), _("回答（件）"), found, picture.chain.content.reasons)


def _supports_sheet(picture: Picture) -> Sheet:
    found = responses.wishes(picture).supports
    return _shares_sheet(_("求められている支援"), _("取引先（社）"), found, picture.chain.content.supports)


def _shares_sheet(title: str, unit: str, found: Sequence[Share], choices: Sequence[ChoiceContent]) -> Sheet:
    return Sheet(
        title,
        [title, unit, _("割合（％）")],
        [
            [filters.text(choice.label), share.count, _tenths(share.percent)]
            for choice, share in zip(choices, found, strict=True)
        ],
    )


def _progress_sheet(picture: Picture) -> Sheet:
    found = responses.funnel(picture)
    headings = [
        _("調査"),
        _("依頼"),
        _("開いた"),
        _("回答を始めた"),
        _("提出"),
        _("確認のお願い"),
        _("確認済み"),
    ]
    if found is None:
        return Sheet(_("回答の進みぐあい"), headings, [])
    numbers = [found.asked, found.opened, found.started, found.submitted, found.returned, found.accepted]
    return Sheet(_("回答の進みぐあい"), headings, [[found.campaign.name, *numbers]])


def _public(rate: ItemRate) -> str:
    if rate.public is None:
        return filters.NOTHING
    return filters.percent(rate.public.percent, 1) + ("＊" if rate.public.fell_back else "")


def _difference(rate: ItemRate) -> str:
    return filters.NOTHING if rate.difference is None else f"{rate.difference:+.1f}"


def _of(count: int, whole: int) -> str:
    return filters.percent(WHOLE * count / whole) if whole else filters.NOTHING


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
