"""Answering: one page a domain, saved as a whole by its buttons and question by question by the script."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from assessments import own_view, responses
from assessments.models import Answer
from assessments.questionnaire_content import SectionContent
from assessments.responses import AlreadySubmitted, Changed, HasDeclined, NoLongerOpen, NotAsked, NoticeFirst
from portal import clock, db, filters
from portal.access import actor
from portal.question_form import form_class
from portal.supplier.own import Own, load, to_notice
from portal.supplier.question_view import asked_questions, offered, shown_answer
from portal.supplier.routes import blueprint

CONFLICT, REFUSED = 409, 422


@blueprint.get("/assessments/<public_id>/pages/<section>")
def section(public_id: str, section: str) -> str | Response:
    """Show one page of questions."""
    own = load(public_id)
    page = _page(own, section)
    if not own.has_seen_notice:
        return to_notice(own)
    if not own.is_open:
        return redirect(url_for("supplier.assessment", public_id=public_id))
    return _render(own, page, typed=None)


@blueprint.post("/assessments/<public_id>/pages/<section>")
def save_page(public_id: str, section: str) -> Response | tuple[str, int]:
    """Keep all answers of a page, and go where the button leads; what cannot be kept stays on the page."""
    own = load(public_id)
    page = _page(own, section)
    form = form_class(own.content, page.questions)()
    form.validate()
    _keep(own, form)
    db.session().commit()
    if form.errors:
        return _render(own, page, typed=form), REFUSED
    return _after_saving(own, page)


@blueprint.post("/assessments/<public_id>/questions/<key>")
def save_question(public_id: str, key: str) -> tuple[Response, int]:
    """Keep one answer as it is given; tells its new version, or what stands in the way."""
    own = load(public_id)
    question = own.content.by_key.get(key) or abort(404)
    form = form_class(own.content, [question])()
    if not form.validate():
        return _message(
            form.errors[key][0] if form.errors.get(key) else _("読み込みなおしてください。"), REFUSED
        )
    try:
        version = _answer(own, form, key)
    except Changed as changed:
        return _theirs(changed.standing), CONFLICT
    except NotAsked:
        abort(404)
    except (AlreadySubmitted, HasDeclined, NoLongerOpen, NoticeFirst):
        return _message(_("この調査には、いまは回答を保存できません。一覧の画面でご確認ください。"), CONFLICT)
    page = own.content.section_by_key[question.section]
    saved = {"version": version, "saved_at": filters.clock_time(clock.now()), **_progress(own, page)}
    db.session().commit()
    return jsonify(saved), 200


def _page(own: Own, key: str) -> SectionContent:
    asked = {page.key: page for page in own.content.asked(own.assessment.axes)}
    return asked.get(key) or abort(404)


def _answer(own: Own, form: FlaskForm, key: str) -> int:
    field = form[key]
    return responses.answer(
        db.session(),
        own.assessment,
        key,
        field.data,
        expected=field.expected,
        now=clock.now(),
        by=actor().user_id,
    )


def _keep(own: Own, form: FlaskForm) -> None:
    """Keep the fields that hold; a lost race becomes an error at its field."""
    responses.answers_of(db.session(), own.assessment)
    for field in form:
        if getattr(field, "is_posted", False) and not field.errors:
            try:
                _answer(own, form, field.name)
            except Changed as changed:
                field.errors = [
                    _(
                        "別の画面で先に変更されていました。いまの画面の内容でよければ、もう一度保存してください。"
                    )
                ]
                field.expected = changed.standing.revision


def _after_saving(own: Own, page: SectionContent) -> Response:
    keys = [one.key for one in own.content.asked(own.assessment.axes)]
    place = keys.index(page.key)
    step = {"previous": place - 1, "next": place + 1}.get(request.form.get("to", ""), place)
    if step == place:
        flash(_("保存しました。"), "success")
    if step < 0:
        return redirect(url_for("supplier.assessment", public_id=own.public_id))
    if step >= len(keys):
        return redirect(url_for("supplier.check", public_id=own.public_id))
    return redirect(url_for("supplier.section", public_id=own.public_id, section=keys[step]))


def _render(own: Own, page: SectionContent, *, typed: FlaskForm | None) -> str:
    answers = responses.answers_of(db.session(), own.assessment)
    review = own_view.latest_review(db.session(), own.assessment, own.published)
    remarks = review.remarks if review else {}
    given = {key for key, row in answers.items() if responses.given_of(row).is_answer}
    pages = own_view.sections(own.content, own.assessment.axes, given, remarks)
    here = next(one for one in pages if one.key == page.key)
    earlier = own_view.earlier_answers(db.session(), own.assessment, own.published) if page.axis else {}
    fields = (
        {name: field for name, field in typed._fields.items() if hasattr(field, "is_posted")}
        if typed
        else None
    )
    return render_template(
        "supplier/section.html",
        own=own,
        page=page,
        here=here,
        has_errors=typed is not None,
        is_last=pages[-1].key == page.key,
        questions=asked_questions(own.content, page, answers, remarks=remarks, earlier=earlier, typed=fields),
        reasons=offered(own.content.reasons),
        supports=offered(own.content.supports),
        save_url=_save_url(own),
    )


def _save_url(own: Own) -> Callable[[str], str]:
    """Give the address to save a question; built once, as a page has many."""
    pattern = url_for("supplier.save_question", public_id=own.public_id, key="KEY")
    return lambda key: pattern.replace("KEY", key)


def _progress(own: Own, page: SectionContent) -> dict[str, int]:
    required = {own.published.ids[question.key] for question in page.questions if question.required}
    return {
        "answered": responses.count_answered(db.session(), own.assessment, required),
        "total": len(required),
    }


def _message(words: Any, status: int) -> tuple[Response, int]:
    return jsonify({"message": str(words)}), status


def _theirs(standing: Answer) -> Response:
    shown = shown_answer(responses.given_of(standing), standing.revision)
    return jsonify(
        {
            "version": standing.revision,
            "saved_at": filters.clock_time(standing.answered_at),
            "theirs": {
                "code": shown.code,
                "reason": shown.reason,
                "supports": list(shown.supports),
                "comment": shown.comment,
            },
        }
    )
