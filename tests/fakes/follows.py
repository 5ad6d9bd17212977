"""Subscriptions in memory."""

from collections.abc import Sequence
from datetime import datetime

from services.bot.keywords import NO_WORDS, Keywords
from services.bot.subscriptions import Follow, Follower, FollowRole, Wish, key_of


class MemorySubscriptions:
    """The ``Subscriptions`` port, for tests of what asks it."""

    def __init__(self) -> None:
        self._follows: dict[str, dict[str, Follow]] = {}

    async def follow(
        self, who: str, target: str, role: FollowRole, at: datetime, words: Keywords = NO_WORDS
    ) -> bool:
        mine, key = self._follows.setdefault(who, {}), key_of(target, words)
        new = key not in mine
        mine[key] = Follow(target, role, at if new else mine[key].since, words)
        return new

    async def unfollow(self, who: str, target: str, words: Keywords | None = None) -> bool:
        mine = self._follows.get(who, {})
        gone = [key for key, each in mine.items() if each.target == target and words in (None, each.words)]
        for key in gone:
            del mine[key]
        return bool(gone)

    async def following(self, who: str) -> list[Follow]:
        return sorted(self._follows.get(who, {}).values(), key=lambda each: each.since)

    async def followers(
        self, targets: Sequence[str], *, after: str | None = None, limit: int = 500
    ) -> tuple[list[Follower], str | None]:
        wishes = {
            who: tuple(
                Wish(each.target, each.role, each.words) for each in mine.values() if each.target in targets
            )
            for who, mine in sorted(self._follows.items())
            if after is None or who > after
        }
        rest = [Follower(who, asked) for who, asked in wishes.items() if asked]
        return rest[:limit], rest[limit - 1].who if len(rest) > limit else None

    async def forget(self, who: str) -> int:
        return len(self._follows.pop(who, {}))
