"""What was written to files, call by call, and what a power cut at a moment would have left of them."""

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

WRITE, TRUNCATE, REMOVE, SYNC = "pwrite64", "ftruncate", "unlink", frozenset({"fsync", "fdatasync"})
TRACED = ",".join((WRITE, TRUNCATE, REMOVE, *sorted(SYNC)))
LONGEST_WRITE, SECTOR = 70_000, 512
LINE = re.compile(r"(?P<at>[\d.]+) (?P<call>\w+)\((?P<given>.*)\)\s+= \d+ <(?P<took>[\d.]+)>")
TEXT = re.compile(r'[<"]([^>"]*)[>"]')


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it began and ended, in seconds since 1970, and what it did to a file where.

    From `safe_at` on its file has been synced.
    """

    began: float
    ended: float
    kind: str
    file: str
    place: int = 0
    data: bytes = b""
    safe_at: float = math.inf


def recording(directory: Path, files: Sequence[Path]) -> list[str]:
    """Give the words before a command that have its writes to some files recorded in a directory."""
    only = [word for file in files for word in ("-P", str(file))]
    how = [
        "-D",
        "-ff",
        "--seccomp-bpf",
        "-ttt",
        "-T",
        "-y",
        "-xx",
        "-s",
        str(LONGEST_WRITE),
        "-e",
        "signal=none",
    ]
    return ["strace", *how, "-e", f"trace={TRACED}", *only, "-o", str(directory / "calls"), "--"]


def recorded(directory: Path) -> list[Call]:
    """Give what was recorded, in the order in which it began; a call that did not return is none."""
    lines = (line for file in directory.glob("calls.*") for line in file.read_text("ascii").splitlines())
    return told_when_safe([_call(match) for line in lines if (match := LINE.fullmatch(line))])


def told_when_safe(calls: Sequence[Call]) -> list[Call]:
    """Give calls in the order in which they began, and from when on each is safe."""
    ordered, syncs = sorted(calls, key=lambda one: one.began), [one for one in calls if one.kind in SYNC]

    def safe_at(call: Call) -> float:
        later = (one.ended for one in syncs if one.file == call.file and one.began >= call.ended)
        return min(later, default=math.inf)

    return [replace(one, safe_at=safe_at(one)) if one.kind == WRITE else one for one in ordered]


def after_cut(
    files: Mapping[str, bytes], calls: Sequence[Call], moment: float, rng: random.Random
) -> dict[str, bytes]:
    """Give the files as a power cut leaves them: what was synced stands, of the rest any sectors may.

    `files` are those that stood before the first call, by name.
    """
    left = {name: bytearray(content) for name, content in files.items()}
    for call in (one for one in calls if one.began <= moment and one.kind not in SYNC):
        if call.kind == REMOVE:
            left.pop(call.file, None)
        elif call.kind == TRUNCATE:
            _resize(left.setdefault(call.file, bytearray()), call.place)
        else:
            for place, sector in _sectors(call):
                if call.safe_at <= moment or rng.random() < 1 / 2:
                    _put(left.setdefault(call.file, bytearray()), place, sector)
    return {name: bytes(content) for name, content in left.items()}


def unsynced(calls: Sequence[Call], moment: float) -> int:
    """Count the writes that a power cut at a moment may undo."""
    return sum(one.kind == WRITE and one.began <= moment < one.safe_at for one in calls)


def _sectors(call: Call) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(call.data), SECTOR):
        yield call.place + start, call.data[start : start + SECTOR]


def _put(content: bytearray, place: int, data: bytes) -> None:
    _resize(content, max(len(content), place + len(data)))
    content[place : place + len(data)] = data


def _resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def _call(found: re.Match[str]) -> Call:
    texts, numbers = TEXT.findall(found["given"]), re.findall(r", (\d+)", found["given"])
    began = float(found["at"])
    return Call(
        began,
        began + float(found["took"]),
        found["call"],
        Path(_bytes(texts[0]).decode()).name,
        int(numbers[-1]) if numbers else 0,
        _bytes(texts[1]) if found["call"] == WRITE else b"",
    )


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))
