"""The blueprint of the buyer's procurement, and who may open it."""

from flask import Blueprint

from assessments.models import Role, Side
from portal.access import guard

READ = frozenset({Role.PROCUREMENT, Role.RISK, Role.LEGAL, Role.AUDITOR})
WRITE = frozenset({Role.PROCUREMENT})

blueprint = Blueprint("procurement", __name__, url_prefix="/procurement")
guard(blueprint, side=Side.BUYER, read=READ, write=WRITE)
