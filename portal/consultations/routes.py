"""The blueprint of suppliers' talks: their owners are in procurement or risk; others may read."""

from flask import Blueprint

from assessments.models import Role, Side
from portal.access import guard

READ = frozenset({Role.PROCUREMENT, Role.RISK, Role.LEGAL, Role.AUDITOR})
WRITE = frozenset({Role.PROCUREMENT, Role.RISK})

blueprint = Blueprint("consultations", __name__, url_prefix="/risk/consultations")
guard(blueprint, side=Side.BUYER, read=READ, write=WRITE)
