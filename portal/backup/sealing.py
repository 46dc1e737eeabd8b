"""Seals a stream under a passphrase: AES-256-GCM in chunks; none can be changed, moved or cut off."""

import hashlib
import hmac
import json
import secrets
import struct
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"SANPOBK1"
CHUNK = 1024 * 1024
TAG = 16
KEY, SALT, PREFIX, PROOF = 32, 16, 7, 32
LONGEST_HEADER = 4096
# Argon2id: 64 MiB and three passes now; no header may ask for so much that it exhausts a machine.
PASSES, MEMORY_KIB, LANES = 3, 64 * 1024, 4
MOST_PASSES, MOST_MEMORY_KIB, MOST_LANES = 10, 1024 * 1024, 16
LENGTH = struct.Struct(">I")
COUNTER = struct.Struct(">IB")


class BackupRefused(Exception):
    """A backup cannot be made, read or restored; its text is one line for the operator."""


@dataclass(frozen=True)
class Header:
    """What must be known before the passphrase is of use: how the key is derived."""

    salt: str
    prefix: str
    passes: int = PASSES
    memory_kib: int = MEMORY_KIB
    lanes: int = LANES


class Sealer:
    """Takes bytes and writes them sealed; `finish` marks the last chunk, without which nothing opens."""

    def __init__(self, to: BinaryIO, passphrase: bytes) -> None:
        """Write the header."""
        header = Header(salt=secrets.token_hex(SALT), prefix=secrets.token_hex(PREFIX))
        words = json.dumps(asdict(header)).encode()
        key, proof = _keys(header, passphrase, words)
        self._to, self._cipher, self._bound = to, AESGCM(key), hashlib.sha256(words).digest()
        self._prefix, self._number = bytes.fromhex(header.prefix), 0
        self._waiting = bytearray()
        to.write(MAGIC + LENGTH.pack(len(words)) + words + proof)

    def write(self, content: bytes) -> int:
        """Take bytes; whole chunks are written at once."""
        self._waiting += content
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        return len(content)

    def flush(self) -> None:
        """A chunk is written when it is full."""

    def finish(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        nonce = self._prefix + COUNTER.pack(self._number, is_last)
        sealed = self._cipher.encrypt(nonce, content, self._bound)
        self._to.write(LENGTH.pack(len(sealed) | (is_last << 31)) + sealed)
        self._number += 1


class Opener:
    """Gives back what was sealed, chunk by chunk, each proven before it is given. Raises BackupRefused."""

    def __init__(self, of: BinaryIO, passphrase: bytes) -> None:
        """Read the header and see whether the passphrase fits."""
        header, words, proof = _read_header(of)
        key, wanted = _keys(header, passphrase, words)
        if not hmac.compare_digest(proof, wanted):
            raise BackupRefused("the passphrase does not fit this backup")
        self._of, self._cipher, self._bound = of, AESGCM(key), hashlib.sha256(words).digest()
        self._prefix, self._number = bytes.fromhex(header.prefix), 0
        self._ready = bytearray()
        self._is_over = False

    def read(self, size: int = -1) -> bytes:
        """Give up to so many bytes, or all that are left; nothing at the end."""
        while not self._is_over and (size < 0 or len(self._ready) < size):
            self._open_next()
        taken = len(self._ready) if size < 0 else size
        content = bytes(self._ready[:taken])
        del self._ready[:taken]
        return content

    def _open_next(self) -> None:
        (length,) = LENGTH.unpack(_exactly(self._of, LENGTH.size))
        is_last, length = bool(length >> 31), length & 0x7FFFFFFF
        if not TAG <= length <= CHUNK + TAG:
            raise _damaged()
        sealed = _exactly(self._of, length)
        nonce = self._prefix + COUNTER.pack(self._number, is_last)
        try:
            self._ready += self._cipher.decrypt(nonce, sealed, self._bound)
        except InvalidTag as error:
            raise _damaged() from error
        self._number += 1
        self._is_over = is_last
        if is_last and self._of.read(1):
            raise _damaged()


def _read_header(of: BinaryIO) -> tuple[Header, bytes, bytes]:
    if of.read(len(MAGIC)) != MAGIC:
        raise BackupRefused("this is not a backup of Sanpo")
    (length,) = LENGTH.unpack(_exactly(of, LENGTH.size))
    if length > LONGEST_HEADER:
        raise _damaged()
    words = _exactly(of, length)
    proof = _exactly(of, PROOF)
    try:
        header = Header(**json.loads(words))
        is_sane = _is_sane(header)
    except (ValueError, TypeError) as error:
        raise _damaged() from error
    if not is_sane:
        raise _damaged()
    return header, words, proof


def _is_sane(header: Header) -> bool:
    return (
        len(bytes.fromhex(header.salt)) == SALT
        and len(bytes.fromhex(header.prefix)) == PREFIX
        and 1 <= header.passes <= MOST_PASSES
        and 1 <= header.lanes <= MOST_LANES
        and 8 * header.lanes <= header.memory_kib <= MOST_MEMORY_KIB
    )


def _keys(header: Header, passphrase: bytes, words: bytes) -> tuple[bytes, bytes]:
    """Give the key, and the proof of it that stands in the file: it tells a wrong passphrase from damage."""
    derived = hash_secret_raw(
        secret=passphrase,
        salt=bytes.fromhex(header.salt),
        time_cost=header.passes,
        memory_cost=header.memory_kib,
        parallelism=header.lanes,
        hash_len=2 * KEY,
        type=Type.ID,
    )
    return derived[:KEY], hmac.digest(derived[KEY:], words, "sha256")


def _exactly(of: BinaryIO, size: int) -> bytes:
    content: Any = of.read(size)
    if len(content) != size:
        raise BackupRefused("the backup is cut off: part of it is missing")
    return bytes(content)


def _damaged() -> BackupRefused:
    return BackupRefused("the backup is damaged: what it holds is not what was written")
