"""The middle ring: records and rules of assessing suppliers. No web, queue or template lives here."""
