"""Pages for the buyer's risk managers: the picture of the chain, one supplier, reviews."""

from portal.risk.routes import blueprint

__all__ = ["blueprint"]
