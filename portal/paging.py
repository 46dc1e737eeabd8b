"""One page of a long list: its place, and the links to the others that keep what else was chosen."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

NEIGHBOURS = 2


@dataclass(frozen=True)
class Link:
    """A link to another page of the list."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Page:
    """Page `number` (from 1) of a list of `total` rows, `size` a page, at `endpoint`."""

    number: int
    size: int
    total: int
    endpoint: str

    @property
    def first(self) -> int:
        """The number of the first row shown, 0 in an empty list."""
        return min((self.number - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(self.number * self.size, self.total)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def previous_url(self) -> str | None:
        """The page before, or None."""
        return self._url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The page after, or None."""
        return self._url(self.number + 1) if self.number < self.pages else None

    @property
    def links(self) -> list[Link]:
        """Links to the first, the last and the pages near by."""
        near = range(self.number - NEIGHBOURS, self.number + NEIGHBOURS + 1)
        numbers = sorted({1, self.pages, *near} & set(range(1, self.pages + 1)))
        return [Link(str(number), self._url(number), number == self.number) for number in numbers]

    def _url(self, number: int) -> str:
        kept: dict[str, Any] = {name: values for name, values in request.args.lists() if name != "page"}
        return url_for(self.endpoint, **{**kept, **(request.view_args or {}), "page": number})


def page_number() -> int:
    """Give the page asked for; anything that is none is the first."""
    return max(1, request.args.get("page", 1, type=int) or 1)
