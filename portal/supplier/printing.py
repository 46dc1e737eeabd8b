"""Pages to print: all questions before starting, the draft of the answers for the firm's own seals."""

from collections.abc import Callable

from flask import render_template
from flask_babel import gettext as _

from assessments import own_view, parts, responses
from assessments.questionnaire_content import Content
from portal import clock, db
from portal.access import actor
from portal.supplier.own import load
from portal.supplier.question_view import AskedQuestion, asked_questions, offered
from portal.supplier.routes import blueprint


@blueprint.get("/assessments/<public_id>/print")
def print_all(public_id: str) -> str:
    """Show all questions with boxes to tick on paper."""
    own = load(public_id)
    pages = [
        (page, asked_questions(own.content, page, {}, remarks={}, earlier={}))
        for page in own.content.asked(own.assessment.axes)
    ]
    return render_template(
        "supplier/print_all.html",
        own=own,
        pages=pages,
        reasons=offered(own.content.reasons),
        supports=offered(own.content.supports),
        minutes=parts.minutes(own.content, own.assessment.axes),
    )


@blueprint.get("/assessments/<public_id>/draft")
def print_draft(public_id: str) -> str:
    """Show what is answered so far, with boxes for seals."""
    own = load(public_id)
    answers = responses.answers_of(db.session(), own.assessment)
    pages = [
        (page, asked_questions(own.content, page, answers, remarks={}, earlier={}))
        for page in own.content.asked(own.assessment.axes)
    ]
    return render_template(
        "supplier/print_draft.html",
        own=own,
        pages=pages,
        lines=_lines(own.content),
        supplier_name=actor().supplier_name,
        check=own_view.check(own.content, own.assessment, answers),
        printed_at=clock.now(),
    )


def _lines(content: Content) -> Callable[[AskedQuestion], list[str]]:
    """Give what turns an answer into lines of words."""
    answers = {choice.code: choice.label for choice in offered(content.answers)}
    reasons = {choice.code: choice.label for choice in offered(content.reasons)}
    supports = {choice.code: choice.label for choice in offered(content.supports)}

    def lines(one: AskedQuestion) -> list[str]:
        answer = one.answer
        if one.q.kind != "scored":
            chosen = {choice.code: choice.label for choice in one.q.choices}
            codes = [code for code in (answer.code, *answer.supports) if code]
            amount = f"{answer.comment} {one.q.unit}".strip() if answer.comment else ""
            return [*(chosen[code] for code in codes), *([amount] if amount else [])]
        wanted = "、".join(supports[code] for code in answer.supports)
        said = [
            answers.get(answer.code, ""),
            _("理由：%(reason)s", reason=reasons[answer.reason]) if answer.reason else "",
            _("あると助かる支援：%(wanted)s", wanted=wanted) if wanted else "",
            _("ひとこと：%(comment)s", comment=answer.comment) if answer.comment else "",
        ]
        return [str(line) for line in said if line]

    return lines
