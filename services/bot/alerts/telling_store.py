"""Later tellings in Redis: a hash per cluster that anybody was alerted of, and the clusters with messages to change.

A cluster that was told again is due a little later, so that tellings in a row change a message once. Who changes its
messages holds it for a while; if that process dies, the cluster is due again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import LockError

from services.bot.alerts.outbox_scripts import row_key, story_key
from services.bot.alerts.port import AlertStory
from services.bot.alerts.telling import Retold, Telling

#: The sorted set of the clusters whose messages are to be changed, by the time (ms) that they are due.
RETOLD_KEY = "alerts.retold"
#: How long the tellings of a cluster are kept after the last one: as long as the rows of its alerts.
LIFETIME = timedelta(days=7)
#: How long tellings are gathered before messages are changed.
GATHER = timedelta(seconds=20)
#: How long a process that changes the messages of a cluster is trusted to be alive after its last sign of life.
TRUST = timedelta(seconds=60)

_VERSION = b"#version"
_SHOWN = "shown"

# Keeps a telling of a cluster that somebody was alerted of, and makes the cluster due when it was not so already.
# KEYS: 1 tellings, 2 clusters due, 3 what the alerts of the first telling say, 4 what those of this one say
# ARGV: 1 cluster, 2 story id, 3 telling (JSON), 4 due (ms), 5 seconds to live
# Returns 1 when it is news, else 0.
_NOTE = """
if redis.call('EXISTS', KEYS[1], KEYS[3], KEYS[4]) == 0 then return 0 end
if redis.call('HGET', KEYS[1], ARGV[2]) == ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('HINCRBY', KEYS[1], '#version', 1)
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[2], 'NX', ARGV[4], ARGV[1])
return 1
"""

# Takes the cluster that is due longest. KEYS: 1 clusters due. ARGV: 1 now (ms), 2 held until (ms).
_CLAIM = """
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)
if not found[1] then return nil end
redis.call('ZADD', KEYS[1], ARGV[2], found[1])
return found[1]
"""

# Lays a cluster down: for good, or until later when it was told again meanwhile or something is left to do.
# KEYS: 1 clusters due, 2 tellings
# ARGV: 1 cluster, 2 version that was shown, 3 due again (ms), 4 "1" if something is left
_FINISH = """
if ARGV[4] == '1' or (redis.call('HGET', KEYS[2], '#version') or ARGV[2]) ~= ARGV[2] then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
end
"""

# Notes which version a message shows, if its row is still there and no later one is noted.
# KEYS: 1 row. ARGV: 1 version.
_SHOW = """
if redis.call('EXISTS', KEYS[1]) == 0 then return end
if tonumber(redis.call('HGET', KEYS[1], 'shown') or 0) < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'shown', ARGV[1])
end
"""


def tellings_key(cluster: str) -> str:
    """Return the key of the hash of the later tellings of a cluster: story id to telling (JSON)."""
    return f"alerts.tellings:{cluster}"


def changing_key(who: str, message_id: str) -> str:
    """Return the key that exists while a message is being changed."""
    return f"alerts.changing:{who}:{message_id}"


class RedisTellings:
    """The later tellings of all clusters that anybody was alerted of."""

    def __init__(self, redis: Redis, *, gather: timedelta = GATHER, trust: timedelta = TRUST) -> None:
        self._redis = redis
        self._gather, self._trust = gather, trust
        self._note = redis.register_script(_NOTE)
        self._claim = redis.register_script(_CLAIM)
        self._finish = redis.register_script(_FINISH)
        self._show = redis.register_script(_SHOW)

    async def note(self, cluster: str, telling: Telling, at: datetime) -> bool:
        """Keep a telling. False when nobody was alerted of the cluster, or it was noted so before."""
        keys = [tellings_key(cluster), RETOLD_KEY, story_key(cluster), story_key(telling.story_id)]
        due, seconds = _instant(at + self._gather), int(LIFETIME.total_seconds())
        told = telling.model_dump_json()
        return bool(await self._note(keys=keys, args=[cluster, telling.story_id, told, due, seconds]))

    async def noted(self, cluster: str, story_id: str) -> Telling | None:
        """Return a telling as it was noted last, None when it was not."""
        body = await self._redis.hget(tellings_key(cluster), story_id)
        return None if body is None else Telling.model_validate_json(body)

    async def alerted(self, story_id: str) -> Telling | None:
        """Return a story as its alerts tell it; None when there are none."""
        body = await self._redis.get(story_key(story_id))
        return None if body is None else _first(AlertStory.model_validate_json(body))

    async def of(self, clusters: Sequence[str]) -> Mapping[str, Retold]:
        """Return those of the clusters that were told again, the first telling among the tellings."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for cluster in clusters:
                pipe.hgetall(tellings_key(cluster))
                pipe.get(story_key(cluster))
            rows = await pipe.execute()
        found = zip(clusters, rows[::2], rows[1::2], strict=True)
        return {cluster: _retold(cluster, noted, first) for cluster, noted, first in found if noted}

    async def claim(self, at: datetime) -> Retold | None:
        """Take a cluster whose messages are to be changed now; None when there is none."""
        while name := await self._claim(keys=[RETOLD_KEY], args=[_instant(at), _instant(at + self._trust)]):
            cluster = name.decode()
            if (retold := (await self.of([cluster])).get(cluster)) is not None:
                return retold
            # Its tellings have outlived their time: there is nothing to change any more.
            await self._redis.zrem(RETOLD_KEY, cluster)
        return None

    async def hold(self, retold: Retold, at: datetime) -> None:
        """Say that a cluster that was taken is still being worked on."""
        await self._redis.zadd(RETOLD_KEY, {retold.cluster: _instant(at + self._trust)}, xx=True)

    async def finish(self, retold: Retold, at: datetime, *, again_at: datetime | None = None) -> None:
        """Lay a cluster down, until ``again_at`` when some of its messages could not be changed yet."""
        due, left = _instant(again_at or at + self._gather), int(again_at is not None)
        keys = [RETOLD_KEY, tellings_key(retold.cluster)]
        await self._finish(keys=keys, args=[retold.cluster, retold.version, due, left])

    async def shown(self, cluster: str, recipients: Sequence[str]) -> list[int]:
        """Return which version each recipient's message shows; 0 for one that was never changed."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for who in recipients:
                pipe.hget(row_key(who, cluster), _SHOWN)
            return [int(version or 0) for version in await pipe.execute()]

    async def show(self, retold: Retold, who: str) -> None:
        """Note that a recipient's message shows this, or will when it is sent."""
        await self._show(keys=[row_key(who, retold.cluster)], args=[retold.version])

    @asynccontextmanager
    async def alone(self, who: str, message_id: str) -> AsyncIterator[bool]:
        """Within this block nobody else changes a message; False when somebody else is at it."""
        lock = self._redis.lock(changing_key(who, message_id), timeout=self._trust.total_seconds())
        taken = await lock.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                with suppress(LockError):  # it took so long that the lock has run out
                    await lock.release()


def _retold(cluster: str, noted: Mapping[bytes, bytes], first: bytes | None) -> Retold:
    tellings = [Telling.model_validate_json(body) for story_id, body in noted.items() if story_id != _VERSION]
    if first is not None:
        told = _first(AlertStory.model_validate_json(first))
        if told.story_id not in {telling.story_id for telling in tellings}:
            tellings.insert(0, told)
    return Retold(cluster, int(noted[_VERSION]), tuple(tellings))


def _first(story: AlertStory) -> Telling:
    return Telling(
        story_id=story.story_id, source=story.source, url=story.url, headline=story.headline,
        lead=story.lead, at=story.dated_at,
    )  # fmt: skip


def _instant(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
