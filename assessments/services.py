"""Services laid side by side: each with all five elements, held or not, always in the catalogue's order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessments.measures import Element, Measure, measure
from assessments.text import Text


@dataclass(frozen=True, slots=True)
class OwnService:
    """A service beside others: its name, and its five elements by code."""

    name: Text
    elements: Mapping[str, Element]

    @property
    def has_words(self) -> bool:
        """Whether more is said of any element than that it is held or not."""
        return any(element.words for element in self.elements.values())


def service(entry: Measure) -> OwnService | None:
    """Give a measure as a service; None where it is none."""
    return OwnService(entry.name, entry.elements) if entry.elements is not None else None


def side_by_side(entries: Iterable[Measure]) -> tuple[OwnService, ...]:
    """Give those of the measures that are services, in their order."""
    return tuple(found for entry in entries if (found := service(entry)))


def alternatives(entry: Measure) -> tuple[OwnService, ...]:
    """Give a service and those that do the same; for what is no service, several that do the same."""
    found = side_by_side((entry, *(measure(key) for key in entry.equivalent_keys)))
    return found if entry.elements is not None or len(found) > 1 else ()
