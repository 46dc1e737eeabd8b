"""What was seen while the broker was away."""

from dataclasses import dataclass, field

MOST_SECONDS_TO_CREATE, MOST_TIMES_AS_LONG = 1.0, 3


@dataclass
class Outage:
    """What was seen while the broker was away: how long each act took in seconds, and how many failed."""

    seconds: float
    created_before: list[float] = field(default_factory=list)
    created: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)
    failures: int = 0
    waited: int = 0
    left: int = 0

    @property
    def is_well(self) -> bool:
        """Tell whether pages were quick, or as quick as before, and waiting mails left without the broker."""
        most = max(MOST_SECONDS_TO_CREATE, MOST_TIMES_AS_LONG * highest(self.created_before))
        slowest = max(highest(self.created), highest(self.sent))
        return not self.failures and slowest < most and 0 < self.waited <= self.left


def highest(times: list[float], share: float = 0.99) -> float:
    """Give the time that this share of all stays within."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] if times else 0.0
