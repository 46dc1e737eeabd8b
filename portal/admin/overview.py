"""The administrators' first page: the organisation's own settings and the questionnaires."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from assessments import audit, questionnaires
from assessments.content_files import questionnaire_names
from assessments.models import Organisation, QuestionnaireVersion, Role
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
    return render_template("admin/overview.html", form=OrganisationForm(obj=_organisation()))


@blueprint.post("/")
def change_organisation() -> Response | tuple[str, int]:
    """Keep the organisation's settings."""
    require(Role.ADMIN)
    form, organisation = OrganisationForm(), _organisation()
    if not form.validate_on_submit():
        return render_template("admin/overview.html", form=form), REFUSED
    changed = [
        name
        for name, value in form.data.items()
        if name != "csrf_token" and getattr(organisation, name) != value
    ]
    form.populate_obj(organisation)
    _note("organisation_changed", "organisation", str(organisation.id), fields=changed)
    db.session().commit()
    flash(_("設定を保存しました。"), "success")
    return redirect(url_for("admin.overview"))


@blueprint.get("/questionnaires")
def questionnaire_list() -> str:
    """List what is shipped and what is published."""
    require(Role.ADMIN)
    versions = db.session().scalars(
        select(QuestionnaireVersion).order_by(QuestionnaireVersion.published_at.desc())
    )
    published = list(versions)
    standing = {version.content_checksum for version in published}
    shipped = [read(name) for name in questionnaire_names()]
    return render_template(
        "admin/questionnaires.html",
        published=published,
        waiting=[content for content in shipped if content.content_checksum not in standing],
    )


@blueprint.post("/questionnaires/<name>/publish")
def questionnaire_publish(name: str) -> Response | tuple[str, int]:
    """Publish the shipped content of a questionnaire; the same content again changes nothing."""
    require(Role.ADMIN)
    if name not in questionnaire_names():
        return render_template("errors/404.html"), 404
    version = questionnaires.publish(db.session(), name, now=clock.now())
    _note("questionnaire_published", "questionnaire_version", version.public_id, fields=[])
    db.session().commit()
    flash(_("質問票を公開しました。公開した版の内容は、あとから変わりません。"), "success")
    return redirect(url_for("admin.questionnaire_list"))


def _organisation() -> Organisation:
    return db.session().scalars(select(Organisation).limit(1)).one()


def _note(action: str, kind: str, public_id: str, *, fields: list[str]) -> None:
    audit.record(
        db.session(),
        now=clock.now(),
        actor=actor().public_id,
        action=action,
        object_kind=kind,
        object_id=public_id,
        details={"fields": fields} if fields else {},
    )
