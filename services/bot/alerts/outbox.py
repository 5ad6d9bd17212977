"""The outbox in Redis: rows in the queues of their recipients, and the turns that senders take."""

import asyncio
import math
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import structlog
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.bot.alerts.alerted_clusters import CLUSTERS_KEY, LIFETIME, clusters_of, count_keys
from services.bot.alerts.digest_due import DIGESTS_DUE_KEY
from services.bot.alerts.digest_scripts import asked_key
from services.bot.alerts.outbox_scripts import (
    ACTIVE_KEY,
    DELAYED_KEY,
    HELD_KEY,
    ROWS_KEY,
    TURN_KEYS,
    chat_key,
    count_key,
    digest_key,
    enqueue_script,
    held_member,
    move_script,
    moved_key,
    progress_key,
    queue_key,
    release_script,
    row_key,
    story_key,
    told_key,
)
from services.bot.alerts.outbox_turns import begin_script, claim_script, settle_script
from services.bot.alerts.port import (
    Alert,
    AlertDue,
    AlertStory,
    ChatDue,
    DigestRow,
    Left,
    Policy,
    Progress,
    Recipient,
    Result,
    RowKind,
    RowState,
    Turn,
)
from services.bot.subscription_store import follows_key
from services.bot.suspension_store import SUSPENDED_KEY
from shared.clock import Clock

log = structlog.get_logger(__name__)

#: How long a row is kept after the last telling of its cluster: so long nobody is alerted of it again.
ROW_LIFETIME = timedelta(days=7)
#: How long a sender that took a row is trusted to be alive. Longer than any one send may take.
TRUST = timedelta(seconds=45)
#: An alert that could not be sent for so long waits for the digest: it is no news any more.
PATIENCE = timedelta(hours=2)
#: Recipients that have their turn at once, for all senders together: what comes now waits behind no more than these.
ACTIVE = 48
#: Alerts that wait for one recipient leave in one message from so many on, and at most so many in one.
TOGETHER = (3, 10)

#: An announced turn that nobody took for so long is announced again.
_OVERDUE = timedelta(minutes=10)
_LEFT = TypeAdapter(Left)
_STATES: TypeAdapter[tuple[RowState, ...]] = TypeAdapter(tuple[RowState, ...])
_KIND: TypeAdapter[RowKind] = TypeAdapter(RowKind)
_COMPLETE = "complete"
_AFTER = "after:"
_RELEASED_AT_ONCE = 200
_DIGEST: RowKind = "digest"


