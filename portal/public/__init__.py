"""Pages for everyone: the front page, the language, what lives."""

from portal.public import views
from portal.public.routes import blueprint

__all__ = ["blueprint", "views"]
