"""Forms of proof on the risk side: judging a reference, recording a confirmation and withdrawing it."""

from collections.abc import Iterable
from datetime import date
from typing import cast

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from assessments.confirmations import LONGEST_REFERENCE, LONGEST_TEXT, Scope
from assessments.models import Confirmation, Evidence
from assessments.questionnaire_content import QuestionContent
from portal.proof_form import DATE, TickField, choices, too_long

REQUIRED = _l("入力してください。")


class JudgementForm(FlaskForm):
    """A reader's decision about a reference; `seen` is how many decisions there were on the page."""

    seen = HiddenField()
    valid_until = DateField(_l("有効期限（あるとき）"), [Optional()])
    reason = TextAreaField(_l("確認できなかった理由"), [too_long(LONGEST_TEXT)])


class ConfirmationForm(FlaskForm):
    """What was confirmed, between which days, and which questions it covers."""

    kind = HiddenField()
    reference = StringField(
        _l("証明書の番号・名前など"), [DataRequired(REQUIRED), too_long(LONGEST_REFERENCE)]
    )
    starts_on = DateField(_l("いつから"), [InputRequired(DATE)])
    ends_on = DateField(_l("いつまで"), [InputRequired(DATE)])
    questions = TickField(_l("確認できた質問"))
    note = TextAreaField(_l("社内のメモ（任意）"), [too_long(LONGEST_TEXT)])

    def scope(self, version_id: int) -> Scope:
        """Give what the verbs take; there are dates once the form has been found valid."""
        return Scope(
            version_id=version_id,
            keys=frozenset(self.questions.data or []),
            starts_on=cast(date, self.starts_on.data),
            ends_on=cast(date, self.ends_on.data),
            reference=(self.reference.data or "").strip(),
            note=(self.note.data or "").strip(),
        )


class WithdrawalForm(FlaskForm):
    """Why a confirmation counts no longer."""

    reason = TextAreaField(_l("取り消す理由"), [DataRequired(REQUIRED), too_long(LONGEST_TEXT)])


def judgement_form(of: Evidence) -> JudgementForm:
    """Give the form of a reference, filled with what was posted; its fields carry the reference's id."""
    return JudgementForm(prefix=of.public_id)


def blank_judgement_form(of: Evidence) -> JudgementForm:
    """Give the form of a reference as it stands before anybody wrote."""
    facts = {"seen": str(len(of.judgements)), "valid_until": of.valid_until}
    return JudgementForm(formdata=None, prefix=of.public_id, data=facts)


def withdrawal_form(of: Confirmation) -> WithdrawalForm:
    """Give the form of a confirmation, filled with what was posted."""
    return WithdrawalForm(prefix=of.public_id)


def blank_withdrawal_form(of: Confirmation) -> WithdrawalForm:
    """Give the form of a confirmation as it stands before anybody wrote."""
    return WithdrawalForm(formdata=None, prefix=of.public_id)


def confirmation_form(
    questions: Iterable[QuestionContent], *, kind: str, ticked: Iterable[str], starts_on: date, ends_on: date
) -> ConfirmationForm:
    """Give the form offering these questions, ticked as the kind says until something was posted."""
    facts = {"kind": kind, "starts_on": starts_on, "ends_on": ends_on, "questions": list(ticked)}
    form = ConfirmationForm(data=facts)
    form.questions.choices = choices(questions)
    return form
