"""Pages for a supplier: answering, submitting, the result."""

from portal.supplier import answering, home, printing, result_places, results, schemes, submitting, talks
from portal.supplier.routes import blueprint

__all__ = [
    "answering",
    "blueprint",
    "home",
    "printing",
    "result_places",
    "results",
    "schemes",
    "submitting",
    "talks",
]
