"""The blueprint of pages open to everyone, which reveal nothing of anybody."""

from flask import Blueprint

from portal.access import guard_open

blueprint = Blueprint("public", __name__)
guard_open(blueprint)
