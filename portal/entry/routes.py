"""The blueprint of mailed links; open to everyone, and the same for every token until a code is redeemed."""

from flask import Blueprint

from portal.access import guard_open

blueprint = Blueprint("entry", __name__, url_prefix="/s")
guard_open(blueprint)
