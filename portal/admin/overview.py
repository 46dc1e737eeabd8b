"""The administrators' first page: the organisation's own settings and the questionnaires."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from assessments import audit, organisations, questionnaires
from assessments.content_files import questionnaire_names
from assessments.models import QuestionnaireVersion, Role
from assessments.questionnaire_content import read
from portal import clock, db
from portal.access import actor, require
from portal.admin.forms import OrganisationForm
from portal.admin.routes import blueprint

REFUSED = 422


@blueprint.get("/")
def overview() -> str | Response:
    """Lead to what this person may see."""
    if not actor().has_role(Role.ADMIN):
        return redirect(url_for("admin.trail"))
    organisation = organisations.standing(db.session())
    form = OrganisationForm(obj=organisation)
    return render_template("admin/overview.html", form=form, is_first=organisation is None)


@blueprint.post("/")
def change_organisation() -> Response | tuple[str, int]:
    """Keep the organisation's settings."""
    require(Role.ADMIN)
    form = OrganisationForm()
    if not form.validate_on_submit():
        return render_template("admin/overview.html", form=form, is_first=False), REFUSED
    organisations.change(db.session(), form.facts(), now=clock.now(), by=actor().public_id)
    db.session().commit()
    flash(_("設定を保存しました。"), "success")
    return redirect(url_for("admin.overview"))


@blueprint.get("/questionnaires")
def questionnaire_list() -> str:
    """List what is shipped and what is published."""
    require(Role.ADMIN)
    published = list(
        db.session().scalars(
            select(QuestionnaireVersion)
            .options(selectinload(QuestionnaireVersion.questionnaire))
            .order_by(QuestionnaireVersion.published_at.desc(), QuestionnaireVersion.id.desc())
        )
    )
    standing = {version.content_checksum for version in published}
    shipped = [read(name) for name in questionnaire_names()]
    return render_template(
        "admin/questionnaires.html",
        published=published,
        titles={content.name: content.title for content in shipped},
        waiting=[content for content in shipped if content.content_checksum not in standing],
    )


@blueprint.post("/questionnaires/<name>/publish")
def questionnaire_publish(name: str) -> Response:
    """Publish the shipped content of a questionnaire; the same content again changes nothing."""
    require(Role.ADMIN)
    if name not in questionnaire_names():
        abort(404)
    if questionnaires.standing_version(db.session(), read(name)):
        flash(_("同じ内容は、すでに公開されています。"), "info")
        return redirect(url_for("admin.questionnaire_list"))
    version = questionnaires.publish(db.session(), name, now=clock.now())
    audit.note(
        db.session(), version, "questionnaire.published", now=version.published_at, by=actor().public_id
    )
    db.session().commit()
    flash(_("質問票を公開しました。公開した版の内容は、あとから変わりません。"), "success")
    return redirect(url_for("admin.questionnaire_list"))
