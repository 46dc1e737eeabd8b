"""The blueprint of signing in and out of the buyer's side; open, and revealing nothing of anybody."""

from flask import Blueprint

from portal.access import guard_open

blueprint = Blueprint("auth", __name__, url_prefix="/sign-in")
guard_open(blueprint)
