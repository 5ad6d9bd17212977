"""The keeper: trims the streams behind their slowest group, removes consumers that are long gone, rights counters.

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
#: So many unread entries are counted; of a longer backlog the server's own number has to do.
_COUNTABLE = 1000

# Tells the server how many entries a group has read, where it is mistaken: Redis before 7.2.4 forgets what was read
# after the last rewrite of its append-only file when it restarts or a replica takes over (redis/redis#12898), and
# "lag" is wrong from then on. Whoever goes by it, ingest first of all, would wait for a backlog that is none.
# KEYS: 1 stream. ARGV: 1 group, 2 the most entries to count. Returns 1 where the counter was wrong, else 0.
_RIGHT_COUNTER = """
local function facts(row)
  local found = {}
  for i = 1, #row, 2 do found[row[i]] = row[i + 1] end
  return found
end
local added = facts(redis.call('XINFO', 'STREAM', KEYS[1]))['entries-added']
for _, row in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = facts(row)
  if group['name'] == ARGV[1] then
    local last = group['last-delivered-id']
    local unread = #redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', ARGV[2] + 1)
    if unread <= tonumber(ARGV[2]) and group['entries-read'] ~= added - unread then
      redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], last, 'ENTRIESREAD', added - unread)
      return 1
    end
  end
end
return 0
"""


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


async def right_counters(redis: Redis, stream: Stream) -> int:
    """Mend what the server believes its groups have read. Return how many groups it was mistaken about."""
    script = redis.register_script(_RIGHT_COUNTER)
    return sum([int(await script(keys=[stream.name], args=[group, _COUNTABLE])) for group in stream.groups])


async def keep_house(redis: Redis, *, keep_seconds: float, stop: asyncio.Event) -> None:
    """Trim and tidy every half minute until told to stop."""
    remove_idle = remove_idle_consumers_script(redis)
    while not stop.is_set():
        try:
            for stream in WORK_STREAMS:
                await trim(redis, stream, keep_seconds=keep_seconds)
                await right_counters(redis, stream)
                for group in stream.groups:
                    await remove_idle(keys=[stream.name], args=[group, _IDLE_MILLISECONDS])
        except RedisError as error:
            log.warning("housekeeping postponed", error=str(error))
        try:
            await asyncio.wait_for(stop.wait(), _ROUND_SECONDS)
        except TimeoutError:
            continue
