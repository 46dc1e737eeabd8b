"""The provider of the kills tells twice from once: it must, or nothing is proven by it."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.faults.provider import ProviderServer, provider
from tests.faults.taking import Step


@pytest.fixture
def served() -> Iterator[ProviderServer]:
    """Run one that takes no time."""
    with provider(0.0) as server:
        yield server


def test_a_mail_that_comes_again_under_its_key_is_taken_once(served: ProviderServer) -> None:
    assert [_post(served, "key"), _post(served, "key")] == [200, 200]
    assert (len(served.received), served.known_again) == (1, 1)


def test_the_same_mail_under_two_keys_is_taken_twice(served: ProviderServer) -> None:
    assert [_post(served, "one"), _post(served, "two")] == [200, 200]
    assert len(served.received) == 2


def test_a_key_with_other_words_is_refused(served: ProviderServer) -> None:
    _post(served, "key")

    assert _post(served, "key", text="other") == 422
    assert len(served.received) == len(served.came_otherwise) == 1


def test_a_key_that_is_under_way_is_a_conflict(served: ProviderServer) -> None:
    answers: list[int] = []
    again = threading.Thread(target=lambda: answers.append(_post(served, "key")))

    def come_again(_port: int) -> bool:
        again.start()
        return False

    served.pause = 0.5
    served.trap(Step.HANDED_OVER, come_again)

    assert _post(served, "key") == 200
    again.join()

    assert answers == [409]
    assert len(served.received) == 1


def test_what_a_busy_address_is_told_last_is_said_of_a_mail_that_was_taken(served: ProviderServer) -> None:
    told = [_post(served, "key", to="busy.1@aoba.example") for _ in range(4)]

    assert told == [429, 503, 500, 200]
    assert (len(served.received), served.known_again) == (1, 1)


def _post(server: ProviderServer, key: str, *, to: str = "taro@aoba.example", text: str = "") -> int:
    body = json.dumps({"to": to, "text": text, "headers": {"Message-ID": "<1@sanpo>"}}).encode()
    url = server.url.replace("a-key@", "")
    request = urllib.request.Request(url, body, {"Idempotency-Key": key})  # noqa: S310  an address of ours
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
