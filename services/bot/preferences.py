"""How a recipient wants to be spoken to and when: the model and its port. The adapter is ``preferences_store``.

A recipient without preferences has ``Preferences()``; nothing is kept about it then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Literal, Protocol

#: In ``Preferences.muted``: everything rests, not one target alone.
EVERYTHING = "*"
#: Muted until then is muted until it is taken back. Early enough for any zone to show it.
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the reader's day without a sound: from ``begin`` until before ``end``, across midnight if later."""

    begin: time
    end: time
    hold: bool = False
    """Alerts are kept back until the end; otherwise they come silently."""


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When a digest is wanted, in the reader's local time."""

    every: Literal["day", "week"]
    at: time
    weekday: int = 0
    """Of a weekly digest: 0 is Monday."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a recipient chose. None stands for the default."""

    language: str | None = None
    """ISO 639-1 code of a language that the interface speaks."""
    zone: str | None = None
    """IANA name of a time zone."""
    quiet: QuietHours | None = None
    digest: DigestPlan | None = None
    previews: bool = False
    """Link previews in alerts and on story pages."""
    daily_cap: int | None = None
    """Alerts per follow and local day at most; what is above goes into the digest."""
    stopped: bool = False
    """All alerts rest; follows are kept."""
    muted: Mapping[str, datetime] = field(default_factory=dict)
    """Target (``country:KZ``) or ``EVERYTHING`` to the time (UTC) until which it rests."""
    spoken: str | None = field(default=None, compare=False)
    """The language that was spoken when something was followed: that of alerts where none is chosen. No choice."""


class PreferencesStore(Protocol):
    """The preferences of all recipients."""

    async def get(self, who: str) -> Preferences:
        """Return a recipient's preferences, ``Preferences()`` when it has none."""

    async def among(self, recipients: Sequence[str]) -> Mapping[str, Preferences]:
        """Return the preferences of those of the recipients that have any."""

    async def change(self, who: str, preferences: Preferences) -> None:
        """Put a recipient's preferences in the place of those before."""

    async def forget(self, who: str) -> None:
        """Delete a recipient's preferences."""

    async def move(self, old: str, new: str) -> int:
        """Give preferences to a recipient's new address, unless that has its own. Return 1 when the old had any."""
