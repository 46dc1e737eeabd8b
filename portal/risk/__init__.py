"""Pages for the buyer's risk managers: the picture of the chain, one supplier, reviews, proof."""

from portal.risk import (
    confirmations,
    constants,
    dashboard,
    evidence,
    items,
    peers,
    plan,
    proof_sample,
    rescoring,
    reviews,
    schemes,
    sensitivity,
    stars,
    supplier,
    suppliers,
    support,
)
from portal.risk.routes import blueprint

__all__ = [
    "blueprint",
    "confirmations",
    "constants",
    "dashboard",
    "evidence",
    "items",
    "peers",
    "plan",
    "proof_sample",
    "rescoring",
    "reviews",
    "schemes",
    "sensitivity",
    "stars",
    "supplier",
    "suppliers",
    "support",
]
