"""How a campaign's course reads: its plan in sentences, and its history."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from assessments.calendar import Calendar
from assessments.courses import Plan
from assessments.models import CampaignStep, StepKind
from portal import filters

STEPS = {
    StepKind.REQUESTED: _l("承認を依頼"),
    StepKind.APPROVED: _l("承認"),
    StepKind.SENT_BACK: _l("下書きに戻す"),
    StepKind.SCHEDULED: _l("送信を予約"),
    StepKind.UNSCHEDULED: _l("予約を取りやめ"),
    StepKind.NOT_STARTED: _l(
        "予約どおりに送れませんでした（期限、相手、もう一度お願いする理由を確かめてください）"
    ),
    StepKind.OPENED: _l("送信を開始"),
    StepKind.PAUSED: _l("送信を一時停止"),
    StepKind.RESUMED: _l("送信を再開"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step: when, who, what, and in which words."""

    at: datetime
    who: str
    what: str
    remark: str


def history(steps: list[CampaignStep]) -> list[HistoryLine]:
    """Give the steps of a campaign as lines, oldest first."""
    return [HistoryLine(step.at, _who(step), _what(step), step.remark) for step in steps]


def sentences(plan: Plan) -> list[str]:
    """Say what a campaign does by itself."""
    said = [_wave(plan)]
    if plan.reminds:
        said.extend(_reminders(plan))
        if plan.final_before:
            said.append(
                ngettext(
                    "期限の%(num)d営業日前に、最後のご案内を送ります。",
                    "期限の%(num)d営業日前に、最後のご案内を送ります。",
                    plan.final_before,
                )
            )
    else:
        said.append(_("締切前のご案内は、自動では送りません。"))
    if plan.tells_owner:
        said.append(_("そのあと、未回答の取引先を社内の担当者に知らせます。"))
    if plan.is_yearly:
        said.append(_("毎年くり返します。次の年の下書きまでを自動で作り、送るのは人が決めます。"))
    return said


def hours(office: Calendar) -> str:
    """Give the office hours as people write them."""
    return f"{office.opens:%H:%M}〜{office.closes:%H:%M}"


def _wave(plan: Plan) -> str:
    if plan.per_day is None:
        return str(_("依頼は、すべての取引先に一度に送ります。"))
    return str(
        _("依頼は、1営業日に%(count)sずつ、営業時間のなかで送ります。", count=filters.companies(plan.per_day))
    )


def _reminders(plan: Plan) -> list[str]:
    first = ngettext(
        "依頼から%(num)d営業日たっても回答がない取引先に、締切前のご案内を送ります。",
        "依頼から%(num)d営業日たっても回答がない取引先に、締切前のご案内を送ります。",
        plan.first_after,
    )
    if plan.at_most == 1:
        return [first]
    further = ngettext(
        "そのあと%(num)d営業日ごとに、あわせて%(most)d回まで送ります。",
        "そのあと%(num)d営業日ごとに、あわせて%(most)d回まで送ります。",
        plan.then_every,
        most=plan.at_most,
    )
    return [first, further]


def _who(step: CampaignStep) -> str:
    if step.by is not None:
        return step.by.name or step.by.email
    return str(_("自動・コマンド"))


def _what(step: CampaignStep) -> str:
    said = str(STEPS[step.kind])
    if step.starts_at is None:
        return said
    return str(_("%(what)s：%(moment)s", what=said, moment=filters.moment(step.starts_at)))
