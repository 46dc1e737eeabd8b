"""The public schemes beside the supplier's own answers, and what it declared in SECURITY ACTION."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from assessments import declarations, questionnaires, results
from assessments.models import AssessmentResult, User
from portal import clock, db, filters
from portal.access import actor
from portal.declaration_form import DeclarationForm, declaration_form
from portal.scheme_view import shown_schemes
from portal.supplier.own import Own, load
from portal.supplier.question_view import number
from portal.supplier.routes import blueprint

REFUSED = 422


@blueprint.get("/assessments/<public_id>/result/schemes")
def schemes(public_id: str) -> str:
    """Show how far the answers go towards the public schemes."""
    own = load(public_id)
    return _page(own, declaration_form(declarations.current(db.session(), own.assessment.supplier_id)))


@blueprint.post("/assessments/<public_id>/security-action")
def tell_declaration(public_id: str) -> Response | tuple[str, int]:
    """Keep what the supplier says it declared."""
    own, form = load(public_id), DeclarationForm()
    if not form.validate_on_submit():
        return _page(own, form), REFUSED
    declarations.tell(
        db.session(),
        own.assessment.supplier,
        form.told(),
        now=clock.now(),
        today=clock.today(str(filters.zone())),
        by=db.session().get_one(User, actor().user_id),
    )
    db.session().commit()
    flash(_("宣言の様子を保存しました。結果の点は変わりません。"), "success")
    return redirect(url_for("supplier.schemes", public_id=public_id))


def _page(own: Own, form: DeclarationForm) -> str:
    session, assessment = db.session(), own.assessment
    row = session.scalar(
        select(AssessmentResult).where(
            AssessmentResult.id == assessment.current_result_id,
            AssessmentResult.supplier_id == assessment.supplier_id,
        )
    ) or abort(404)
    content = questionnaires.published(session, row.version_id).content
    shown = shown_schemes(
        content,
        results.answers_of(content, row),
        declarations.current(session, assessment.supplier_id),
    )
    return render_template("supplier/schemes.html", own=own, form=form, shown=shown, number=number)
