"""Who follows what: the port. The Redis adapter is ``subscription_store``.

A target is written ``country:KZ``, ``region:central-asia`` or ``actor:kassym-jomart-tokayev``. A follow may ask for
words too; a recipient can have several follows of one target with different words, and one without. The key of a
follow is its target, or its target and its words: ``country:KZ +uranium -football``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from services.bot.keywords import NO_WORDS, Keywords, split_words

FollowRole = Literal["subject", "mentioned"]


def key_of(target: str, words: Keywords = NO_WORDS) -> str:
    """Return the key of a follow."""
    return f"{target} {words}" if words else target


def target_of(key: str) -> str:
    """Return the target of the key of a follow."""
    return key.partition(" ")[0]


def words_of(key: str) -> str:
    """Return the words of the key of a follow as they are typed, "" when it has none."""
    return key.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Follow:
    """One thing that a recipient follows: stories about it (subject), or any that mention it."""

    target: str
    role: FollowRole
    since: datetime
    words: Keywords = NO_WORDS

    @property
    def key(self) -> str:
        """Its key; a recipient has every key once."""
        return key_of(self.target, self.words)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a follower wants to hear of a target."""

    target: str
    role: FollowRole
    words: Keywords = NO_WORDS

    @property
    def key(self) -> str:
        """The key of the follow that it stands for."""
        return key_of(self.target, self.words)


@dataclass(frozen=True, slots=True)
class Follower:
    """A recipient who follows some of the targets that were asked for, with all its wishes about these."""

    who: str
    wishes: tuple[Wish, ...]


def read_key(key: str) -> tuple[str, Keywords]:
    """Return the target and the words of the key of a follow."""
    return target_of(key), split_words(words_of(key))[0]


class Subscriptions(Protocol):
    """The follows of all recipients, with the way back from a target to its followers."""

    async def follow(
        self, who: str, target: str, role: FollowRole, at: datetime, words: Keywords = NO_WORDS
    ) -> bool:
        """Follow a target. True when it is new, False when it was followed already (the role is updated)."""

    async def unfollow(self, who: str, target: str, words: Keywords | None = None) -> bool:
        """Stop following a target with these words, with any and none for None. False when nothing was followed."""

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
