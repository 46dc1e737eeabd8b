"""A WTForms class made from the questions of a page: one field a question, which reads all its parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, ValidationError

from assessments.answers import Fault, Given, Refused, checked
from assessments.questionnaire_content import Content, QuestionContent

NO_VERSION = 0
WORDS: Mapping[Fault, Any] = {
    Fault.NO_SUCH_CHOICE: _l("選択肢の中からお選びください。"),
    Fault.ABSENT_WANTS_A_COMMENT: _l("「当社にはない」の理由を、ひとことお書きください。"),
    Fault.TOO_LONG: _l("%(limit)s字以内でお書きください。"),
    Fault.NOT_A_NUMBER: _l("数字でお書きください（例：12）。"),
    Fault.OUT_OF_RANGE: _l("%(limit)sの範囲の数字でお書きください。"),
}


class QuestionField(Field):
    """One question: `data` is what was said, checked by validation; `expected` the version that was seen."""

    data: Given
    expected: int
    is_posted: bool

    def __init__(self, *args: Any, content: Content, question: QuestionContent, **kwargs: Any) -> None:
        """Keep what is asked."""
        super().__init__(*args, **kwargs)
        self.content = content
        self.question = question

    def process(self, formdata: Any, data: Any = None, extra_filters: Sequence[Any] | None = None) -> None:
        """Read the parts posted under the question's name."""
        self.process_errors = []
        self.data, self.expected, self.is_posted = Given(), NO_VERSION, False
        if formdata is None or f"{self.name}-version" not in formdata:
            return
        version = formdata.get(f"{self.name}-version")
        self.is_posted = True
        self.expected = int(version) if version.isdecimal() else NO_VERSION
        self.data = self._given(formdata)

    def pre_validate(self, form: Any) -> None:
        """Bring what was said into its one form; what cannot be kept gets its words."""
        try:
            self.data = checked(self.content, self.question, self.data)
        except Refused as refused:
            raise ValidationError(words_of(refused)) from refused

    def _given(self, formdata: Any) -> Given:
        code, comment = formdata.get(f"{self.name}-code"), formdata.get(f"{self.name}-comment", "")
        several = tuple(formdata.getlist(f"{self.name}-supports"))
        match self.question.kind:
            case "scored":
                return Given(code or None, formdata.get(f"{self.name}-reason") or None, several, comment)
            case "single":
                return Given(value={"code": code, "other": comment})
            case "multiple":
                return Given(value={"codes": several, "other": comment})
            case _:
                return Given(value=comment)


def form_class(content: Content, questions: Sequence[QuestionContent]) -> type[FlaskForm]:
    """Give the form of these questions, made once for a published version."""
    name = (content.content_checksum, *(question.key for question in questions))
    found = _made.get(name)
    if found is None:
        fields = {
            question.key: QuestionField(label=question.name.ja, content=content, question=question)
            for question in questions
        }
        found = _made[name] = type("QuestionForm", (FlaskForm,), fields)
    return found


def words_of(refused: Refused) -> str:
    """Say why an answer cannot be kept."""
    return str(WORDS[refused.fault]) % {"limit": refused.limit}


_made: dict[tuple[str, ...], type[FlaskForm]] = {}
