"""Pages behind a mailed link: ask for a code, come in, or learn whom to call."""

from portal.entry import views
from portal.entry.routes import blueprint

__all__ = ["blueprint", "views"]
