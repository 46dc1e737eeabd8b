"""The inside of a backup: a compressed tar of manifest, rows, files and, at its end, the sums of all."""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from portal.backup.rows import Digest, Shape
from portal.backup.sealing import BackupRefused, Opener, Sealer

FORMAT = 1
COMPRESSION = 5
BLOCK = 1024 * 1024
MANIFEST, SEAL, SECRET = "manifest.json", "seal.json", "secret"
TABLES, FILES = "tables", "files"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself at its beginning."""

    made_at: str
    version: str
    revision: str
    database: str
    shapes: tuple[Shape, ...]
    has_secret: bool


@dataclass(frozen=True)
class RowsPart:
    """Some rows of a table."""

    table: str
    content: BinaryIO
    into: Digest

    def lines(self) -> bytes:
        """Read it to its end, counted in; a piece is about a megabyte."""
        content = self.content.read()
        self.into.add(content)
        return content

    def drain(self) -> None:
        """Read it to its end for its sum alone."""
        self.lines()


@dataclass(frozen=True)
class FilePart:
    """A file, or the secret."""

    kind: str
    name: str
    content: "Summed"

    def drain(self) -> None:
        """Read it to its end for its sum alone."""
        while self.content.read(BLOCK):
            pass


Part = RowsPart | FilePart


class Packing:
    """Writes the inside of a backup, sealed, from its manifest to its sums."""

    def __init__(self, to: BinaryIO, passphrase: bytes, manifest: Manifest) -> None:
        """Begin with the manifest."""
        self._sealer = Sealer(to, passphrase)
        sealed = cast(BinaryIO, self._sealer)
        self._packed = gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=COMPRESSION, mtime=0)
        self._tar: Any = tarfile.open(fileobj=self._packed, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  closed in finish
        self._sums: dict[str, dict[str, Any]] = {TABLES: {}, FILES: {}}
        self.add(MANIFEST, json.dumps(_told(manifest), ensure_ascii=False).encode())

    def add(self, name: str, content: bytes) -> None:
        """Add one piece that is held in memory."""
        member = tarfile.TarInfo(name)
        member.size = len(content)
        self._tar.addfile(member, io.BytesIO(content))
        self._tar.members = []  # it remembers every piece otherwise

    def add_rows(self, table: str, lines: Iterator[bytes]) -> None:
        """Add the rows of a table in pieces of about a megabyte."""
        digest, number, waiting = Digest(), 0, bytearray()
        for some in lines:
            digest.add(some)
            waiting += some
            if len(waiting) >= BLOCK:
                self.add(f"{TABLES}/{table}/{number:06d}", bytes(waiting))
                number, waiting = number + 1, bytearray()
        if waiting:
            self.add(f"{TABLES}/{table}/{number:06d}", bytes(waiting))
        self._sums[TABLES][table] = digest.told

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it stands on the disk."""
        member = tarfile.TarInfo(f"{FILES}/{name}")
        with path.open("rb") as file:
            member.size = path.stat().st_size
            summed = Summed(file)
            self._tar.addfile(member, summed)
            self._tar.members = []
        self._sums[FILES][name] = summed.told

    def finish(self) -> dict[str, dict[str, Any]]:
        """End with the sums, mark the end, and give the sums."""
        self.add(SEAL, json.dumps(self._sums).encode())
        self._tar.close()
        self._packed.close()
        self._sealer.finish()
        return self._sums


class Unpacking:
    """Reads the inside of a backup once, from the front, and proves it against its sums at the end."""

    def __init__(self, of: BinaryIO, passphrase: bytes) -> None:
        """Read the manifest. Raises BackupRefused."""
        self._packed = gzip.GzipFile(fileobj=cast(BinaryIO, Opener(of, passphrase)), mode="rb")
        with _readable():
            self._tar: Any = tarfile.open(fileobj=self._packed, mode="r|")  # noqa: SIM115  closed with what it reads
            self.manifest = _manifest(self._next_content(MANIFEST))
        self.sums: dict[str, dict[str, Any]] = {}

    def parts(self) -> Iterator[Part]:
        """Give the pieces, each to be read before the next; at the end all must agree with the sums."""
        tables = {shape.name: Digest() for shape in self.manifest.shapes}
        files: dict[str, Summed] = {}
        with _readable():
            while (member := self._tar.next()) is not None and member.name != SEAL:
                self._tar.members = []
                kind, _, name = member.name.partition("/")
                content = self._tar.extractfile(member)
                if content is None:
                    raise BackupRefused(f"the backup holds {member.name}, which is no file")
                if kind == TABLES:
                    table = name.partition("/")[0]
                    if table not in tables:
                        raise BackupRefused(f"the backup holds rows of {table}, of which it does not speak")
                    yield RowsPart(table, content, tables[table])
                else:
                    summed = Summed(content)
                    if kind == FILES:
                        files[name] = summed
                    yield FilePart(kind, name, summed)
            if member is None:
                raise BackupRefused("the backup is damaged: its sums are missing")
            self._finish(member, tables, files)

    def _finish(self, member: tarfile.TarInfo, tables: dict[str, Digest], files: dict[str, "Summed"]) -> None:
        sums = self._tar.extractfile(member)
        self.sums = json.loads(sums.read() if sums else b"")
        while self._packed.read(BLOCK):
            pass  # only the last chunk proves that nothing was cut off
        found = {TABLES: {name: each.told for name, each in tables.items()}}
        found[FILES] = {name: each.told for name, each in files.items()}
        if found != self.sums:
            raise BackupRefused("the backup does not hold what its own sums say")

    def _next_content(self, name: str) -> bytes:
        member = self._tar.next()
        content = None if member is None or member.name != name else self._tar.extractfile(member)
        if content is None:
            raise BackupRefused(f"the backup has no {name}")
        return bytes(content.read())


class Summed:
    """A stream that keeps the sum of what was read from it."""

    def __init__(self, of: BinaryIO) -> None:
        """Take the stream."""
        self._of, self._sum, self._size = of, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        content = self._of.read(size)
        self._sum.update(content)
        self._size += len(content)
        return content

    @property
    def told(self) -> dict[str, Any]:
        """Give length and SHA-256 of what was read."""
        return {"bytes": self._size, "sha256": self._sum.hexdigest()}


class _readable:  # noqa: N801  reads as a clause: with _readable(): …
    """What cannot be read of the inside is damage, in one line."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Turn what the readers of tar, gzip and JSON say into one line."""
        if isinstance(error, tarfile.TarError | zlib.error | EOFError | gzip.BadGzipFile | ValueError):
            raise BackupRefused("the backup is damaged: it cannot be unpacked") from error


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": manifest.made_at,
        "version": manifest.version,
        "revision": manifest.revision,
        "database": manifest.database,
        "has_secret": manifest.has_secret,
        "tables": [{"name": shape.name, "columns": shape.columns} for shape in manifest.shapes],
    }


def _manifest(content: bytes) -> Manifest:
    told = json.loads(content)
    if told.get("format") != FORMAT:
        raise BackupRefused("the backup was made by a newer version: update Sanpo first")
    return Manifest(
        made_at=told["made_at"],
        version=told["version"],
        revision=told["revision"],
        database=told["database"],
        has_secret=told["has_secret"],
        shapes=tuple(
            Shape(table["name"], tuple((name, kind) for name, kind in table["columns"]))
            for table in told["tables"]
        ),
    )
