"""When each reader's digest is due, in Redis: a sorted set of the readers for whom something waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

#: The sorted set of the readers for whom something waits for the digest, by the time (ms) that it is due. 0: not
#: worked out yet, or to be worked out anew because the reader changed the hour.
DIGESTS_DUE_KEY = "digests.due"

# Writes a reader's next time if nobody else changed it meanwhile.
# KEYS: 1 due. ARGV: 1 recipient, 2 score that was found, 3 new score (ms). Returns 1 when it did.
_PLAN = """
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""


@dataclass(frozen=True, slots=True)
class DigestDue:
    """A reader for whom something waits, and when its digest is due; None while that is not worked out."""

    who: str
    at: datetime | None


class RedisDigestTimes:
    """The times of all digests that are to come."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._plan = redis.register_script(_PLAN)

    async def due(self, now: datetime, *, limit: int = 200) -> Sequence[DigestDue]:
        """Return the readers whose digest is due or has no time yet, the longest due first."""
        found: Any = await self._redis.zrangebyscore(
            DIGESTS_DUE_KEY, "-inf", _instant(now), start=0, num=limit, withscores=True
        )
        return [
            DigestDue(who.decode(), datetime.fromtimestamp(score / 1000, UTC) if score else None)
            for who, score in found
        ]

    async def plan(self, due: DigestDue, at: datetime) -> bool:
        """Set the next time of a digest. False when somebody else changed it meanwhile."""
        found = 0 if due.at is None else _instant(due.at)
        return bool(await self._plan(keys=[DIGESTS_DUE_KEY], args=[due.who, found, _instant(at)]))

    async def forget(self, who: str) -> None:
        """Delete what is held about a recipient here."""
        await self._redis.zrem(DIGESTS_DUE_KEY, who)


def _instant(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
