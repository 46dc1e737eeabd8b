"""Logs are JSON lines in which no token, address or link can be read."""

import io
import json
import logging as standard
import sys
from collections.abc import Iterator

import pytest
import structlog

from portal import logging

TOKEN = "o02HsFKa9O91XMVKcjia_kshBozlYS5WMt3PrHz18lo"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What was written to the log."""
    stream, before = io.StringIO(), list(standard.root.handlers)
    monkeypatch.setattr(sys, "stderr", stream)
    logging.set_up("tests")
    yield stream
    standard.root.handlers[:] = before
    structlog.reset_defaults()


def test_an_event_is_one_line_of_json(written: io.StringIO) -> None:
    structlog.get_logger().info("mail ended", message=7, ending="refused")

    line = json.loads(written.getvalue())
    assert (line["event"], line["message"], line["ending"]) == ("mail ended", 7, "refused")
    assert (line["level"], line["process"]) == ("info", "tests")


@pytest.mark.parametrize(
    "secret", [TOKEN, "taro@aoba.example", f"/s/{TOKEN}/consultation", f"http://localhost/s/{TOKEN}"]
)
def test_tokens_addresses_and_links_are_masked_wherever_they_stand(written: io.StringIO, secret: str) -> None:
    log = structlog.get_logger()
    log.warning(f"about {secret}", inner={"list": [secret]})
    standard.getLogger("elsewhere").warning("about %s", secret)
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("failed")

    text = written.getvalue()
    assert len(text.splitlines()) == 3
    assert TOKEN not in text
    assert "taro@aoba" not in text


def test_ordinary_words_stay(written: io.StringIO) -> None:
    structlog.get_logger().info("serving", path="/procurement/campaigns/0123456789abcdef0123", count=3)

    assert "/procurement/campaigns/0123456789abcdef0123" in written.getvalue()
