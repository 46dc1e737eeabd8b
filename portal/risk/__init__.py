"""Pages for the buyer's risk managers: the picture of the chain, one supplier, reviews."""

from portal.risk import constants, dashboard, items, peers, rescoring, reviews, schemes, sensitivity, stars, supplier, suppliers
from portal.risk.routes import blueprint

__all__ = ["blueprint", "dashboard", "items", "peers", "reviews", "schemes", "supplier", "suppliers"]