class RedisOutbox:
    """The rows of all recipients (see ``Outbox``).

    With ``server_time`` the server's clock tells what is due and whom to trust, so that a process whose clock is wrong
    takes nothing from the others; else it is the caller's.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        policy: Policy = "resend",
        lifetime: timedelta = ROW_LIFETIME,
        trust: timedelta = TRUST,
        patience: timedelta = PATIENCE,
        active: int = ACTIVE,
        together: tuple[int, int] = TOGETHER,
        server_time: bool = False,
    ) -> None:
        self._redis = redis
        self._policy = policy
        self._lifetime = int(lifetime.total_seconds())
        self._trust = _milliseconds(trust)
        self._patience = _milliseconds(patience)
        self._active = active
        self._together = together
        self._server_time = server_time
        self._enqueue = enqueue_script(redis)
        self._claim = claim_script(redis)
        self._begin = begin_script(redis)
        self._settle = settle_script(redis)
        self._release = release_script(redis)
        self._move = move_script(redis)

    async def progress(self, story_id: str) -> Progress:
        """Return how far the fan-out of a story has come."""
        value: Any = await self._redis.get(progress_key(story_id))
        text = value.decode() if value else ""
        return Progress(text.removeprefix(_AFTER) if text.startswith(_AFTER) else None, text == _COMPLETE)

    async def enqueue(
        self, story: AlertStory, recipients: Sequence[Recipient], progress: Progress, at: datetime
    ) -> int:
        """Add the rows that are absent; see the port."""
        reached = _COMPLETE if progress.complete else f"{_AFTER}{progress.after}"
        rows = [part for each in recipients for part in (each.who, orjson.dumps(dict(each.reasons)))]
        body = story.model_dump_json() if recipients else ""
        return await self._add(at, story.cluster, story.story_id, body, reached, "alert", *rows)

    async def enqueue_digest(self, who: str, day: date, at: datetime) -> bool:
        """Add the row of a recipient's digest of a day of its own. False when there is one already.

        It is not due any more then: what comes to wait from now on makes a next one due.
        """
        cluster = f"digest:{day.isoformat()}"
        return bool(
            await self._add(at, cluster, "digest", "", "", _DIGEST, who, b"{}", also=[DIGESTS_DUE_KEY])
        )

    async def _add(
        self, at: datetime, cluster: str, story_id: str, *rest: str | bytes, also: Sequence[str] = ()
    ) -> int:
        keys = [*TURN_KEYS, story_key(story_id), progress_key(story_id), ROWS_KEY, CLUSTERS_KEY, *also]
        known = _milliseconds(LIFETIME)
        args = [*self._announcing, self._lifetime, self._now(at), cluster, story_id, known, *rest]
        return int(await self._enqueue(keys=keys, args=args))

    @property
    def _announcing(self) -> list[int]:
        return [self._active, _milliseconds(_OVERDUE)]

    def _now(self, at: datetime) -> int | str:
        return "" if self._server_time else int(at.timestamp() * 1000)

    async def claim(self, due: ChatDue, at: datetime) -> Turn | Left:
        """Take the first rows of a recipient; see the port."""
        call = secrets.token_hex(8)
        keys = [
            *TURN_KEYS, chat_key(due.who), queue_key(due.who), follows_key(due.who), SUSPENDED_KEY,
            digest_key(due.who), DIGESTS_DUE_KEY, moved_key(due.who),
        ]  # fmt: skip
        taken: Any = await self._claim(
            keys=keys,
            args=[
                *self._announcing, due.turn, self._now(at), self._trust, self._policy, due.who, self._patience,
                self._lifetime, call, *self._together,
            ],
        )  # fmt: skip
        if isinstance(taken, bytes):
            return _LEFT.validate_python({"state": taken.decode()})
        rows, closed = taken
        states = _STATES.validate_python([state.decode() for state in closed])
        return Turn(due, call, _rows(due.who, rows), states)

    async def begin(
        self, turn: Turn, clusters: Sequence[str], at: datetime, told: Sequence[str] = ()
    ) -> bool:
        """Note that rows are on their way from now on; see the port."""
        who = turn.due.who
        going = [row for row in turn.rows if row.due.cluster in clusters]
        telling = orjson.dumps(list(told)) if told else b""
        rows = [part for row in going for part in (row.due.cluster, row.repeats, telling)]
        args = [who, turn.claim, self._now(at), self._trust, *rows]
        return bool(await self._begin(keys=[chat_key(who), ACTIVE_KEY], args=args))

    async def settle(self, turn: Turn, results: Mapping[str, Result], at: datetime, day: date) -> bool:
        """Write what became of the rows of a turn; see the port."""
        who = turn.due.who
        keys = [
            *TURN_KEYS, chat_key(who), queue_key(who), HELD_KEY, digest_key(who), DIGESTS_DUE_KEY,
            count_key(who, day),
        ]  # fmt: skip
        sent = [row.due.cluster for row in turn.rows if results[row.due.cluster].state == "sent"]
        args: list[str | bytes | int] = [
            *self._announcing, who, turn.claim, self._now(at), self._lifetime, orjson.dumps(sent),
        ]  # fmt: skip
        for row in turn.rows:
            result = results[row.due.cluster]
            counted = orjson.dumps(list(row.reasons) if isinstance(row, Alert) else [])
            args += [
                row.due.cluster, result.state, result.detail, result.repeats, math.ceil(result.delay * 1000),
                int(result.tried), counted,
            ]  # fmt: skip
        return bool(await self._settle(keys=keys, args=args))

    async def move(self, old: str, new: str, claim: str = "") -> int:
        """Give all rows to a new address; see the port."""
        clusters = await clusters_of(self._redis, old)
        keys = [
            *TURN_KEYS, chat_key(old), HELD_KEY, digest_key(old), digest_key(new), DIGESTS_DUE_KEY,
            moved_key(old), moved_key(new),
        ]  # fmt: skip
        return int(await self._move(keys=keys, args=[old, new, claim, *clusters]))

    async def release_due(self, at: datetime) -> int:
        """Let come back what has waited long enough, and take turns from senders that are lost. Return how many."""
        total = 0
        keys = [*TURN_KEYS, HELD_KEY]
        args = [*self._announcing, self._now(at), _RELEASED_AT_ONCE]
        while count := int(await self._release(keys=keys, args=args)):
            total += count
        return total

    async def keep_releasing(self, clock: Clock, *, every: float = 0.2) -> None:
        """Release what is due, every so many seconds, until cancelled. Any number of processes may do this."""
        while True:
            try:
                await self.release_due(clock.now())
            except RedisError as error:
                log.warning("delayed alerts not released", error=str(error))
            await asyncio.sleep(every)

    async def forget(self, who: str) -> None:
        """Delete all rows of a recipient, and of no other."""
        for waiting in (ACTIVE_KEY, DELAYED_KEY, DIGESTS_DUE_KEY):
            await self._redis.zrem(waiting, who)
        await self._redis.delete(
            *(key(who) for key in (queue_key, chat_key, digest_key, asked_key, moved_key))
        )
        clusters = await clusters_of(self._redis, who)
        async with self._redis.pipeline(transaction=False) as pipe:
            for cluster in clusters:
                pipe.zrem(HELD_KEY, held_member(who, cluster))
                pipe.hdel(told_key(cluster), who)
                pipe.delete(row_key(who, cluster))
            pipe.delete(*await count_keys(self._redis, who))
            await pipe.execute()


def _rows(who: str, rows: Sequence[Any]) -> tuple[Alert, ...] | tuple[DigestRow]:
    found: list[Alert] = []
    for cluster, story_id, kind, attempt, repeats, reasons, story in rows:
        due = AlertDue(who, cluster.decode(), story_id.decode(), _KIND.validate_python(kind.decode()))
        if due.kind == "digest":
            return (DigestRow(due, attempt, repeats),)
        content = AlertStory.model_validate_json(story)
        found.append(Alert(due, content, orjson.loads(reasons), attempt=attempt, repeats=repeats))
    return tuple(found)


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
