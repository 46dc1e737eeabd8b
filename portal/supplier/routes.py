"""The blueprint of a supplier: answering, submitting, the result, and who may open it."""

from flask import Blueprint

from assessments.models import Role, Side
from portal.access import guard

READ = frozenset({Role.RESPONDENT, Role.APPROVER})
WRITE = frozenset({Role.RESPONDENT, Role.APPROVER})

blueprint = Blueprint("supplier", __name__, url_prefix="/supplier")
guard(blueprint, side=Side.SUPPLIER, read=READ, write=WRITE)
