"""How a stage reads, advances, retries and dead-letters. Everything else trusts this module.

A stage has two paths over one consumer group:

* the **fast path**: FastStream reads batches of new entries. Each entry is parsed by itself, so a bad one harms no
  other; the stage's handler answers one outcome per story; the whole batch is settled by one server-side script.
* the **reclaim path** (``sweep``): entries that a dead consumer held, and our own that failed, one at a time. The
  server counts deliveries; after ``max_tries`` an entry goes to the dead letters with its reason.

What holds: an entry is acknowledged in the same step as its effect, so a kill at any instant loses nothing and
passes nothing on twice. ``Transient`` (something is unreachable) pauses the stage and burns no try. A consumer
that lives keeps its entries, however long it waits; one whose lease ended is taken over at once.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from shared.clock import Clock, SystemClock
from shared.conservation import SOURCES_KEY, UNATTRIBUTED, counts_key
from shared.dead_letters import write_dead_letter
from shared.delivery_scripts import once_key, settle_script
from shared.envelope import ADMITTED_FIELD, unwrap
from shared.leases import living
from shared.observe import Metrics
from shared.stages import Dead, Done, Forward, Limits, M, Outcome, Stage, Transient
from shared.topology import DEAD, ensure_groups

log = structlog.get_logger(__name__)

Fields = dict[bytes, bytes]

#: What the script answers for an entry that had no effect now.
_ANSWERS = {0: "elsewhere", 2: "repeated"}

#: What means that a server is away or full, and nothing is wrong with the entry.
UNREACHABLE = (Transient, RedisConnectionError, RedisTimeoutError, OutOfMemoryError)


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """One stream entry: its parsed message, or why it could not be parsed."""

    id: bytes
    fields: Fields
    message: M | None
    fault: str | None
    deliveries: int = 1


class StageConsumer(Generic[M]):
    """One consumer of one stage: both paths, and what it holds at the moment."""

    def __init__(
        self,
        redis: Redis,
        stage: Stage[M],
        consumer: str,
        *,
        limits: Limits,
        metrics: Metrics,
        stopping: asyncio.Event,
        clock: Clock | None = None,
    ) -> None:
        self.stage, self.consumer, self.stopping = stage, consumer, stopping
        self._redis, self._limits, self._metrics = redis, limits, metrics
        self._clock = clock or SystemClock()
        self._held: set[bytes] = set()
        self._settle = settle_script(redis)

    async def take(self, rows: Sequence[tuple[bytes, Fields]]) -> None:
        """Handle a batch of new entries (the fast path). Never raises for what is in them."""
        rows = [*rows, *await self._linger(self.stage.batch - len(rows))]
        entries = [self._parse(entry_id, fields) for entry_id, fields in rows]
        await self._work(entries)

    async def sweep(self) -> int:
        """Handle what was left behind (the reclaim path), one entry at a time. Return how many were tried.

        One at a time, for an entry that kills its process must not burn the tries of its neighbours.
        """
        tried = 0
        for entry_id, deliveries, idle in await self._left_behind():
            if self.stopping.is_set():
                break
            claimed: Any = await self._redis.xclaim(
                self.stage.stream.name, self.stage.group, self.consumer, max(1, idle), [entry_id]
            )
            for claimed_id, fields in claimed:
                tried += 1
                entry = self._parse(claimed_id, fields or {}, deliveries + 1)
                if deliveries >= self._limits.max_tries:
                    fault = f"no consumer lived to finish it in {deliveries} deliveries"
                    entry = Entry(claimed_id, entry.fields, entry.message, entry.fault or fault, deliveries)
                if not await self._work([entry]):
                    # Waiting for something unreachable is not the entry's failure: give the delivery back.
                    await self._give_back(claimed_id, deliveries)
        return tried

    async def run_sweeps(self) -> None:
        """Sweep at once and then again and again, until cancelled; make lost groups anew."""
        while True:
            try:
                await self.sweep()
            except ResponseError as error:
                if "NOGROUP" in str(error):
                    await ensure_groups(self._redis)
                else:
                    log.exception("sweep failed", stage=self.stage.name)
            except RedisError as error:
                log.warning("sweep postponed", stage=self.stage.name, error=str(error))
            await asyncio.sleep(self._limits.sweep_seconds)

    async def _linger(self, room: int) -> list[tuple[bytes, Fields]]:
        if not self.stage.linger_seconds or room <= 0 or self.stopping.is_set():
            return []
        await asyncio.sleep(self.stage.linger_seconds)
        read: Any = await self._redis.xreadgroup(
            self.stage.group, self.consumer, {self.stage.stream.name: ">"}, count=room
        )
        return [row for _stream, rows in (read or ()) for row in rows]

    def _parse(self, entry_id: bytes, fields: Fields, deliveries: int = 1) -> Entry[M]:
        try:
            return Entry(
                entry_id, fields, self.stage.model.model_validate_json(unwrap(fields)), None, deliveries
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "body"
            return Entry(entry_id, fields, None, f"{where}: {first['msg']}", deliveries)
        except ValueError as error:
            return Entry(entry_id, fields, None, str(error), deliveries)

    async def _left_behind(self) -> list[tuple[bytes, int, int]]:
        """Return (id, deliveries, idle ms) of entries whose consumer is dead, and of our own that failed."""
        rows: list[dict[str, Any]] = []
        start: bytes | str = "-"
        while page := await self._pending_from(start):
            rows += page
            start = b"(" + page[-1]["message_id"]
        alive = await living(self._redis, {row["consumer"].decode() for row in rows})
        return [
            (row["message_id"], row["times_delivered"], row["time_since_delivered"])
            for row in rows
            if (
                row["time_since_delivered"] >= self._limits.retry_seconds * 1000
                and row["message_id"] not in self._held
                if row["consumer"].decode() == self.consumer
                else row["consumer"].decode() not in alive
            )
        ]

    async def _pending_from(self, start: bytes | str) -> list[dict[str, Any]]:
        page: Any = await self._redis.xpending_range(
            self.stage.stream.name, self.stage.group, start, "+", 500
        )
        return list(page)

    async def _work(self, entries: Sequence[Entry[M]]) -> bool:
        """Handle and settle entries, waiting while something is unreachable. False when stopped while waiting."""
        self._held.update(entry.id for entry in entries)
        try:
            with self._metrics.batch_seconds.labels(self.stage.name).time():
                return await self._patiently(entries)
        finally:
            self._held.difference_update(entry.id for entry in entries)

    async def _patiently(self, entries: Sequence[Entry[M]]) -> bool:
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(UNREACHABLE),
            wait=wait_exponential_jitter(multiplier=0.2, max=self._limits.pause_seconds),
            stop=lambda _state: self.stopping.is_set(),
            before_sleep=self._note_pause,
            sleep=self._sleep_unless_stopping,
            retry_error_callback=lambda _state: False,
        )
        return bool(await attempts(self._handle_and_settle, entries))

    def _note_pause(self, state: RetryCallState) -> None:
        self._metrics.pauses.labels(self.stage.name).inc()
        error = state.outcome.exception() if state.outcome else None
        log.warning("stage waits", stage=self.stage.name, attempt=state.attempt_number, error=str(error))

    async def _sleep_unless_stopping(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _handle_and_settle(self, entries: Sequence[Entry[M]]) -> bool:
        sound = [entry for entry in entries if entry.message is not None and entry.fault is None]
        outcomes = {entry.id: outcome for entry, outcome in await self._handle(sound)}
        outcomes |= {entry.id: Dead(entry.fault) for entry in entries if entry.fault is not None}
        settled = [(entry, outcomes[entry.id]) for entry in entries if entry.id in outcomes]
        if settled:
            await self._settle_all(settled)
        return True

    async def _handle(self, entries: Sequence[Entry[M]]) -> list[tuple[Entry[M], Outcome]]:
        """Let the stage handle a batch; if the batch fails as a whole, each entry by itself."""
        if not entries:
            return []
        try:
            outcomes = await self.stage.handle(
                [entry.message for entry in entries if entry.message is not None]
            )
            return list(zip(entries, outcomes, strict=True))
        except UNREACHABLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, its entry stays and others go on
            if len(entries) > 1:
                return [pair for entry in entries for pair in await self._handle([entry])]
            return self._failed(entries[0], error)

    def _failed(self, entry: Entry[M], error: Exception) -> list[tuple[Entry[M], Outcome]]:
        """Leave a failed entry pending for the reclaim path, or bury it when it has had its tries."""
        log.exception(
            "entry failed", stage=self.stage.name, entry=entry.id.decode(), deliveries=entry.deliveries
        )
        self._metrics.outcomes.labels(self.stage.name, "failed").inc()
        if entry.deliveries < self._limits.max_tries:
            return []
        return [(entry, Dead(f"failed {entry.deliveries} times: {type(error).__name__}: {error}"))]

    async def _give_back(self, entry_id: bytes, deliveries: int) -> None:
        await self._redis.xclaim(
            self.stage.stream.name, self.stage.group, self.consumer, 0, [entry_id],
            retrycount=deliveries, justid=True,
        )  # fmt: skip

    async def _settle_all(self, settled: Sequence[tuple[Entry[M], Outcome]]) -> None:
        stage = self.stage
        keys = [stage.stream.name, (stage.next or stage.stream).name, DEAD.name, SOURCES_KEY]
        args: list[str | bytes | int] = [stage.group, self._limits.once_seconds]
        for entry, outcome in settled:
            source = self._source(entry)
            identity = stage.identify(entry.message) if entry.message is not None else entry.id.decode()
            keys += [once_key(stage.name, identity), counts_key(source)]
            admitted = "1" if ADMITTED_FIELD in entry.fields else "0"
            args += [entry.id, *self._effect(entry, outcome, source), admitted]
        answers = await self._settle(keys=keys, args=args)
        names = [
            self._report(entry, outcome, answer)
            for (entry, outcome), answer in zip(settled, answers, strict=True)
        ]
        for name, number in Counter(names).items():
            self._metrics.outcomes.labels(stage.name, name).inc(number)

    def _source(self, entry: Entry[M]) -> str:
        return self.stage.source(entry.message) if entry.message is not None else UNATTRIBUTED

    def _effect(self, entry: Entry[M], outcome: Outcome, source: str) -> tuple[str | bytes, ...]:
        """Return verb, payload, source, count on success, count when repeated."""
        counted = self.stage.counted
        told = source if counted else ""
        match outcome:
            case Forward(payload):
                return "forward", payload, told, "", "duplicate" if counted else ""
            case Done(count):
                return "done", b"", told, count, "duplicate" if counted else ""
            case Dead(reason):
                letter = write_dead_letter(
                    self.stage.name, self.stage.stream.name, entry.id.decode(), entry.fields, reason,
                    deliveries=entry.deliveries, at=self._clock.now(), source_id=source,
                )  # fmt: skip
                return "dead", letter, told, "dead" if counted else "", ""

    def _report(self, entry: Entry[M], outcome: Outcome, answer: int) -> str:
        """Log what became of an entry, and return its name for the metric."""
        name = _ANSWERS.get(answer) or (outcome.count if isinstance(outcome, Done) and outcome.count else "")
        name = name or type(outcome).__name__.lower()
        identity = self.stage.identify(entry.message) if entry.message is not None else None
        if isinstance(outcome, Dead) and answer:
            log.error("dead letter", stage=self.stage.name, story=identity, reason=outcome.reason)
        else:
            log.debug("settled", stage=self.stage.name, story=identity, outcome=name)
        return name
