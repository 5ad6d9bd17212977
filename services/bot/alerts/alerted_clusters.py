"""The clusters that anybody was alerted of lately: by these a recipient's rows are found, and nobody else's.

Walking over all keys would take seconds with millions of rows, and a key's beginning may be shared: rows of
``console:a:b`` begin like those of ``console:a``.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from services.bot.alerts.outbox_scripts import count_key, row_key

#: The sorted set of these clusters, by when (ms) somebody was last alerted of them.
CLUSTERS_KEY = "alerts.clusters"
#: A cluster is known for so long: longer than any row of it, also of one that waited for a weekly digest.
LIFETIME = timedelta(days=35)

#: Rows asked for in one go.
_AT_ONCE = 5000
#: Counts live two days; a reader's day may be another one than the server's.
_COUNTED_DAYS = 4


async def clusters_of(redis: Redis, who: str) -> list[str]:
    """Return the clusters that a recipient has rows of."""
    found: list[str] = []
    known: Any = await redis.zrange(CLUSTERS_KEY, 0, -1)
    clusters = [cluster.decode() for cluster in known]
    for at in range(0, len(clusters), _AT_ONCE):
        asked = clusters[at : at + _AT_ONCE]
        async with redis.pipeline(transaction=False) as pipe:
            for cluster in asked:
                pipe.exists(row_key(who, cluster))
            there = await pipe.execute()
        found += [cluster for cluster, exists in zip(asked, there, strict=True) if exists]
    return found


async def count_keys(redis: Redis, who: str) -> list[str]:
    """Return the keys under which a recipient's alerts may be counted: those of its days of late."""
    seconds, _microseconds = await redis.time()
    newest: Any = await redis.zrange(CLUSTERS_KEY, -1, -1, withscores=True)
    around = [seconds, *(score / 1000 for _cluster, score in newest)]
    days = {
        datetime.fromtimestamp(moment, UTC).date() + timedelta(days=beside)
        for moment in around
        for beside in range(-_COUNTED_DAYS, _COUNTED_DAYS + 1)
    }
    return [count_key(who, day) for day in sorted(days)]
