"""Pages that stay put: a position in a list of stories that fits into a button and survives a restart.

The archive's own cursors are longer than a button's 64 bytes. A position is the time of the last story shown and
a short hash of its id; the next page starts at that time and skips what was shown. Stories that arrive
meanwhile are newer and change nothing.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from shared.archive.port import PAGE_LIMIT
from shared.events import EnrichedStory

#: Cards a page.
PAGE = 5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
#: In hexadecimal: eleven digits of milliseconds last until the year 2527.
_TOKEN = re.compile(r"(?:^|\s)@(?:top|(?P<at>[0-9a-f]{1,11})\.(?P<mark>[0-9a-f]{6}))(?:\s|$)")

#: The token for turning back to the first page.
TOP = "@top"

Item = TypeVar("Item")
#: Reads what is dated before a time (None: all), at most so many, from a cursor on.
Fetch = Callable[[datetime | None, int, str | None], Awaitable[tuple[Sequence[Item], str | None]]]


@dataclass(frozen=True, slots=True)
class Position:
    """After which story a page begins. ``at`` is milliseconds since 1970, ``mark`` a hash of the story id."""

    at: int
    mark: str

    def __str__(self) -> str:
        return f"@{self.at:x}.{self.mark}"

    @property
    def before(self) -> datetime:
        """The exclusive end of the time that can hold the rest of the list."""
        return _EPOCH + (self.at + 1) * _MILLISECOND


def position_of(story: EnrichedStory) -> Position:
    """Return the position just after a story."""
    at = max(0, (story.dated[0] - _EPOCH) // _MILLISECOND)
    return Position(at, hashlib.blake2s(story.story_id.encode(), digest_size=3).hexdigest())


def take_position(text: str) -> tuple[Position | None, bool, str]:
    """Split a position token off a command: the position, whether a page was turned, and the rest of the text."""
    found = _TOKEN.search(text)
    if found is None:
        return None, False, text
    position = None if found["at"] is None else Position(int(found["at"], 16), found["mark"])
    return position, True, text[: found.start()] + " " + text[found.end() :]


async def read_page(
    fetch: Fetch[Item], start: Position | None, story_of: Callable[[Item], EnrichedStory]
) -> tuple[list[Item], Position | None]:
    """Read one page from ``start`` on, and the position of the next one (None when this was the last)."""
    before = None if start is None else start.before
    items: list[Item] = []
    cursor: str | None = None
    skipping = start is not None
    while True:
        found, cursor = await fetch(before, PAGE_LIMIT if skipping else PAGE + 1, cursor)
        for item in found:
            here = position_of(story_of(item))
            if start is not None and skipping and here.at == start.at:
                skipping = here.mark != start.mark
                continue
            skipping = False
            items.append(item)
            if len(items) > PAGE:
                return items[:PAGE], position_of(story_of(items[PAGE - 1]))
        if cursor is None:
            return items, None
