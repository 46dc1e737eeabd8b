"""Pages for the buyer's procurement: the register of suppliers, imports, campaigns."""

from portal.procurement import jobs
from portal.procurement.routes import blueprint

__all__ = ["blueprint", "jobs"]
