"""Everybody of whom anything is kept, read from Redis."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import Redis

from services.bot.preferences_store import preferences_key
from services.bot.subscription_store import follows_key
from services.bot.suspension_store import SUSPENDED_KEY


class RedisRecipients:
    """Finds recipients by walking over all keys (see ``Recipients``): rare, and without an index of its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def everybody(self) -> AsyncIterator[str]:
        """Yield every recipient that follows something, has chosen something or is suspended, each once."""
        seen: set[str] = set()
        for prefix in (follows_key(""), preferences_key("")):
            async for key in self._redis.scan_iter(match=f"{prefix}*:*", count=1000):
                who = key.decode().removeprefix(prefix)
                if who not in seen:
                    seen.add(who)
                    yield who
        suspended: Any = await self._redis.hkeys(SUSPENDED_KEY)
        for who in sorted({each.decode() for each in suspended} - seen):
            yield who

    async def reasons(self, recipients: Sequence[str]) -> Sequence[str | None]:
        """Return why each recipient is suspended, None for those that are not."""
        found: Any = await self._redis.hmget(SUSPENDED_KEY, list(recipients))
        return [reason.decode() if reason is not None else None for reason in found]
