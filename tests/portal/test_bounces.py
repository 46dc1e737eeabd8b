"""Reports of undeliverable mail: read as mail servers write them, and nothing else is taken for one."""

import pytest

from portal import bounces
from portal.bounces import NotAReport
from tests import reports

ID = "<0123456789abcdef0123456789abcdef01234567@sanpo.buyer.example>"


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (reports.postfix(ID), "550 5.1.1 "),
        (reports.postfix(ID, headers_only=True), "550 5.1.1 "),
        (reports.exchange(ID), "550 5.1.10 "),
        (reports.gmail(ID), "550-5.1.1 "),
    ],
    ids=["Postfix", "Postfix, headers", "Exchange", "Gmail"],
)
def test_a_report_names_the_mail_the_address_and_the_reason(report: bytes, code: str) -> None:
    found = bounces.read(report)

    assert found.message_id == ID
    [failure] = found.failures
    assert reports.TO in failure.addresses
    assert failure.words.startswith(code)
    assert "\n" not in failure.words


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_only_what_failed_for_good_is_a_failure(action: str) -> None:
    assert bounces.read(reports.postfix(ID, action=action)).failures == ()


def test_of_several_recipients_each_is_told_apart() -> None:
    report = reports.postfix(ID, action="delayed").replace(
        b"\n--4A1B2C3D.1/mx.buyer.example\nContent-Description: Undelivered",
        b"\nFinal-Recipient: rfc822; hanako@aoba.example\nAction: Failed\nStatus: 5.2.2 (full)\n"
        b"\n--4A1B2C3D.1/mx.buyer.example\nContent-Description: Undelivered",
    )

    [failure] = bounces.read(report).failures

    assert failure.addresses == {"hanako@aoba.example"}
    assert failure.words == "returned as undeliverable (5.2.2)"


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff" * 1000,
        "ただの文章です。\n".encode("cp932"),
        reports.vacation(),
        reports.postfix(ID).replace(b"message/delivery-status", b"text/plain"),
        reports.postfix(ID).split(b"Final-Recipient")[0],
        b"Content-Type: message/delivery-status\n\n",
        b"a" * (bounces.MOST_BYTES + 1),
        b"Content-Type: multipart/report; boundary=x\n\n"
        + b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 3000,
    ],
    ids=["empty", "bytes", "words", "vacation", "no status", "cut", "bare", "huge", "nested"],
)
def test_garbage_is_no_report(garbage: bytes) -> None:
    with pytest.raises(NotAReport):
        bounces.read(garbage)


def test_a_report_inside_the_returned_mail_is_not_read() -> None:
    inner = reports.postfix("<inner@example>").decode()
    outer = (
        f"Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n"
    )

    with pytest.raises(NotAReport):
        bounces.read(outer.encode())
