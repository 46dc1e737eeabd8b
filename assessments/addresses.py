"""Mail addresses as they are kept and compared; what cannot safely be written to is refused."""

import re
import unicodedata

LONGEST, LONGEST_LOCAL = 254, 64
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_LOCAL})@(?:{_LABEL}\.)+(?P<top>{_LABEL})", re.ASCII)
_SEVERAL = re.compile(r"[;,、，；\s/]+")


class NotAnAddress(Exception):
    """It cannot be written to; `reason` is `several` or `form`."""

    def __init__(self, reason: str) -> None:
        """Keep why."""
        super().__init__(reason)
        self.reason = reason


def normalised(typed: str) -> str:
    """Give one plain address in small letters, full width made narrow. Raises NotAnAddress."""
    address = typed.strip() if typed.isascii() else unicodedata.normalize("NFKC", typed).strip()
    if address.count("@") > 1 and len(_SEVERAL.split(address)) > 1:
        raise NotAnAddress("several")
    found = _ADDRESS.fullmatch(address)
    if found is None or len(address) > LONGEST or len(found["local"]) > LONGEST_LOCAL:
        raise NotAnAddress("form")
    if found["top"].isdigit():
        raise NotAnAddress("form")
    return address.lower()
