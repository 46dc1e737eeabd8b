"""Pages for administrators: users, questionnaires, the local mailbox, the audit trail."""

from portal.admin.routes import blueprint

__all__ = ["blueprint"]
