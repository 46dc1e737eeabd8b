"""The blueprint of the buyer's risk managers, and who may open it."""

from flask import Blueprint

from assessments.models import Role, Side
from portal.access import guard

READ = frozenset({Role.RISK, Role.LEGAL, Role.AUDITOR, Role.VIEWER})
WRITE = frozenset({Role.RISK})

blueprint = Blueprint("risk", __name__, url_prefix="/risk")
guard(blueprint, side=Side.BUYER, read=READ, write=WRITE)
