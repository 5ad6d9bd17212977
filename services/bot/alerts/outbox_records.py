"""What the rows of the outbox tell: states, what was sent, what waits for a digest."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson
import structlog
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.bot.alerts.outbox_scripts import (
    DELAYED_KEY,
    HELD_KEY,
    LANES_KEY,
    count_key,
    digest_key,
    lane_key,
    moved_key,
    row_key,
    story_key,
    told_key,
)
from services.bot.alerts.outbox_turns import leave_digest_script
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Folded, RowState, SentAlert

log = structlog.get_logger(__name__)

_STATE: TypeAdapter[RowState] = TypeAdapter(RowState)


class RedisRecords:
    """Reads rows, and notes what a digest has told (see ``Records``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._left = leave_digest_script(redis)

    async def state(self, who: str, cluster: str) -> RowState | None:
        """Return the state of a row, None when there is none."""
        state: Any = await self._redis.hget(row_key(who, cluster), "state")
        return _STATE.validate_python(state.decode()) if state else None

    async def waiting(self) -> dict[str, int]:
        """Return how many readers wait for their turn and for a time, and how many rows are held back.

        Somebody who waits in the lanes of several clusters counts for each.
        """
        lanes: Any = await self._redis.lrange(LANES_KEY, 0, -1)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(DELAYED_KEY)
            pipe.zcard(HELD_KEY)
            for cluster in lanes:
                pipe.llen(lane_key(cluster.decode()))
            delayed, held, *lengths = await pipe.execute()
        return {"turn": sum(lengths), "delayed": delayed, "held": held}

    async def keep_counting(self, tell: Callable[[str, int], None], *, every: float = 5.0) -> None:
        """Tell what waits, every so many seconds, until cancelled."""
        while True:
            try:
                for state, count in (await self.waiting()).items():
                    tell(state, count)
            except RedisError as error:
                log.warning("waiting alerts not counted", error=str(error))
            await asyncio.sleep(every)

    async def sent_today(self, who: str, day: date) -> dict[str, int]:
        """Return how many alerts a recipient was sent on a day of its own, by follow."""
        counts: Any = await self._redis.hgetall(count_key(who, day))
        return {key.decode(): int(count) for key, count in counts.items()}

    async def sent_alert(self, who: str, cluster: str) -> SentAlert | None:
        """Return an alert that was sent in a message of its own; None for any other."""
        row: Any = await self._redis.hmget(
            row_key(who, cluster),
            ["state", "shared", "detail", "sent_at", "story_id", "reasons", "attempt", "repeats"],
        )
        state, shared, message_id, sent_at, story_id, reasons, attempt, repeats = row
        if state != b"sent" or shared != b"1" or not message_id:
            return None
        story: Any = await self._redis.get(story_key(story_id.decode()))
        if story is None:
            return None
        due = AlertDue(who, cluster, story_id.decode())
        content = AlertStory.model_validate_json(story)
        alert = Alert(due, content, orjson.loads(reasons), int(attempt), int(repeats))
        return SentAlert(alert, message_id.decode(), _moment(sent_at))

    async def recipients_of(self, cluster: str) -> AsyncIterator[tuple[str, str]]:
        """Yield who was sent a cluster in a message of its own, and that message's id, in pages and no order."""
        async for who, message_id in self._redis.hscan_iter(told_key(cluster), count=500):
            yield who.decode(), message_id.decode()

    async def folded(self, who: str, limit: int = 200) -> list[Folded]:
        """Return what waits for a recipient's digest, the newest first."""
        members: Any = await self._redis.zrevrange(digest_key(who), 0, limit - 1)
        clusters = [member.decode() for member in members]
        async with self._redis.pipeline(transaction=False) as pipe:
            for cluster in clusters:
                pipe.hmget(row_key(who, cluster), ["state", "story_id", "reasons", "queued"])
            rows = await pipe.execute()
        waiting = [(cluster, row) for cluster, row in zip(clusters, rows, strict=True) if row[0] == b"digest"]
        keys = [story_key(row[1].decode()) for _cluster, row in waiting]
        stories: Any = await self._redis.mget(keys) if keys else []
        return [
            Folded(
                AlertDue(who, cluster, story_id.decode()), AlertStory.model_validate_json(story),
                orjson.loads(reasons), _moment(queued),
            )
            for (cluster, (_state, story_id, reasons, queued)), story in zip(waiting, stories, strict=True)
            if story is not None
        ]  # fmt: skip

    async def moved(self, who: str) -> str | None:
        """Return the address that a recipient moved to or came from of late, None when it did not."""
        other: Any = await self._redis.get(moved_key(who))
        return other.decode() if other else None

    async def digested(self, who: str, clusters: Sequence[str], message_id: str, at: datetime) -> int:
        """Write that rows which waited for the digest were sent with it. Return how many."""
        return await self._leave_digest(who, "sent", message_id, int(at.timestamp() * 1000), clusters)

    async def unfold(self, who: str, clusters: Sequence[str]) -> int:
        """Drop rows that waited for the digest and are not wanted any more. Return how many."""
        return await self._leave_digest(who, "dropped", "not wanted any more", 0, clusters)

    async def _leave_digest(
        self, who: str, state: RowState, detail: str, now: int, clusters: Sequence[str]
    ) -> int:
        args: list[str | int] = [who, state, detail, now, *clusters]
        return int(await self._left(keys=[digest_key(who)], args=args))


def _moment(milliseconds: bytes) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
