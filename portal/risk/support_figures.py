"""What came out of a support plan as a chart with its table, and as sheets to take away."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from assessments.measures import Measure, catalogue_words
from assessments.support.reading import Outcome, Supported
from portal import charts, filters
from portal.charts import Curve
from portal.risk.figures import Chart
from portal.spreadsheets import Cell, Sheet

WHOLE = 100.0
TEN_THOUSAND = 10_000


def curve(outcome: Outcome, csv_url: str) -> Chart:
    """What stays of all gaps, by budget."""
    points = outcome.points
    return Chart(
        name="support-curve",
        title=_("予算と、残る不足（取引の重要度つき）"),
        figure=charts.curve(
            Curve(
                name=_("残る不足"),
                across=tuple(one.budget_yen / TEN_THOUSAND for one in points),
                up=tuple(one.left_percent for one in points),
                texts=tuple(
                    f"{filters.large_yen(one.budget_yen)}{_('：')}{filters.percent(one.left_percent, 1)}"
                    for one in points
                ),
                across_title=_("支援の予算（万円）"),
                up_title=_("残る不足（％、いまを100とする）"),
                upper=WHOLE,
            )
        ),
        columns=_columns(),
        rows=[
            [
                filters.yen(one.budget_yen),
                filters.yen(one.spent_yen),
                filters.number(one.gained),
                filters.percent(one.left_percent, 1),
                filters.percent(one.gap_percent, 2),
            ]
            for one in points
        ],
        csv_url=csv_url,
        note=_(
            "回答と重要度のある%(count)sの不足（重要度 × 重み × 足りない点）の合計を、いま100％とします。",
            count=filters.companies(len(outcome.supplier_ids)),
        ),
    )


def curve_sheet(outcome: Outcome) -> Sheet:
    """The same as a table."""
    rows: list[list[Cell]] = [
        [one.budget_yen, one.spent_yen, one.gained, round(one.left_percent, 2), round(one.gap_percent, 3)]
        for one in outcome.points
    ]
    headings = [
        _("予算（円）"),
        _("使う額（円）"),
        _("効きめ"),
        _("残る不足（％）"),
        _("最適との差（最大、％）"),
    ]
    return Sheet(_("予算と残る不足"), headings, rows)


def offers_sheet(found: Sequence[Supported]) -> Sheet:
    """A line a supplier and measure to offer."""
    # The words of a measure are the same on each of its lines: thousands of lines want them once.
    offered = {offer.measure.key: offer.measure for one in found for offer in one.offers}
    about = {key: _about(measure) for key, measure in offered.items()}
    rows: list[list[Cell]] = [
        [one.code, one.name, one.inherent, one.gained, offer.yen, *about[offer.measure.key]]
        for one in found
        for offer in one.offers
    ]
    return Sheet(_("支援を申し出る対策"), _headings(), rows)


def _about(one: Measure) -> list[Cell]:
    return [
        filters.text(one.name),
        filters.text(catalogue_words().kinds[one.kind]),
        one.effort_days,
        "／".join(filters.text(other) for other in one.equivalents),
        filters.text(one.source.name),
        one.as_of,
    ]


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("予算"), "number": True},
        {"label": _("使う額"), "number": True},
        {"label": _("効きめ"), "number": True},
        {"label": _("残る不足"), "number": True},
        {"label": _("最適との差（最大）"), "number": True},
    ]


def _headings() -> list[str]:
    return [
        _("取引先コード"),
        _("取引先"),
        _("取引の重要度"),
        _("取引先の効きめ"),
        _("1年目の費用（円、手間を含む）"),
        _("対策"),
        _("種類"),
        _("手間（人日）"),
        _("同じ効果の別の方法"),
        _("出典"),
        _("時点"),
    ]
