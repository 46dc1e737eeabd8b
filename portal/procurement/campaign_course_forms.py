"""Forms of a campaign's course: its waves and reminders, its start, and a word with a pause."""

from datetime import date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assessments.calendar_content import calendar_content
from assessments.courses import Plan
from portal.procurement.campaign_forms import LONGEST_WORDS, REQUIRED

_LIMITS = calendar_content()


def _trimmed(typed: str | None) -> str:
    return (typed or "").strip()


def _between(most: int) -> Any:
    return NumberRange(1, most, _l("1から%(max)dの数で入力してください。"))


def _number(label: str, most: int, first: object) -> IntegerField:
    return IntegerField(label, [first, _between(most)])


class CourseForm(FlaskForm):
    """How a campaign runs over time."""

    per_day = _number(_l("1営業日に送る取引先の数（任意）"), _LIMITS.most_per_day, Optional())
    reminds = BooleanField(_l("締切前のご案内を自動で送る"))
    first_after = _number(_l("最初のご案内まで"), _LIMITS.most_days, InputRequired(REQUIRED))
    then_every = _number(_l("次のご案内までの間隔"), _LIMITS.most_days, InputRequired(REQUIRED))
    at_most = _number(_l("ご案内の回数（最大）"), _LIMITS.most_times, InputRequired(REQUIRED))
    final_before = _number(_l("期限前の最後のご案内（任意）"), _LIMITS.most_days, Optional())
    tells_owner = BooleanField(_l("未回答の取引先を、社内の担当者に知らせる"))
    is_yearly = BooleanField(_l("毎年くり返す"))

    def plan(self) -> Plan:
        """Give what was set, once the form has been found valid."""
        return Plan(**{name: self[name].data for name in Plan.__slots__})


class ScheduleForm(FlaskForm):
    """The moment of a start, in the buyer's zone, and a word with it."""

    starts_on = DateField(_l("送り始める日"), [InputRequired(_l("日付を選んでください。"))])
    starts_time = TimeField(_l("時刻"), [InputRequired(_l("時刻を選んでください。"))])
    remark = TextAreaField(
        _l("メモ（任意）"),
        [Optional(), Length(max=LONGEST_WORDS, message=_l("%(max)d文字までで入力してください。"))],
        filters=[_trimmed],
    )

    def moment(self, zone: ZoneInfo) -> datetime:
        """Give the moment, once the form has been found valid."""
        return datetime.combine(cast(date, self.starts_on.data), cast(time, self.starts_time.data), zone)


class RemarkForm(FlaskForm):
    """A word with a pause, for colleagues."""

    remark = TextAreaField(
        _l("メモ（任意）"),
        [Optional(), Length(max=LONGEST_WORDS, message=_l("%(max)d文字までで入力してください。"))],
        filters=[_trimmed],
    )
