"""Pages for the buyer's risk managers: the picture of the chain, one supplier, reviews."""

from portal.risk import dashboard, items, reviews, schemes, supplier, suppliers
from portal.risk.routes import blueprint

__all__ = ["blueprint", "dashboard", "items", "reviews", "schemes", "supplier", "suppliers"]
