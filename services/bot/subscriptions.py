"""Who follows what: the port. The Redis adapter is ``subscription_store``.

A target is written ``country:KZ``, ``region:central-asia`` or ``actor:kassym-jomart-tokayev``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

FollowRole = Literal["subject", "mentioned"]


@dataclass(frozen=True, slots=True)
class Follow:
    """One thing that a recipient follows: stories about it (subject), or any that mention it."""

    target: str
    role: FollowRole
    since: datetime


@dataclass(frozen=True, slots=True)
class Follower:
    """A recipient who follows some of the targets that were asked for, each in a role."""

    who: str
    roles: Mapping[str, FollowRole]


class Subscriptions(Protocol):
    """The follows of all recipients, with the way back from a target to its followers."""

    async def follow(self, who: str, target: str, role: FollowRole, at: datetime) -> bool:
        """Follow a target. True when it is new, False when it was followed already (the role is updated)."""

    async def unfollow(self, who: str, target: str) -> bool:
        """Stop following a target. False when it was not followed."""

    async def following(self, who: str) -> list[Follow]:
        """Return what a recipient follows, oldest first."""

    async def followers(
        self, targets: Sequence[str], *, after: str | None = None, limit: int = 500
    ) -> tuple[list[Follower], str | None]:
        """Return a page of at most ``limit`` recipients that follow any of the targets, each once.

        The order is stable (by recipient). The second value is the cursor for the next page (pass it as
        ``after``), None when this was the last. Somebody who follows while the pages are read may be missed.
        """

    async def forget(self, who: str) -> int:
        """Delete everything about a recipient. Return how many follows there were."""
