"""The blueprint of administrators, and who may open it."""

from flask import Blueprint

from assessments.models import Role, Side
from portal.access import guard

READ = frozenset({Role.ADMIN, Role.AUDITOR})
WRITE = frozenset({Role.ADMIN})

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
guard(blueprint, side=Side.BUYER, read=READ, write=WRITE)
