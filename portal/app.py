"""Makes the web application out of settings: extensions, guards, pages."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_babel import Babel
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from jinja2 import FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from assessments import organisations
from portal import (
    access,
    admin,
    assets,
    auth,
    consultations,
    db,
    entry,
    errors,
    filters,
    navigation,
    procurement,
    public,
    risk,
    security,
    supplier,
)
from portal.db import Database
from portal.settings import Settings

ROOT = Path(__file__).parent.parent
LANGUAGES = ("ja", "en")
LANGUAGE_COOKIE = "sanpo_language"
MEGABYTE = 1024 * 1024
BLUEPRINTS = (public, auth, entry, procurement, supplier, risk, consultations, admin)


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Make the application; connects to nothing before the first request."""
    app = Flask("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"))
    app.config.update(_configuration(settings))
    app.extensions["sanpo_settings"] = settings
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(template_cache(settings)))
    db.init_app(app, database or Database(settings.database_url))
    CSRFProtect(app)
    Babel(app, default_locale="ja", default_timezone="Asia/Tokyo", locale_selector=_language)
    login = LoginManager(app)
    access.init_login(login)
    security.init_app(app, settings)
    assets.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    app.before_request(_organisation)
    for audience in BLUEPRINTS:
        app.register_blueprint(audience.blueprint)
    errors.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    return app


def template_cache(settings: Settings) -> Path:
    """Give, and make, where compiled templates are kept, so that no process compiles them anew."""
    folder = settings.data_dir / "templates"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _configuration(settings: Settings) -> dict[str, object]:
    prefix = "__Host-" if settings.is_https else ""
    return {
        "SECRET_KEY": settings.keys.current,
        "SECRET_KEY_FALLBACKS": list(settings.keys.fallbacks),
        "SESSION_COOKIE_NAME": f"{prefix}sanpo_form",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": urlsplit(settings.public_url).scheme,
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "MAX_CONTENT_LENGTH": 30 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": 2 * MEGABYTE,
        "MAX_FORM_PARTS": 2_000,
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "portal" / "translations"),
    }


def _language() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES) or "ja"


def _organisation() -> None:
    if request.endpoint not in {"static", "public.alive", "public.ready"}:
        g.organisation = organisations.in_force(db.session())
