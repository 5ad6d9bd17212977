"""Leases: how a process shows that it lives, so that others may take over what a dead one left behind."""

import asyncio
import os
import secrets
import socket
from collections.abc import Iterable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def new_consumer_name() -> str:
    """Return a name that no other consumer has or will have: host, process id, and chance."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def lease_key(consumer: str) -> str:
    """Return the key that exists as long as a consumer lives."""
    return f"alive:{consumer}"


class Lease:
    """Keeps one consumer's lease fresh until it is given up."""

    def __init__(self, redis: Redis, consumer: str, *, seconds: float) -> None:
        self._redis = redis
        self._key = lease_key(consumer)
        self._milliseconds = int(seconds * 1000)

    async def renew(self) -> None:
        """Say once more that the consumer lives."""
        await self._redis.set(self._key, b"1", px=self._milliseconds)

    async def keep(self) -> None:
        """Renew three times in each term, until cancelled; an unreachable server is only waited for."""
        while True:
            try:
                await self.renew()
            except RedisError as error:
                log.warning("lease not renewed", error=str(error))
            await asyncio.sleep(self._milliseconds / 3000)

    async def give_up(self) -> None:
        """End the lease now, so that others need not wait for it to run out."""
        await self._redis.delete(self._key)


async def living(redis: Redis, consumers: Iterable[str]) -> set[str]:
    """Return those of the consumers that hold a lease."""
    names = sorted(set(consumers))
    if not names:
        return set()
    found = await redis.mget([lease_key(name) for name in names])
    return {name for name, value in zip(names, found, strict=True) if value is not None}


async def end_all_leases(redis: Redis) -> None:
    """End every lease. Only for the one process that owns an embedded server: nobody else can be alive."""
    async for key in redis.scan_iter(match=lease_key("*")):
        await redis.delete(key)
