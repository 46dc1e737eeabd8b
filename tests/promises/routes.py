"""What the promises know of routes: every rule with a path that fits it, and whom it is for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assessments.models import Role

OPEN_BLUEPRINTS = frozenset({"public", "auth", "entry"})
SUPPLIER_ROLES = frozenset({Role.RESPONDENT, Role.APPROVER})
BUYER_ROLES = tuple(role for role in Role if role not in SUPPLIER_ROLES)
UNKNOWN_ID = "0" * 20
# <any(csv, xlsx):kind>, <int:generation>, <public_id>: what they want, and their name.
_PART = re.compile(r"<(?:(?P<converter>\w+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Route:
    """One rule under one method."""

    endpoint: str
    rule: str
    method: str

    @property
    def blueprint(self) -> str:
        """The blueprint it belongs to."""
        return self.endpoint.split(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parts that vary."""
        return tuple(part["name"] for part in _PART.finditer(self.rule))

    def path(self, fill: Callable[[str, str], str] | None = None) -> str:
        """A path that fits; `fill` gives the value of a name after the segment before it."""

        def part(found: re.Match[str]) -> str:
            if found["options"]:
                return found["options"].split(",")[0].strip()
            if found["converter"] == "int":
                return "1"
            before = self.rule[: found.start()].rstrip("/").rsplit("/", 1)[-1]
            return fill(found["name"], before) if fill else UNKNOWN_ID

        return _PART.sub(part, self.rule)

    def open(self, client: FlaskClient, fill: Callable[[str, str], str] | None = None) -> TestResponse:
        """Ask for it as this client."""
        return client.open(self.path(fill), method=self.method)


def routes(app: Flask) -> list[Route]:
    """Give every route of the application but the static files."""
    return [
        Route(rule.endpoint, rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if rule.endpoint != "static"
    ]


def guarded(app: Flask) -> list[Route]:
    """Give the routes that ask who is there."""
    return [route for route in routes(app) if route.blueprint not in OPEN_BLUEPRINTS]


def of_the_supplier(app: Flask) -> list[Route]:
    """Give the routes for people of a supplier."""
    return [route for route in guarded(app) if route.blueprint == "supplier"]


def of_the_buyer(app: Flask) -> list[Route]:
    """Give the routes for the buyer's users."""
    return [route for route in guarded(app) if route.blueprint != "supplier"]


def by_noun(ids: Mapping[str, str]) -> Callable[[str, str], str]:
    """Fill a `public_id` by the word before it in the path, anything else by its own name."""

    def fill(name: str, before: str) -> str:
        return ids.get(before if name == "public_id" else name, UNKNOWN_ID)

    return fill
