"""The comparison itself: every way in which mail server and database can disagree is seen."""

import pytest

from assessments.models import MessageState
from tests.faults.ledger import Findings, Row, compare
from tests.faults.taking import Received

TARO = "taro@aoba.example"
TAKEN = Received(TARO, "<1@sanpo>")


def _row(state: MessageState) -> Row:
    return Row(TARO, "<1@sanpo>", state)


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.UNKNOWN])
def test_what_was_taken_and_is_sent_or_unknown_agrees(state: MessageState) -> None:
    assert not compare([_row(state)], [TAKEN]).faults


@pytest.mark.parametrize("state", [MessageState.UNKNOWN, MessageState.FAILED, MessageState.CANCELLED])
def test_what_was_not_taken_and_is_told_agrees(state: MessageState) -> None:
    assert not compare([_row(state)], []).faults


@pytest.mark.parametrize(
    ("state", "received", "fault"),
    [
        (MessageState.SENT, [], "invented"),
        (MessageState.FAILED, [TAKEN], "denied"),
        (MessageState.CANCELLED, [TAKEN], "denied"),
        (MessageState.SENT, [TAKEN, TAKEN], "twice"),
        (MessageState.UNKNOWN, [TAKEN, TAKEN], "twice"),
        (MessageState.SENT, [TAKEN, Received("jiro@aoba.example", "<1@sanpo>")], "unaccounted"),
        (MessageState.SENT, [Received(TARO, "<2@sanpo>")], "invented"),
        (MessageState.SENDING, [], "open"),
        (MessageState.LEASED, [], "open"),
        (MessageState.QUEUED, [], "open"),
    ],
)
def test_what_disagrees_is_named_by_its_address(
    state: MessageState, received: list[Received], fault: str
) -> None:
    found = compare([_row(state)], received)

    assert getattr(found, fault)
    assert found.faults


def test_two_invitations_to_one_assessment_are_one_too_many() -> None:
    rows = [
        Row(TARO, "<1@sanpo>", MessageState.SENT, invites_to=7),
        Row(TARO, "<2@sanpo>", MessageState.SENT, invites_to=7),
        Row(TARO, "<3@sanpo>", MessageState.SENT, invites_to=8),
        Row(TARO, "<4@sanpo>", MessageState.CANCELLED, invites_to=8),
    ]
    taken = [Received(TARO, f"<{number}@sanpo>") for number in (1, 2, 3)]

    assert compare(rows, taken).twice == [TARO]


def test_whoever_was_never_written_to_is_lost() -> None:
    assert Findings(missing=["a supplier"]).lost == ["a supplier"]
