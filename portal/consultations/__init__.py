"""Pages for whoever at the buyer answers suppliers' talks about cost and timing."""

from portal.consultations import views
from portal.consultations.routes import blueprint

__all__ = ["blueprint", "views"]
