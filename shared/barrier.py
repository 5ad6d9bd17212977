"""Waiting until what was published so far has gone all the way into the archive."""

import asyncio
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis

from shared.topology import ENRICHED, RAW, Stream

_LOOK_SECONDS = 0.03


def _order(entry_id: bytes) -> tuple[int, int]:
    milliseconds, sequence = entry_id.split(b"-")
    return int(milliseconds), int(sequence)


async def _last_entry(redis: Redis, stream: Stream) -> bytes:
    facts: Any = await redis.xinfo_stream(stream.name)
    return bytes(facts["last-generated-id"])


async def _unfinished(redis: Redis, stream: Stream, group: str, upto: bytes) -> int:
    """Return how many entries up to an id the group has not finished with: at least 1 until all are."""
    rows: Any = await redis.xinfo_groups(stream.name)
    row = next(row for row in rows if row["name"].decode() == group)
    pending: Any = await redis.xpending_range(stream.name, group, "-", upto, 1000)
    unread = _order(row["last-delivered-id"]) < _order(upto)
    return len(pending) + (max(1, row["lag"] or 0) if unread else 0)


async def wait_until_archived(redis: Redis, *, report: Callable[[int], None] = lambda _left: None) -> None:
    """Return when enrich and then index have finished with everything that is published now.

    ``report`` is told again and again how many entries are left. Dead letters count as finished. Waits for ever
    where no consumer runs: the caller sees to that, or sets a limit with ``asyncio.timeout``.
    """
    for stream, group in ((RAW, "enrich"), (ENRICHED, "index")):
        upto = await _last_entry(redis, stream)
        while left := await _unfinished(redis, stream, group, upto):
            report(left)
            await asyncio.sleep(_LOOK_SECONDS)
    report(0)
