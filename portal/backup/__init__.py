"""Backups: one sealed file of all rows and files, in a form that SQLite and PostgreSQL share; and back."""

from portal.backup.making import Made, make
from portal.backup.restoring import Restored, Verified, restore, verify
from portal.backup.sealing import BackupRefused

__all__ = ["BackupRefused", "Made", "Restored", "Verified", "make", "restore", "verify"]
