"""Pages for the buyer's risk managers: the picture of the chain, one supplier, reviews, proof."""

from portal.risk import (
    confirmations,
    dashboard,
    evidence,
    items,
    peers,
    proof_sample,
    reviews,
    schemes,
    supplier,
    suppliers,
)
from portal.risk.routes import blueprint

__all__ = [
    "blueprint",
    "confirmations",
    "dashboard",
    "evidence",
    "items",
    "peers",
    "proof_sample",
    "reviews",
    "schemes",
    "supplier",
    "suppliers",
]
