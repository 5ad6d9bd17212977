"""What the rows of the outbox tell: states, what was sent, what waits for a digest."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import structlog
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.bot.alerts.digest_scripts import asked_key, leave_digest_script, take_digest_script
from services.bot.alerts.outbox_scripts import (
    DELAYED_KEY,
    HELD_KEY,
    LANES_KEY,
    count_key,
    digest_key,
    lane_key,
    moved_key,
    queue_key,
    row_key,
    story_key,
    told_key,
)
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Folded, RowState, SentMessage, Taken

log = structlog.get_logger(__name__)

#: So long a question that is put again, because its worker died, gets what it got before.
ASKED_LIFETIME = timedelta(minutes=10)

_STATE: TypeAdapter[RowState] = TypeAdapter(RowState)


class RedisRecords:
    """Reads rows, and notes what a digest has told (see ``Records``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._left = leave_digest_script(redis)
        self._take = take_digest_script(redis)

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

    async def sent_message(self, who: str, cluster: str) -> SentMessage | None:
        """Return the message of alerts that a recipient was sent a cluster with.

        None when there is none (a digest is none), or not all that it tells is kept any more.
        """
        row: Any = await self._redis.hmget(
            row_key(who, cluster), ["state", "shared", "detail", "sent_at", "beside"]
        )
        state, shared, message_id, sent_at, beside = row
        if state != b"sent" or not message_id:
            return None
        clusters = orjson.loads(beside) if beside else [cluster]
        alerts = await self._sent_alerts(who, clusters) if len(clusters) == int(shared or 0) else ()
        return SentMessage(alerts, message_id.decode(), _moment(sent_at)) if alerts else None

    async def _sent_alerts(self, who: str, clusters: Sequence[str]) -> tuple[Alert, ...]:
        """Return the alerts of clusters; none when one of them is gone."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for cluster in clusters:
                pipe.hmget(row_key(who, cluster), ["story_id", "reasons", "attempt", "repeats"])
            rows = await pipe.execute()
        if not all(row[0] for row in rows):
            return ()
        stories: Any = await self._redis.mget([story_key(row[0].decode()) for row in rows])
        if None in stories:
            return ()
        return tuple(
            Alert(
                AlertDue(who, cluster, story_id.decode()), AlertStory.model_validate_json(story),
                orjson.loads(reasons), int(attempt), int(repeats),
            )
            for cluster, (story_id, reasons, attempt, repeats), story in zip(clusters, rows, stories, strict=True)
        )  # fmt: skip

    async def recipients_of(self, cluster: str) -> AsyncIterator[tuple[str, str]]:
        """Yield who was sent a cluster in a message of alerts, and that message's id, in pages and no order."""
        async for who, message_id in self._redis.hscan_iter(told_key(cluster), count=500):
            yield who.decode(), message_id.decode()

    async def folded(self, who: str, limit: int = 200) -> list[Folded]:
        """Return what waits for a recipient's digest, the newest first."""
        members: Any = await self._redis.zrevrange(digest_key(who), 0, limit - 1)
        return await self._rows(who, [member.decode() for member in members], b"digest")

    async def _rows(self, who: str, clusters: Sequence[str], wanted: bytes) -> list[Folded]:
        """Return the rows of clusters that are in a state."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for cluster in clusters:
                pipe.hmget(row_key(who, cluster), ["state", "story_id", "reasons", "queued"])
            found = await pipe.execute()
        rows = [(cluster, row) for cluster, row in zip(clusters, found, strict=True) if row[0] == wanted]
        keys = [story_key(row[1].decode()) for _cluster, row in rows]
        stories: Any = await self._redis.mget(keys) if keys else []
        return [
            Folded(
                AlertDue(who, cluster, story_id.decode()), AlertStory.model_validate_json(story),
                orjson.loads(reasons), _moment(queued),
            )
            for (cluster, (_state, story_id, reasons, queued)), story in zip(rows, stories, strict=True)
            if story is not None
        ]  # fmt: skip

    async def take(self, who: str, clusters: Sequence[str], question: str, at: datetime) -> Taken:
        """Write that rows which waited for the digest were told because a recipient asked: all of them, or none."""
        kept = orjson.dumps([question or secrets.token_hex(8), list(clusters)])
        keys = [digest_key(who), queue_key(who), asked_key(who)]
        args: list[str | int | bytes] = [
            who,
            _instant(at),
            kept,
            int(ASKED_LIFETIME.total_seconds()),
            *clusters,
        ]
        told, leaving = await self._take(keys=keys, args=args)
        return Taken(bool(told), frozenset(cluster.decode() for cluster in leaving))

    async def asked(self, who: str, question: str) -> list[Folded]:
        """Return what a recipient's question was told already, nothing when it is a new one."""
        kept: Any = await self._redis.get(asked_key(who))
        before, clusters = orjson.loads(kept) if kept else ("", [])
        return await self._rows(who, clusters, b"sent") if question and before == question else []

    async def moved(self, who: str) -> str | None:
        """Return the address that a recipient moved to or came from of late, None when it did not."""
        other: Any = await self._redis.get(moved_key(who))
        return other.decode() if other else None

    async def digested(self, who: str, clusters: Sequence[str], message_id: str, at: datetime) -> int:
        """Write that rows which waited for the digest were sent with it. Return how many."""
        return await self._leave_digest(who, "sent", message_id, _instant(at), clusters)

    async def unfold(self, who: str, clusters: Sequence[str]) -> int:
        """Drop rows that waited for the digest and are not wanted any more. Return how many."""
        return await self._leave_digest(who, "dropped", "not wanted any more", 0, clusters)

    async def _leave_digest(
        self, who: str, state: RowState, detail: str, now: int, clusters: Sequence[str]
    ) -> int:
        args: list[str | int] = [who, state, detail, now, *clusters]
        return int(await self._left(keys=[digest_key(who)], args=args))


def _instant(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(milliseconds: bytes) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
