"""`sanpo demo` as an operator types it: all of the demo or nothing, and only where it may be."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assessments.demo.build import build
from portal import demo
from portal.cli import main

FEW = ("demo", "--suppliers", "10")


def _typed(folder: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"SANPO_DATA_DIR": str(folder), **environment})


def test_a_demo_stopped_half_way_is_loaded_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*arguments: Any, **facts: Any) -> Iterator[str]:
        for step in build(*arguments, **facts):
            yield step
            if step == "last_year":
                raise RuntimeError("somebody pulled the plug")

    with monkeypatch.context() as patched:
        patched.setattr(demo, "build", killed)
        assert "somebody pulled the plug" in _typed(tmp_path, *FEW).stderr

    assert _typed(tmp_path, *FEW).stdout.startswith("Loaded 10 suppliers.\n")
    assert _typed(tmp_path, *FEW).stdout.startswith("The demo is already there.\n")


def test_what_the_demo_keeps_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    _typed(folder, *FEW)

    kept = [path for path in folder.iterdir() if path.is_file()]

    assert {path.name for path in kept} >= {"sanpo.db", demo.SIGN_INS, "secret"}
    assert [path.name for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_a_public_address_of_others_gets_no_demo(tmp_path: Path) -> None:
    refused = _typed(tmp_path, *FEW, SANPO_PUBLIC_URL="https://sanpo.buyer.example")

    assert refused.exit_code == 1
    assert "the demo is for this machine alone" in refused.stderr
