"""The form of a reading: a message, and a comment at any question."""

from collections.abc import Iterable
from typing import cast

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from assessments.questionnaire_content import QuestionContent
from assessments.reviews import LONGEST_COMMENT
from portal import filters

TOO_LONG = Length(max=LONGEST_COMMENT, message=_l("%(max)d文字までで入力してください。"))


class ReviewForm(FlaskForm):
    """What a reader says; comments are added for the questions of the submission."""

    submission = HiddenField()
    message = TextAreaField(_l("取引先へのひとこと"), [TOO_LONG])

    def comments(self, questions: Iterable[QuestionContent]) -> dict[str, str]:
        """Give the comments by question key."""
        return {question.key: self[field_name(question)].data or "" for question in questions}


def field_name(question: QuestionContent) -> str:
    """Name the comment's field by the question's place, which says nothing to a reader of the address."""
    return f"comment_{question.position}"


def review_form(questions: Iterable[QuestionContent], submission: str) -> ReviewForm:
    """Give the form for these questions of a submission, filled with what was posted."""
    fields = {
        field_name(question): TextAreaField(
            _l("「%(name)s」へのコメント", name=filters.text(question.name)), [TOO_LONG]
        )
        for question in questions
    }
    made = type("ReviewFormOfSubmission", (ReviewForm,), fields)
    return cast(ReviewForm, made(data={"submission": submission}))
