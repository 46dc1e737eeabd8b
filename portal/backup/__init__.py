"""Backups: one sealed file of all rows and files, in a form that SQLite and PostgreSQL share; and back."""

from portal.backup.drilling import Drilled, drill
from portal.backup.making import Made, make
from portal.backup.restoring import Restored, Verified, restore, verify
from portal.backup.sealing import BackupRefused

__all__ = ["BackupRefused", "Drilled", "Made", "Restored", "Verified", "drill", "make", "restore", "verify"]
