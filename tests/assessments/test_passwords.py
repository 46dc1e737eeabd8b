"""What is good enough as a password, and codes of the authenticator that work once."""

from datetime import timedelta

import pyotp
import pytest

from assessments import passwords
from assessments.tokens import Keys
from tests.factories import NOW

GOOD = "裏庭の柿の木には雀が三羽とまっている"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEYS = Keys(current=b"a secret of the tests, long enough to be one")


def test_a_hashed_password_matches_itself_only() -> None:
    kept = passwords.hashed(GOOD)

    assert kept.startswith("$argon2id$")
    assert passwords.matches(GOOD, kept)
    assert not passwords.matches(GOOD + "。", kept)


def test_full_width_letters_match_their_narrow_form() -> None:
    kept = passwords.hashed("ｃｏｒｒｅｃｔ ｈｏｒｓｅ ２０２６")

    assert passwords.matches("correct horse 2026", kept)


def test_nobody_s_password_never_matches() -> None:
    assert not passwords.matches("nobody has this password, it only takes as long as a real one", None)
    assert not passwords.matches(GOOD, "not a hash at all")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("裏庭の柿の木に雀", "short"),
        ("あ" * 14, "short"),
        ("か" * 300, "long"),
        ("abababababababababab", "same"),
        ("123456789012345", "common"),
        ("ＰＡＳＳＷＯＲＤ-mine-2026", "common"),
        ("keiko-and-the-river", "known"),
        ("株式会社東都製作所のひみつの言葉です", "known"),
        (GOOD, None),
        ("correct horse battery staple", None),
    ],
)
def test_a_weak_password_is_told_why(password: str, reason: str | None) -> None:
    known = ["keiko.sato@buyer.example", "佐藤 恵子", "株式会社東都製作所"]

    assert passwords.weakness(password, known=known) == reason


def test_a_code_belongs_to_its_half_minute() -> None:
    step = passwords.totp_step(SECRET, pyotp.TOTP(SECRET).at(NOW), now=NOW, last_step=None)

    assert step == int(NOW.timestamp()) // 30


def test_a_code_of_the_half_minute_before_is_still_taken() -> None:
    before = NOW - timedelta(seconds=30)

    step = passwords.totp_step(SECRET, pyotp.TOTP(SECRET).at(before), now=NOW, last_step=None)

    assert step == int(before.timestamp()) // 30


def test_a_code_works_once() -> None:
    digits = pyotp.TOTP(SECRET).at(NOW)
    step = passwords.totp_step(SECRET, digits, now=NOW, last_step=None)

    assert passwords.totp_step(SECRET, digits, now=NOW, last_step=step) is None


@pytest.mark.parametrize("digits", ["", "000", "１２３", "abcdef", "あ"])
def test_anything_else_is_no_code(digits: str) -> None:
    assert passwords.totp_step(SECRET, digits, now=NOW, last_step=None) is None


def test_a_code_too_old_or_too_early_is_refused() -> None:
    for minutes in (-2, 2):
        digits = pyotp.TOTP(SECRET).at(NOW + timedelta(minutes=minutes))
        assert passwords.totp_step(SECRET, digits, now=NOW, last_step=None) is None


def test_each_link_offers_another_authenticator_secret() -> None:
    first, again, second = (passwords.totp_secret_of(KEYS, "someone", n) for n in (1, 1, 2))

    assert first == again != second
    assert len(first) == 32


def test_the_picture_s_address_names_person_and_product() -> None:
    address = passwords.totp_address(SECRET, email="sato@buyer.example", issuer="Sanpo")

    assert address.startswith("otpauth://totp/Sanpo:sato%40buyer.example?")
    assert f"secret={SECRET}" in address
