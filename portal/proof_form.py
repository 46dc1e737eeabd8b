"""The form of a reference behind answers, alike for a supplier and for a reader of the buyer."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from assessments import evidence
from assessments.evidence import LONGEST_TEXT, LONGEST_TITLE, Document
from assessments.questionnaire_content import QuestionContent
from portal import filters

DATE = _l("日付を選んでください。")
# The broken rules that the person at the form can mend.
MENDABLE = (
    evidence.BesideTheAnswers,
    evidence.DatedInTheFuture,
    evidence.NotValidAnyMore,
    evidence.TooManyReferences,
)


def too_long(most: int) -> Any:
    """Refuse a longer text."""
    return Length(max=most, message=_l("%(max)d文字までで入力してください。"))


class TickField(SelectMultipleField):
    """Questions to tick, any number of them."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class EvidenceForm(FlaskForm):
    """What a reference is, where it can be seen, its dates, and the answers it stands behind."""

    title = StringField(
        _l("なにの写し・記録ですか"), [DataRequired(_l("入力してください。")), too_long(LONGEST_TITLE)]
    )
    whereabouts = TextAreaField(
        _l("どこで見られますか"), [DataRequired(_l("入力してください。")), too_long(LONGEST_TEXT)]
    )
    dated_on = DateField(_l("書類や画面の日付"), [InputRequired(DATE)])
    valid_until = DateField(_l("有効期限（あるとき）"), [Optional()])
    essential = TickField(_l("要となる質問"))
    others = TickField(_l("そのほかの質問"))
    note = TextAreaField(_l("ひとこと（任意）"), [too_long(LONGEST_TEXT)])

    def document(self) -> Document:
        """Give what the reference says; there is a date once the form has been found valid."""
        return Document(
            title=_trimmed(self.title.data),
            whereabouts=_trimmed(self.whereabouts.data),
            note=_trimmed(self.note.data),
            dated_on=cast(date, self.dated_on.data),
            valid_until=self.valid_until.data,
        )

    def keys(self) -> list[str]:
        """Give the questions ticked."""
        return [*(self.essential.data or []), *(self.others.data or [])]


def evidence_form(questions: Iterable[QuestionContent]) -> EvidenceForm:
    """Give the form for these questions, the essential ones first, filled with what was posted."""
    return _offering(EvidenceForm(), questions)


def blank_evidence_form(questions: Iterable[QuestionContent]) -> EvidenceForm:
    """Give the form empty, on a page where another form was posted."""
    return _offering(EvidenceForm(formdata=None), questions)


def _offering(form: EvidenceForm, questions: Iterable[QuestionContent]) -> EvidenceForm:
    asked = list(questions)
    form.essential.choices = choices(one for one in asked if one.essential)
    form.others.choices = choices(one for one in asked if not one.essential)
    return form


def choices(questions: Iterable[QuestionContent]) -> list[SelectChoice]:
    """Give questions as choices, with their number where they are one of the 25."""
    return [SelectChoice(one.key, name(one)) for one in questions]


def name(question: QuestionContent) -> str:
    """Name a question, with its number where it is one of the 25."""
    words = filters.text(question.name)
    return f"No.{question.official_item} {words}" if question.official_item else words


def complain(form: EvidenceForm, broken: Exception) -> None:
    """Say at the field which rule was broken."""
    field, words = {
        evidence.BesideTheAnswers: (form.essential, _("質問を一つ以上お選びください。")),
        evidence.DatedInTheFuture: (form.dated_on, _("今日までの日付にしてください。")),
        evidence.NotValidAnyMore: (form.valid_until, _("書類の日付より後の日にしてください。")),
        evidence.TooManyReferences: (
            form.title,
            _("登録できる数（%(most)d件）に達しています。担当の者にお知らせください。", most=evidence.MOST),
        ),
    }[cast(Any, type(broken))]
    field.errors = [words]


def _trimmed(typed: str | None) -> str:
    return (typed or "").strip()
