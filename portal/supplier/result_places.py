"""The pages of a result as a row of links: only what is built stands there."""

from collections.abc import Callable

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from portal.navigation import Place
from portal.supplier.routes import blueprint

# The label and the endpoint, which takes the assessment's public id.
PLACES = (
    (_l("結果"), "supplier.result"),
    (_l("点とレベルの内訳"), "supplier.result_arithmetic"),
    (_l("対策の計画"), "supplier.plan"),
    (_l("同業との比較"), "supplier.peers"),
    (_l("公的な制度との対応"), "supplier.schemes"),
    (_l("証跡"), "supplier.evidence"),
)


@blueprint.context_processor
def _places() -> dict[str, Callable[[str], list[Place]]]:
    return {"result_places": result_places}


def result_places(public_id: str) -> list[Place]:
    """Give the pages of an assessment's result, in order."""
    return [
        Place(str(label), url_for(endpoint, public_id=public_id), request.endpoint == endpoint)
        for label, endpoint in PLACES
    ]
