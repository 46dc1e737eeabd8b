"""The form of the buyer's own constants: a field a number, and who decided when and why."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from unicodedata import normalize

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from assessments import constant_content
from assessments.constant_content import Constant, Entry
from assessments.constants import IN_THE_FUTURE, MISSING, MUST_NOT_FALL, MUST_RISE, OUT_OF_RANGE, TOO_FINE
from portal import constant_words, filters

REQUIRED = _l("入力してください。")
LONGEST_NAME, LONGEST_REASON = 100, 2_000


def _trimmed(typed: str | None) -> str:
    return (typed or "").strip()


def _is_a_number(_form: FlaskForm, field: StringField) -> None:
    try:
        decimal(field.data)
    except InvalidOperation:
        raise ValidationError(_("数字で入力してください。")) from None


def decimal(typed: str | None) -> Decimal:
    """Give a typed number, in full-width letters too; raises InvalidOperation."""
    return Decimal(normalize("NFKC", typed or "").strip())


class ConstantsForm(FlaskForm):
    """Who decided, when and why; the numbers are added by `constants_form`."""

    decided_by = StringField(
        _l("決めた人・会議"), [DataRequired(REQUIRED), Length(max=LONGEST_NAME)], filters=[_trimmed]
    )
    decided_on = DateField(_l("決めた日"), [InputRequired(_l("日付を選んでください。"))])
    reason = TextAreaField(
        _l("決めた理由"), [DataRequired(REQUIRED), Length(max=LONGEST_REASON)], filters=[_trimmed]
    )

    @property
    def day(self) -> date:
        """The day typed; there is one once the form has been found valid."""
        return cast(date, self.decided_on.data)

    def entries(self) -> dict[str, Decimal]:
        """Give the numbers by field; those of a form that was found valid."""
        return {entry.name: decimal(self[entry.name].data) for entry in _entries()}

    def refuse(self, broken: Mapping[str, tuple[str, Entry | None]]) -> None:
        """Say at each field which rule it breaks."""
        for name, (rule, entry) in broken.items():
            self[name].errors = [_refusal(rule, entry)]


def constants_form(entries: Mapping[str, Decimal], today: date) -> ConstantsForm:
    """Give the form, filled with the numbers that hold now."""
    fields = {
        entry.name: StringField(filters.text(entry.label), [DataRequired(REQUIRED), _is_a_number])
        for entry in _entries()
    }
    made = type("ConstantsFormOfModel", (ConstantsForm,), fields)
    filled: dict[str, Any] = {name: str(number) for name, number in entries.items()}
    return cast(ConstantsForm, made(data={**filled, "decided_on": today}))


def range_words(constant: Constant, entry: Entry) -> str:
    """Say what may be entered."""
    highest = constant_words.with_unit(constant.key, entry.place or 0, str(entry.highest))
    ends = {"lowest": str(entry.lowest), "highest": highest}
    if constant.decimals:
        return str(_("%(lowest)s〜%(highest)s、小数第%(digits)s位まで", digits=constant.decimals, **ends))
    return str(_("%(lowest)s〜%(highest)s", **ends))


def _entries() -> list[Entry]:
    return [entry for one in constant_content.constants() for entry in one.entries]


def _refusal(rule: str, entry: Entry | None) -> str:
    if entry is None:
        words: dict[str, Any] = {
            MISSING: REQUIRED,
            IN_THE_FUTURE: _("決めた日は、今日までの日付にしてください。"),
        }
        return str(words[rule])
    label = filters.text(entry.label)
    said: dict[str, str] = {
        OUT_OF_RANGE: _(
            "%(lowest)s〜%(highest)sの数にしてください。", lowest=entry.lowest, highest=entry.highest
        ),
        TOO_FINE: _("小数の桁が多すぎます。"),
        MUST_RISE: _("「%(label)s」より大きい数にしてください。", label=label),
        MUST_NOT_FALL: _("「%(label)s」より小さくしないでください。", label=label),
    }
    return said[rule]
