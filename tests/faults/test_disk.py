"""What a power cut leaves: what was synced stands, the rest may be there, in parts, or not."""

import random
from dataclasses import replace
from pathlib import Path

from tests.faults import disk
from tests.faults.disk import SECTOR, Call

FILE = "sanpo.db"
OLD, NEW = b"o" * SECTOR * 2, b"n" * SECTOR * 2


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, data = _escaped("/somewhere/sanpo.db"), _escaped('a"<b')
    (tmp_path / "calls.7").write_text(
        f'1000.5 pwrite64(3<{path}>, "{data}", 4, 8192) = 4 <0.25>\n'
        f"1001.0 fdatasync(3<{path}>) = 0 <0.5>\n"
        "1001.5 +++ exited with 0 +++\n",
        "ascii",
    )
    (tmp_path / "calls.6").write_text(
        f'1000.0 ftruncate(4<{path}>, 512) = 0 <0.1>\n1001.1 unlink("{path}") = 0 <0.1>\n'
        f"1001.2 fdatasync(3<{path}>) = ? <unavailable>\n",
        "ascii",
    )

    assert disk.recorded(tmp_path) == [
        Call(1000.0, 1000.1, "ftruncate", FILE, 512),
        Call(1000.5, 1000.75, "pwrite64", FILE, 8192, b'a"<b', safe_at=1001.5),
        Call(1001.0, 1001.5, "fdatasync", FILE),
        Call(1001.1, 1001.2, "unlink", FILE),
    ]


def test_what_was_synced_stands_and_the_rest_may_be_there() -> None:
    calls = disk.told_when_safe([_write(1.0), _sync(2.0)])

    assert {_left(calls, 3.0, seed) for seed in range(20)} == {NEW}
    half, full = SECTOR, 2 * SECTOR
    parts = {OLD, NEW, NEW[:half] + OLD[half:full], OLD[:half] + NEW[half:full]}
    assert {_left(calls, 2.05, seed) for seed in range(50)} == parts
    assert {_left(calls, 0.5, seed) for seed in range(20)} == {OLD}
    assert [disk.unsynced(calls, moment) for moment in (0.5, 1.5, 2.05, 3.0)] == [0, 1, 1, 0]


def test_only_a_sync_of_the_same_file_that_began_later_makes_safe() -> None:
    others = [_write(1.0), replace(_sync(2.0), file="sanpo.db-wal"), _sync(1.05)]

    assert disk.unsynced(disk.told_when_safe(others), 9.0) == 1


def test_a_file_grows_is_cut_short_and_goes() -> None:
    grown = replace(_write(1.0), place=len(OLD))
    calls = disk.told_when_safe([grown, _sync(2.0), Call(3.0, 3.1, disk.TRUNCATE, FILE, SECTOR)])

    assert _left(calls, 2.5, seed=1) == OLD + NEW
    assert _left(calls, 3.5, seed=1) == OLD[:SECTOR]
    gone = [*calls, Call(4.0, 4.1, disk.REMOVE, FILE)]
    assert disk.after_cut({FILE: OLD}, gone, 5.0, random.Random(1)) == {}  # noqa: S311


def _left(calls: list[Call], moment: float, seed: int) -> bytes:
    return disk.after_cut({FILE: OLD}, calls, moment, random.Random(seed))[FILE]  # noqa: S311


def _write(at: float) -> Call:
    return Call(at, at + 0.1, disk.WRITE, FILE, 0, NEW)


def _sync(at: float) -> Call:
    return Call(at, at + 0.1, "fdatasync", FILE)


def _escaped(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())
