"""Pages for administrators: users, the organisation, questionnaires, the local mailbox, the audit trail."""

from portal.admin import hours, mailbox, overview, places, trail, users
from portal.admin.routes import blueprint

__all__ = ["blueprint", "hours", "mailbox", "overview", "places", "trail", "users"]
