"""A small application that shows the gallery; `python -m tests.gallery.app` serves it on port 8099."""

from pathlib import Path
from typing import Any

from flask import Flask, Response, flash, make_response, redirect, render_template, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.wrappers import Response as BaseResponse

from assessments.questionnaire_content import read
from portal.security import POLICY
from tests.gallery import samples

ROOT = Path(__file__).parents[2]
PAGES = ("forms", "forms-errors", "question", "result", "tables", "dashboard", "parts", "job", "paper")
ERRORS = (400, 403, 404, 405, 409, 413, 429, 500)
NAV = ("調査", "取引先", "リスク", "管理")
ANSWERED = ("implemented", "planned", "not_planned", "unknown")


def create_gallery() -> Flask:
    """Make the application; what it saves lives in its memory."""
    app = Flask("gallery", static_folder=str(ROOT / "portal" / "static"))
    app.config.update(
        SECRET_KEY="only for the gallery", BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "portal/translations")
    )
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent / "templates")]
    )
    app.extensions["saved"] = {}
    app.extensions["polls"] = 0
    CSRFProtect(app)
    Babel(app, default_locale="ja", locale_selector=_language)
    app.context_processor(_context)
    app.after_request(_policy)
    _add_pages(app)
    _add_answers(app)
    return app


def _language() -> str:
    return request.cookies.get("language", "ja")


def _policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _context() -> dict[str, Any]:
    return {
        "language": _language(),
        "organisation_name": "みどり自動車株式会社",
        "signed_in_as": "山田 花子",
        "is_demo": True,
        "home_url": "/",
        "nav": [{"label": label, "url": f"/{label}", "current": label == "リスク"} for label in NAV],
        "footer_links": [{"label": "個人情報の取り扱い", "url": "/parts"}],
    }


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def index() -> str:
        return render_template("gallery/index.html", pages=PAGES, errors=ERRORS)

    @app.get(f"/<any({', '.join(map(repr, PAGES))}):name>")
    def page(name: str) -> str:
        if name == "parts":
            flash("6社に依頼を送りました。", "success")
            flash("1社には届きませんでした。宛先を確認してください。", "warning")
        return render_template(f"gallery/{name.removesuffix('-errors')}.html", **_sample(name))

    @app.get("/error/<int:status>")
    def error(status: int) -> str:
        return render_template(f"errors/{status}.html", reference="4f1c02aa" if status == 500 else None)


def _sample(name: str) -> dict[str, Any]:
    if name.startswith("forms"):
        return {"form": samples.example_form(name.endswith("errors"))}
    if name in {"question", "paper"}:
        return _questions()
    return {
        "heatmap": samples.heatmap(),
        "rates": samples.rates(),
        "steps": samples.FUNNEL,
        "bands": samples.bands,
        "columns": samples.COLUMNS,
        "suppliers": samples.SUPPLIERS,
        "listing": samples.PAGE,
    }


def _questions() -> dict[str, Any]:
    content = read("sanpo-2026")
    domain = next(section for section in content.sections if len(section.questions) == 13)
    codes = (*ANSWERED, *[None] * len(domain.questions))
    return {
        "questions": [samples.question(one, _language()) for one in domain.questions],
        "given": [{"code": code, "supports": ["training"] if code == "planned" else []} for code in codes],
        **samples.choices(content, _language()),
    }


def _add_answers(app: Flask) -> None:
    @app.post("/save/<name>")
    def save(name: str) -> tuple[dict[str, Any], int]:
        kept = app.extensions["saved"].setdefault(name, {"version": 0})
        if int(request.form[f"{name}-version"]) != kept["version"]:
            return {"version": kept["version"], "saved_at": "14:01", "theirs": kept}, 409
        kept.update(
            version=kept["version"] + 1,
            code=request.form.get(f"{name}-code", ""),
            reason=request.form.get(f"{name}-reason", ""),
            supports=request.form.getlist(f"{name}-supports"),
            comment=request.form.get(f"{name}-comment", ""),
        )
        return {"version": kept["version"], "saved_at": "14:02", "answered": 5, "total": 13}, 200

    @app.get("/jobs/1")
    def job() -> dict[str, Any]:
        app.extensions["polls"] += 1
        polls = app.extensions["polls"]
        return {"progress": 40 * polls, "text": f"{polls * 4000:,} / 10,000 行", "finished": polls > 2}

    @app.post("/language", endpoint="public.language")
    def language() -> BaseResponse:
        back = make_response(redirect(request.form["next"]))
        back.set_cookie("language", request.form["language"])
        return back

    @app.post("/out", endpoint="auth.sign_out")
    @app.post("/question")
    def thanks() -> BaseResponse:
        return redirect("/")


if __name__ == "__main__":
    create_gallery().run(port=8099, debug=False)
