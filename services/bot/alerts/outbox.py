"""The outbox in Redis: a hash per row, the entries that announce them, and those that wait for their time."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.bot.alerts.outbox_scripts import (
    DELAYED_KEY,
    claim_script,
    enqueue_script,
    progress_key,
    release_script,
    row_key,
    settle_script,
    story_key,
)
from services.bot.alerts.port import (
    Alert,
    AlertDue,
    AlertStory,
    Left,
    Policy,
    Progress,
    Recipient,
    Result,
    RowState,
)
from services.bot.subscription_store import follows_key
from services.bot.suspension_store import SUSPENDED_KEY
from shared.clock import Clock
from shared.topology import OUTBOX

log = structlog.get_logger(__name__)

#: How long a row is kept after the last telling of its cluster: so long nobody is alerted of it again.
ROW_LIFETIME = timedelta(days=7)
#: How long a sender that took a row is trusted to be alive. Longer than any one send may take.
TRUST = timedelta(seconds=45)
#: An alert that could not be sent for so long is dropped; it is no news any more.
PATIENCE = timedelta(hours=48)

_LEFT = TypeAdapter(Left)
_STATE: TypeAdapter[RowState] = TypeAdapter(RowState)
_COMPLETE = "complete"
_AFTER = "after:"
_RELEASED_AT_ONCE = 200


class RedisOutbox:
    """The rows of all recipients (see ``Outbox``)."""

    def __init__(
        self,
        redis: Redis,
        *,
        policy: Policy = "resend",
        lifetime: timedelta = ROW_LIFETIME,
        trust: timedelta = TRUST,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._redis = redis
        self._policy = policy
        self._lifetime = int(lifetime.total_seconds())
        self._trust = _milliseconds(trust)
        self._patience = _milliseconds(patience)
        self._enqueue = enqueue_script(redis)
        self._claim = claim_script(redis)
        self._settle = settle_script(redis)
        self._release = release_script(redis)

    async def progress(self, story_id: str) -> Progress:
        """Return how far the fan-out of a story has come."""
        value: Any = await self._redis.get(progress_key(story_id))
        text = value.decode() if value else ""
        return Progress(text.removeprefix(_AFTER) if text.startswith(_AFTER) else None, text == _COMPLETE)

    async def enqueue(
        self, story: AlertStory, recipients: Sequence[Recipient], progress: Progress, at: datetime
    ) -> int:
        """Add and announce the rows that are absent; see the port."""
        reached = _COMPLETE if progress.complete else f"{_AFTER}{progress.after}"
        return await self._add(story, recipients, reached, at)

    async def redirect(self, alert: Alert, who: str, at: datetime) -> bool:
        """Add and announce the row of a recipient's new address; see the port."""
        return await self._add(alert.story, [Recipient(who, alert.reasons)], "", at) > 0

    async def _add(
        self, story: AlertStory, recipients: Sequence[Recipient], progress: str, at: datetime
    ) -> int:
        keys = [OUTBOX.name, story_key(story.story_id), progress_key(story.story_id)]
        args: list[str | bytes | int] = [
            self._lifetime, story.model_dump_json(), progress, _instant(at), story.story_id,
        ]  # fmt: skip
        for recipient in recipients:
            due = AlertDue(who=recipient.who, cluster=story.cluster, story_id=story.story_id)
            keys.append(row_key(recipient.who, story.cluster))
            args += [due.model_dump_json(), orjson.dumps(dict(recipient.reasons))]
        return int(await self._enqueue(keys=keys, args=args))

    async def claim(self, due: AlertDue, at: datetime) -> Alert | Left:
        """Take a row for sending; see the port."""
        keys = [
            row_key(due.who, due.cluster), story_key(due.story_id), follows_key(due.who), SUSPENDED_KEY, DELAYED_KEY,
        ]  # fmt: skip
        taken = await self._claim(
            keys=keys,
            args=[
                due.turn, _instant(at), self._trust, self._policy, due.who, self._patience, due.model_dump_json(),
                secrets.token_hex(8),
            ],
        )  # fmt: skip
        if isinstance(taken, bytes):
            return _LEFT.validate_python({"state": taken.decode()})
        attempt, repeats, reasons, story = taken
        return Alert(
            due,
            AlertStory.model_validate_json(story),
            orjson.loads(reasons),
            attempt=attempt,
            repeats=repeats,
        )

    async def settle(self, alert: Alert, result: Result, at: datetime) -> bool:
        """Write the result of an attempt; see the port."""
        due = alert.due
        again = due.model_copy(update={"turn": due.turn + 1})
        ready_at = at + timedelta(seconds=result.delay)
        return bool(
            await self._settle(
                keys=[row_key(due.who, due.cluster), DELAYED_KEY],
                args=[
                    alert.attempt, result.state, result.detail, result.repeats, _instant(ready_at),
                    again.model_dump_json(),
                ],
            )
        )  # fmt: skip

    async def state(self, who: str, cluster: str) -> RowState | None:
        """Return the state of a row, None when there is none."""
        state: Any = await self._redis.hget(row_key(who, cluster), "state")
        return _STATE.validate_python(state.decode()) if state else None

    async def release_due(self, at: datetime) -> int:
        """Put the delayed alerts whose time has come back on the stream. Return how many."""
        total = 0
        while count := int(
            await self._release(keys=[OUTBOX.name, DELAYED_KEY], args=[_instant(at), _RELEASED_AT_ONCE])
        ):
            total += count
        return total

    async def keep_releasing(self, clock: Clock, *, every: float = 0.5) -> None:
        """Release what is due, every so many seconds, until cancelled. Any number of processes may do this."""
        while True:
            try:
                await self.release_due(clock.now())
            except RedisError as error:
                log.warning("delayed alerts not released", error=str(error))
            await asyncio.sleep(every)

    async def forget(self, who: str) -> None:
        """Delete all rows of a recipient. Walks over all keys: it is rare, and saves an index per recipient."""
        pattern = row_key(_literally(who), "*")
        async for key in self._redis.scan_iter(match=pattern, count=1000):
            await self._redis.delete(key)


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _instant(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _literally(text: str) -> str:
    """Write a text so that it stands for itself in a key pattern."""
    return "".join(f"\\{character}" if character in "*?[]\\" else character for character in text)
