"""Passwords and one-time codes of the buyer's users: what is good enough, and whether it matches."""

import base64
import hashlib
import hmac
import re
import unicodedata
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from assessments.tokens import Keys

SHORTEST, LONGEST = 15, 256
FEWEST_LETTERS = 6
FEWEST_OWN = 4
# What everybody tries first, however often repeated.
COMMON = ("password", "1234567", "7654321", "qwerty", "abcdefg", "sanpo")
STEP_SECONDS = 30

# OWASP's choice for two cores: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password, it only takes as long as a real one")


def weakness(password: str, *, known: list[str]) -> str | None:
    """Tell why a password will not do: `short`, `long`, `same`, `common`, `known` (holds a name), or None."""
    folded = _folded(password)
    if len(folded) < SHORTEST:
        return "short"
    if len(folded) > LONGEST:
        return "long"
    if len(set(folded)) < FEWEST_LETTERS:
        return "same"
    if any(words in folded for words in COMMON):
        return "common"
    parts = [part for text in known for part in re.split(r"[\W_]+", _folded(text))]
    return "known" if any(len(part) >= FEWEST_OWN and part in folded for part in parts) else None


def hashed(password: str) -> str:
    """Give the Argon2id hash to keep."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one kept; takes as long where nobody is known."""
    try:
        _hasher.verify(kept or _NOBODY, unicodedata.normalize("NFKC", password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None


def totp_secret_of(keys: Keys, public_id: str, enrolment: int) -> str:
    """Give the authenticator secret offered under one enrolment link (160 bits, base 32), without a row."""
    mac = hmac.new(keys.current, f"totp|{public_id}|{enrolment}".encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:20]).decode()


def totp_address(secret: str, *, email: str, issuer: str) -> str:
    """Give the otpauth:// address that a QR code shows."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def totp_step(secret: str, digits: str, *, now: datetime, last_step: int | None) -> int | None:
    """Give the 30-second step a code belongs to (one earlier is taken too), or None; each step works once."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (present, present - 1):
        is_new = last_step is None or step > last_step
        if is_new and pyotp.utils.strings_equal(digits, totp.at(step * STEP_SECONDS)):
            return step
    return None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
