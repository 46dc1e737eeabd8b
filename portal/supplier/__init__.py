"""Pages for a supplier: answering, submitting, the result."""

from portal.supplier import (
    answering,
    declining,
    evidence,
    home,
    peers,
    plan,
    printing,
    result_places,
    results,
    schemes,
    submitting,
    talks,
)
from portal.supplier.routes import blueprint

__all__ = [
    "answering",
    "blueprint",
    "declining",
    "evidence",
    "home",
    "peers",
    "plan",
    "printing",
    "result_places",
    "results",
    "schemes",
    "submitting",
    "talks",
]
