"""Asking the sources again and again: each by its own schedule, none able to stop another."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from services.ingest.fetch import Fetched, FetchError, NotModified, Validators
from services.ingest.formats import ParseError
from services.ingest.handlers import Fetches, Reception
from services.ingest.ports import UnavailableError
from services.ingest.schedule import Schedule, SourceState, origin_of, validators_of
from services.ingest.sources import SourceConfig
from shared.clock import Clock
from shared.observe import Metrics, redact

log = structlog.get_logger(__name__)

_AT_ONCE = 8
_SHORTEST_SLEEP = 0.5
_LONGEST_SLEEP = 30.0


class SourceStates(Protocol):
    """Remembers the state of every source, for all replicas of ingest."""

    async def read(self, ids: Sequence[str]) -> dict[str, SourceState]:
        """Return the states of the sources that were asked before."""

    async def write(self, source_id: str, state: SourceState) -> None:
        """Remember a state."""

    async def take_turn(self, source_id: str) -> bool:
        """Return whether this replica may ask the source now; others may not until ``end_turn`` or two minutes."""

    async def end_turn(self, source_id: str) -> None:
        """Let any replica ask the source again."""


class Poller:
    """Asks every source when it is due."""

    def __init__(
        self,
        sources: Sequence[SourceConfig],
        *,
        fetcher: Fetches,
        reception: Reception,
        states: SourceStates,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._sources = sources
        self._fetcher, self._reception, self._states = fetcher, reception, states
        self._clock, self._metrics = clock, metrics
        self._schedule = Schedule(clock)
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop; what is being fetched then is broken off, and is fetched again next time."""
        async with asyncio.TaskGroup() as group:
            asking: dict[str, asyncio.Task[None]] = {}
            while not stop.is_set():
                asking = {source_id: task for source_id, task in asking.items() if not task.done()}
                idle = [source for source in self._sources if source.id not in asking]
                states = await self._states.read([source.id for source in idle])
                for source in self._schedule.due(idle, states):
                    asking[source.id] = group.create_task(self._in_place(source))
                pause = self._schedule.seconds_until_next(idle, states)
                # A slow source must not keep the others waiting, so nothing here waits for a fetch to end.
                seconds = (
                    _SHORTEST_SLEEP if pause is None else min(_LONGEST_SLEEP, max(_SHORTEST_SLEEP, pause))
                )
                try:
                    await asyncio.wait_for(stop.wait(), seconds if self._sources else _LONGEST_SLEEP)
                except TimeoutError:
                    continue
            for task in asking.values():
                task.cancel()

    async def _in_place(self, source: SourceConfig) -> None:
        async with self._places:
            if not await self._states.take_turn(source.id):
                return
            try:
                # Read anew: while this one waited for its place, another replica may have asked.
                states = await self._states.read([source.id])
                if self._schedule.due([source], states):
                    state = states.get(source.id, SourceState())
                    await self._states.write(source.id, await self._ask(source, state))
            finally:
                await self._states.end_turn(source.id)

    async def _ask(self, source: SourceConfig, state: SourceState) -> SourceState:
        """Ask one source; whatever goes wrong with it is its own affair, noted in its state."""
        try:
            fetched = await self._fetcher.fetch(source, Validators(*validators_of(source, state)))
            if isinstance(fetched, NotModified):
                self._count(source, "unchanged")
                return self._schedule.unchanged(source, state)
            return await self._take(source, state, fetched)
        except (FetchError, ParseError) as error:
            return self._failed(
                source, state, error.reason, error.detail, getattr(error, "retry_after", None)
            )
        except UnavailableError as error:
            return self._failed(source, state, "overloaded", str(error), float(error.retry_after))
        except Exception as error:
            log.exception("source failed in an unexpected way", source=source.id)
            return self._failed(source, state, "unexpected", f"{type(error).__name__}: {error}", None)

    async def _take(self, source: SourceConfig, state: SourceState, fetched: Fetched) -> SourceState:
        first, now = state.last_ok_at is None, self._clock.now()
        intake = await self._reception.take(
            source, fetched, lambda item: origin_of(item, first_fetch=first, now=now)
        )
        self._count(source, "ok")
        log.info(
            "source fetched",
            source=source.id,
            fetched=intake.fetched,
            accepted=len(intake.accepted),
            revised=len(intake.revised),
            duplicate=intake.duplicate,
            rejected=dict(intake.rejected),
        )
        return self._schedule.succeeded(
            source, state, etag=fetched.validators.etag, last_modified=fetched.validators.last_modified
        )

    def _failed(
        self, source: SourceConfig, state: SourceState, reason: str, detail: str, wait: float | None
    ) -> SourceState:
        self._count(source, reason)
        log.warning("source failed", source=source.id, reason=reason, detail=redact(detail))
        return self._schedule.failed(source, state, reason, retry_after=wait)

    def _count(self, source: SourceConfig, outcome: str) -> None:
        self._metrics.fetches.labels(source.id, outcome).inc()
