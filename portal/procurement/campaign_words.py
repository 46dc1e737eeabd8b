"""How a campaign reads: its funnel, the situations of its suppliers, the columns and steps of its pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from assessments.campaign_counts import Counts
from assessments.campaign_rows import CampaignRow
from assessments.models import Campaign
from portal import filters


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of the funnel."""

    label: str
    count: int
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of making a campaign."""

    label: str
    url: str
    current: bool


def funnel(campaign: Campaign, found: Counts) -> list[FunnelStep]:
    """Give 依頼 → 届いた → 開いた → 回答中 → 提出, each leading to its suppliers."""
    steps = [
        (_("依頼"), found.invited, ""),
        (_("届いた"), found.delivered, "delivered"),
        (_("開いた"), found.opened, "opened"),
        (_("回答中"), found.in_progress, "in_progress"),
        (_("提出"), found.submitted, "answered"),
    ]
    return [
        FunnelStep(
            label,
            count,
            filters.companies(count),
            url_for("procurement.campaign", public_id=campaign.public_id, situation=situation or None),
        )
        for label, count, situation in steps
    ]


def steps(campaign: Campaign | None) -> list[Step]:
    """Give the steps of making a campaign; before it exists there is the first one only."""
    if campaign is None:
        return [Step(_("1 基本"), url_for("procurement.campaign_new"), True)]
    named = [
        (_("1 基本"), "procurement.campaign_facts"),
        (_("2 相手"), "procurement.campaign_suppliers"),
        (_("3 聞く内容"), "procurement.campaign_parts"),
        (_("4 文面"), "procurement.campaign_message"),
        (_("5 確認と送信"), "procurement.campaign_check"),
    ]
    return [
        Step(label, url_for(endpoint, public_id=campaign.public_id), _is_current(endpoint))
        for label, endpoint in named
    ]


def situations() -> list[tuple[str, str]]:
    """Give the situations a list can be filtered by, with their words."""
    return [
        ("unanswered", _("まだ提出していない")),
        ("late", _("期限を過ぎた")),
        ("unopened", _("まだ開いていない")),
        ("opened", _("開いた")),
        ("not_started", _("まだ回答がありません")),
        ("in_progress", _("回答中")),
        ("answered", _("提出済み・確認済み")),
        ("returned", _("確認のお願い")),
        ("accepted", _("確認済み")),
        ("declined", _("今回は回答しない")),
        ("queued", _("送信を待っています")),
        ("delivered", _("届いた")),
        ("failed", _("届きませんでした")),
        ("unknown", _("届いたか分かりません")),
        ("no_address", _("メールアドレスがありません")),
        ("ready", _("まだ依頼していない（宛先あり）")),
    ]


def row_columns(*, with_choice: bool) -> list[dict[str, Any]]:
    """Give the columns of a campaign's suppliers, with links that sort."""
    columns = [
        _sortable("name", _("取引先")),
        {"label": _("担当")},
        {"label": _("窓口")},
        _sortable("state", _("回答")),
        {"label": _("メール")},
        _sortable("activity", _("最後の動き")),
        {"label": _("締切前のご案内")},
    ]
    choice: list[dict[str, Any]] = [{"label": "", "select": True}] if with_choice else []
    return [*choice, *columns]


def unanswered_headings() -> list[str]:
    """Give the headings of the list to telephone by."""
    return [
        _("担当"),
        _("担当の電話"),
        _("取引先コード"),
        _("会社名"),
        _("拠点"),
        _("窓口"),
        _("部署"),
        _("電話"),
        _("メール"),
        _("回答"),
        _("送信"),
        _("開いた日時"),
        _("最後の動き"),
        _("案内の回数"),
    ]


def unanswered_cells(row: CampaignRow, owner: str, owner_phone: str) -> list[Any]:
    """Give one row of the list to telephone by."""
    person = row.addressed
    return [
        owner,
        owner_phone,
        row.supplier.code or "",
        row.supplier.name,
        row.supplier.site,
        person.name if person else "",
        person.department if person else "",
        person.phone if person else "",
        person.email if person else "",
        _answer_words(row),
        _delivery_words(row.delivery),
        row.opened_at,
        row.assessment.last_activity_at,
        row.reminders,
    ]


def address_of(endpoint: str, campaign: Campaign, *leave_out: str) -> str:
    """Give the address of a page or act of a campaign, with the filter of this page kept."""
    kept: dict[str, Any] = {
        name: values for name, values in request.args.lists() if name not in {"page", *leave_out}
    }
    return url_for(endpoint, public_id=campaign.public_id, **kept)


def sort_key(offered: Sequence[str], otherwise: str) -> str:
    """Give the sort asked for, if it is one of those offered."""
    asked = request.args.get("sort", otherwise)
    return asked if asked.removeprefix("-") in offered else otherwise


def _sortable(key: str, label: str) -> dict[str, Any]:
    asked = sort_key(("name", "state", "activity"), "name")
    is_mine, is_down = asked.removeprefix("-") == key, asked.startswith("-")
    kept: dict[str, Any] = {
        name: values for name, values in request.args.lists() if name not in {"page", "sort"}
    }
    turned = f"-{key}" if is_mine and not is_down else key
    url = url_for(request.endpoint or "", **{**kept, **(request.view_args or {}), "sort": turned})
    order = "descending" if is_down else "ascending"
    return {"label": label, "url": url, "sorted": order if is_mine else None}


def _is_current(endpoint: str) -> bool:
    here = (request.endpoint or "").replace("_change_", "_").replace("_assessment_", "_")
    return here == endpoint


def _answer_words(row: CampaignRow) -> str:
    words: dict[str, str] = {
        "not_started": _("まだ回答がありません"),
        "in_progress": _("回答中"),
        "expired": _("受付を終了"),
    }
    shown = words.get(row.assessment.state, "")
    late: str = _("%(state)s（期限を過ぎています）", state=shown)
    return late if row.is_late else shown


def _delivery_words(delivery: str | None) -> str:
    words: dict[str, str] = {
        "queued": _("送信を待っています"),
        "sent": _("送信済み"),
        "unknown": _("届いたか分かりません"),
        "failed": _("届きませんでした"),
        "no_address": _("メールアドレスがありません"),
    }
    return words.get(delivery or "", "")
