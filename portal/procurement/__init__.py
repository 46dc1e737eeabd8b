"""Pages for the buyer's procurement: the register of suppliers, imports, campaigns."""

from portal.procurement import (
    campaign_acts,
    campaign_addresses,
    campaign_course,
    campaign_decline,
    campaign_draft,
    campaign_notice,
    campaigns,
    contact_notes,
    jobs,
    mails,
    supplier_contacts,
    supplier_edit,
    supplier_imports,
    supplier_relationships,
    suppliers,
)
from portal.procurement.routes import blueprint

__all__ = [
    "blueprint",
    "campaign_acts",
    "campaign_addresses",
    "campaign_course",
    "campaign_decline",
    "campaign_draft",
    "campaign_notice",
    "campaigns",
    "contact_notes",
    "jobs",
    "mails",
    "supplier_contacts",
    "supplier_edit",
    "supplier_imports",
    "supplier_relationships",
    "suppliers",
]
