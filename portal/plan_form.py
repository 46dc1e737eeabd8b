"""The form by which a person says what a plan is for: a level as cheaply as possible, or a budget."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import ValidationError

from assessments.folding import cleaned
from assessments.imports.cells import NotReadable, read_cell
from assessments.planning import HIGHEST_YEN, MONTH_DAYS, YEAR_DAYS, Basis, Wish
from portal import filters
from portal.import_words import row_words
from scoring.plan_terms import Budget, Goal, Reach

LEVEL, BUDGET = "level", "budget"
LEVELS = (2, 3)
DAYS = {"": None, "month": MONTH_DAYS, "year": YEAR_DAYS}
CHOOSE = _l("選んでください。")


def yen_of(typed: str) -> int:
    """Read an amount as people type it (12000、10万円). Raises ValidationError with words."""
    if not cleaned(typed):
        raise ValidationError(_("金額を入力してください。費用をかけないときは 0 です。"))
    try:
        amount = read_cell("spend", typed)
    except NotReadable as error:
        raise ValidationError(str(row_words({"reason": error.reason, **error.facts}))) from error
    if amount is None:
        raise ValidationError(_("金額を数字で入力してください。費用をかけないときは 0 です。"))
    if amount > HIGHEST_YEN:
        raise ValidationError(
            _("%(most)sまでの金額で入力してください。", most=filters.large_yen(HIGHEST_YEN))
        )
    return int(amount)


class PlanForm(Form):
    """What a plan is for, and within which bounds."""

    goal = RadioField(
        _l("何をめざしますか"),
        choices=[
            SelectChoice(LEVEL, _l("レベルを上げる（いちばん安い方法）")),
            SelectChoice(BUDGET, _l("予算の中で、できるだけ進める")),
        ],
        validate_choice=False,
    )
    axis = SelectField(_l("上げたい分野"), validate_choice=False)
    level = RadioField(_l("めざすレベル"), validate_choice=False)
    budget = StringField(_l("1年目の予算"))
    within = RadioField(
        _l("いつまでに始められるもの"),
        choices=[
            SelectChoice("", _l("いつでも")),
            SelectChoice("month", _l("最初の1か月のうちに")),
            SelectChoice("year", _l("最初の1年のうちに")),
        ],
        validate_choice=False,
    )
    without_services = BooleanField(_l("月々のサービスを使わずに進める"))

    def validate_goal(self, field: RadioField) -> None:
        """Refuse what is not offered."""
        _offered(field)

    def validate_axis(self, field: SelectField) -> None:
        """Refuse an axis that was not asked about."""
        if self.goal.data == LEVEL:
            _offered(field)

    def validate_level(self, field: RadioField) -> None:
        """Refuse a level that answers cannot reach."""
        if self.goal.data == LEVEL:
            _offered(field)

    def validate_budget(self, field: StringField) -> None:
        """Refuse what is no amount, where one is needed."""
        if self.goal.data == BUDGET:
            yen_of(field.data or "")

    def validate_within(self, field: RadioField) -> None:
        """Refuse a time that is not offered."""
        _offered(field)

    def wish(self) -> Wish:
        """Give what is asked for; the form has been found valid."""
        if self.goal.data == BUDGET:
            goal: Goal = Budget(yen_of(self.budget.data or ""))
        else:
            goal = Reach((self.axis.data,), int(self.level.data))
        return Wish(goal, bool(self.without_services.data), DAYS[self.within.data])


def plan_form(found: Basis, typed: Mapping[str, str], usual: Wish) -> PlanForm:
    """Give the form as the address fills it; what that leaves out is as in the usual wish."""
    form = PlanForm(MultiDict(_fields(usual) | dict(typed)))
    now = found.sets_with(found.answers)
    form.axis.choices = [
        SelectChoice(axis.key, filters.text(axis.title))
        for axis in found.content.axes
        if now[axis.key].level is not None
    ]
    form.level.choices = [
        SelectChoice(
            str(level), _("レベル%(number)s：%(name)s", number=level, name=filters.level_words(level))
        )
        for level in LEVELS
    ]
    return form


def _fields(usual: Wish) -> dict[str, str]:
    goal = usual.goal
    if isinstance(goal, Budget):
        return {"goal": BUDGET, "budget": str(goal.yen), "level": str(LEVELS[-1]), "within": ""}
    level = str(max(goal.level, LEVELS[0]))
    return {"goal": LEVEL, "axis": goal.sets[0], "level": level, "within": ""}


def _offered(field: RadioField | SelectField) -> None:
    offered = [choice.value for choice in field.choices or [] if isinstance(choice, SelectChoice)]
    if field.data not in offered:
        raise ValidationError(str(CHOOSE))
