"""Pages for signing in and out of the buyer's side."""

from portal.auth import views
from portal.auth.routes import blueprint

__all__ = ["blueprint", "views"]
