"""Pages for a supplier: answering, submitting, the result."""

from portal.supplier.routes import blueprint

__all__ = ["blueprint"]
