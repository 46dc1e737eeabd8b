"""Secrets of links and codes: recomputed from a key when needed, never stored."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Keys:
    """The secret in force, and older ones that keep links alive through a rotation."""

    current: bytes
    fallbacks: tuple[bytes, ...] = ()

    def all(self) -> tuple[bytes, ...]:
        """Give the secret in force first, then the older ones."""
        return (self.current, *self.fallbacks)


def fingerprint(token: str) -> str:
    """Give the SHA-256 under which a token is known to the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_token(keys: Keys, purpose: str, public_id: str, generation: int) -> str:
    """Give the token of a link: HMAC-SHA256 over purpose, public id and generation, URL-safe, 43 letters."""
    return _token(keys.current, purpose, public_id, generation)


def known_link_token(
    keys: Keys, purpose: str, public_id: str, generation: int, *, token_hash: str
) -> str | None:
    """Give the token whose SHA-256 the database holds, under the current or an older secret, or None."""
    tokens = (_token(key, purpose, public_id, generation) for key in keys.all())
    return next((token for token in tokens if fingerprint(token) == token_hash), None)


def is_link_token(keys: Keys, token: str, purpose: str, public_id: str, generation: int) -> bool:
    """Tell whether `token` is the one of this purpose, id and generation under any secret still held."""
    given = token.encode()
    return any(
        hmac.compare_digest(given, _token(key, purpose, public_id, generation).encode()) for key in keys.all()
    )


def six_digits(keys: Keys, purpose: str, public_id: str, counter: int) -> str:
    """Give the six-digit code of a counter."""
    return _digits(keys.current, purpose, public_id, counter)


def are_six_digits(keys: Keys, digits: str, purpose: str, public_id: str, counter: int) -> bool:
    """Tell whether `digits` is the code of this counter under any secret still held."""
    return any(
        hmac.compare_digest(digits.encode(), _digits(key, purpose, public_id, counter).encode())
        for key in keys.all()
    )


def new_secret() -> str:
    """Give 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def pseudonym(keys: Keys, subject: str) -> str:
    """Give a name for a person or place that nobody can turn back without the secret."""
    return hmac.new(keys.current, f"pseudonym|{subject}".encode(), hashlib.sha256).hexdigest()[:16]


def _token(key: bytes, purpose: str, public_id: str, generation: int) -> str:
    mac = hmac.new(key, f"{purpose}|{public_id}|{generation}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _digits(key: bytes, purpose: str, public_id: str, counter: int) -> str:
    mac = hmac.new(key, f"{purpose}|{public_id}|{counter}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:8], 'big') % 1_000_000:06d}"
