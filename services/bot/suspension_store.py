"""Suspended recipients in Redis: one hash."""

from collections.abc import Sequence

from redis.asyncio import Redis

#: The hash of the suspended recipients, each with the reason.
SUSPENDED_KEY = "recipients.suspended"


class RedisSuspensions:
    """Who is suspended, for all processes (see ``Suspensions``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def suspend(self, who: str, reason: str) -> None:
        """Send nothing more to a recipient until it is resumed."""
        await self._redis.hset(SUSPENDED_KEY, who, reason)

    async def resume(self, who: str) -> bool:
        """Send again; see the port."""
        return bool(await self._redis.hdel(SUSPENDED_KEY, who))

    async def resume_topics(self, who: str) -> None:
        """Send again to all topics of a chat; see the port. Walks over everybody suspended: it is rare."""
        async for topic, _reason in self._redis.hscan_iter(SUSPENDED_KEY, match=f"{who}/*"):
            await self._redis.hdel(SUSPENDED_KEY, topic)

    async def among(self, recipients: Sequence[str]) -> frozenset[str]:
        """Return those of the recipients that are suspended."""
        if not recipients:
            return frozenset()
        reasons = await self._redis.hmget(SUSPENDED_KEY, list(recipients))
        return frozenset(who for who, reason in zip(recipients, reasons, strict=True) if reason is not None)

    async def forget(self, who: str) -> None:
        """Delete what is held about a recipient here."""
        await self._redis.hdel(SUSPENDED_KEY, who)
