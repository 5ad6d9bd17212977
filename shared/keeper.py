"""The keeper: trims the streams behind their slowest group, and removes consumers that are long gone.

No stream has a MAXLEN, which would drop what nobody has read yet. Everything in here may run in any number of
processes at once.
"""

import asyncio
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.delivery_scripts import remove_idle_consumers_script
from shared.topology import WORK_STREAMS, Stream

log = structlog.get_logger(__name__)

_ROUND_SECONDS = 30.0
_IDLE_MILLISECONDS = 60 * 60 * 1000


def _after(entry_id: str) -> str:
    milliseconds, sequence = entry_id.split("-")
    return f"{milliseconds}-{int(sequence) + 1}"


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, sequence = entry_id.split("-")
    return int(milliseconds), int(sequence)


async def _first_needed(redis: Redis, stream: Stream) -> str | None:
    """Return the id of the oldest entry that some group still needs; None when a group is missing."""
    rows: Any = await redis.xinfo_groups(stream.name)
    groups = {row["name"].decode(): row for row in rows}
    if not set(stream.groups) <= set(groups):
        return None
    needed = []
    for name, row in groups.items():
        pending: Any = await redis.xpending(stream.name, name)
        oldest = pending["min"].decode() if pending["pending"] else _after(row["last-delivered-id"].decode())
        needed.append(oldest)
    return min(needed, key=_order)


async def trim(redis: Redis, stream: Stream, *, keep_seconds: float) -> int:
    """Delete what every group has acknowledged and what is older than the tail to keep. Return how many went."""
    needed = await _first_needed(redis, stream)
    if needed is None:
        return 0
    seconds, _microseconds = await redis.time()
    tail = f"{int((seconds - keep_seconds) * 1000)}-0"
    return int(await redis.xtrim(stream.name, minid=min(needed, tail, key=_order), approximate=False))


async def keep_house(redis: Redis, *, keep_seconds: float, stop: asyncio.Event) -> None:
    """Trim and tidy every half minute until told to stop."""
    remove_idle = remove_idle_consumers_script(redis)
    while not stop.is_set():
        try:
            for stream in WORK_STREAMS:
                await trim(redis, stream, keep_seconds=keep_seconds)
                for group in stream.groups:
                    await remove_idle(keys=[stream.name], args=[group, _IDLE_MILLISECONDS])
        except RedisError as error:
            log.warning("housekeeping postponed", error=str(error))
        try:
            await asyncio.wait_for(stop.wait(), _ROUND_SECONDS)
        except TimeoutError:
            continue
