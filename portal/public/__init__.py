"""Pages for everyone: the front page, the language, what lives."""

from portal.public import genuine, views
from portal.public.routes import blueprint

__all__ = ["blueprint", "genuine", "views"]
