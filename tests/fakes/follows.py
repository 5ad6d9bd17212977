"""Subscriptions in memory."""

from collections.abc import Sequence
from datetime import datetime

from services.bot.subscriptions import Follow, FollowRole


class MemorySubscriptions:
    """The ``Subscriptions`` port, for tests of what asks it."""

    def __init__(self) -> None:
        self._follows: dict[str, dict[str, Follow]] = {}

    async def follow(self, who: str, target: str, role: FollowRole, at: datetime) -> bool:
        mine = self._follows.setdefault(who, {})
        new = target not in mine
        mine[target] = Follow(target, role, at if new else mine[target].since)
        return new

    async def unfollow(self, who: str, target: str) -> bool:
        return self._follows.get(who, {}).pop(target, None) is not None

    async def following(self, who: str) -> list[Follow]:
        return list(self._follows.get(who, {}).values())

    async def followers(
        self, targets: Sequence[str], *, after: str | None = None, limit: int = 500
    ) -> tuple[list[str], str | None]:
        found = sorted(who for who, mine in self._follows.items() if set(targets) & set(mine))
        rest = [who for who in found if after is None or who > after]
        return rest[:limit], rest[limit - 1] if len(rest) > limit else None

    async def forget(self, who: str) -> int:
        return len(self._follows.pop(who, {}))
