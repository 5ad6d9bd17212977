"""Running services: built the same way, started, watched, and drained in order.

One process runs one service (``dateline run``) or all four (``dateline up``); the code is the same.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from starlette.routing import BaseRoute

from shared.archive.port import ArchiveUnavailable
from shared.consumers import Consumers
from shared.endpoints import Check, listen, make_endpoints, serve_http
from shared.keeper import keep_house
from shared.observe import Metrics
from shared.settings import Settings
from shared.stages import Stage
from shared.supervision import end, supervised
from shared.topology import ensure_groups

log = structlog.get_logger(__name__)

#: Background work of a service: runs until the event is set, then ends by itself.
Work = Callable[[asyncio.Event], Awaitable[None]]


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """What ``build()`` of each service's ``app.py`` returns: parts, wired and not yet started."""

    name: str
    stages: Sequence[Stage[Any]] = ()
    work: Mapping[str, Work] = field(default_factory=dict)
    routes: Sequence[BaseRoute] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    setup: Callable[[], Awaitable[None]] = _nothing
    """Called before anything is read; may be repeated."""
    close: Callable[[], Awaitable[None]] = _nothing


def connect(url: str) -> Redis:
    """Return a client that rides out a restart of the server of a second or two; longer is the caller's to wait."""
    retry = Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), 3)
    return Redis.from_url(
        url,
        retry=retry,
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
        socket_timeout=5,
        health_check_interval=15,
    )


class RunningService:
    """A started service, until it is drained."""

    def __init__(
        self, service: Service, url: str, redis: Redis, settings: Settings, metrics: Metrics
    ) -> None:
        self.service = service
        self.consumers = Consumers(url, redis, service.stages, settings=settings, metrics=metrics)
        self._drain_seconds = settings.drain_seconds
        self._up = False
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, *, patient: bool) -> None:
        """Set up, read, and start the background work.

        While the archive is away a patient service waits for it in the background, unready; another one raises
        ``ArchiveUnavailable``.
        """
        try:
            await self.service.setup()
        except ArchiveUnavailable as error:
            if not patient:
                raise
            log.warning("service waits for the archive", service=self.service.name, error=str(error))
            self._tasks.append(
                asyncio.create_task(supervised(self._start_late, name=f"{self.service.name}.setup"))
            )
        else:
            await self._go()

    async def _start_late(self) -> None:
        await self.service.setup()
        await self._go()

    async def _go(self) -> None:
        await self.consumers.start()
        for name, work in self.service.work.items():
            task = supervised(lambda work=work: work(self._stop), name=f"{self.service.name}.{name}")  # type: ignore[misc]
            self._tasks.append(asyncio.create_task(task))
        self._up = True
        log.info("service started", service=self.service.name, consumer=self.consumers.name)

    async def drain(self) -> None:
        """Stop taking in, finish what is held, release everything."""
        self._stop.set()
        await self.consumers.stop()
        if self._up and self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=self._drain_seconds)
            if late:
                log.warning("work cut short", service=self.service.name, tasks=len(late))
        await end(*self._tasks)
        await self.service.close()
        log.info("service stopped", service=self.service.name)

    async def check(self) -> str | None:
        """Answer the readiness check of the consumers."""
        if not self._up:
            return "still starting"
        return None if self.consumers.running else "a stage has stopped reading"


@contextlib.asynccontextmanager
async def running(
    services: Sequence[Service],
    *,
    url: str,
    redis: Redis,
    settings: Settings,
    metrics: Metrics,
    serve: bool = True,
    any_port: bool = False,
    patient: bool = True,
) -> AsyncIterator[str | None]:
    """Run services in this process: start them in order, drain them in the same order, source before sink.

    Yields the address of the HTTP endpoints, None without ``serve``.
    """
    await ensure_groups(redis)
    started = [RunningService(service, url, redis, settings, metrics) for service in services]
    stop_http, stop_house = asyncio.Event(), asyncio.Event()
    house = asyncio.create_task(keep_house(redis, keep_seconds=settings.keep_seconds, stop=stop_house))
    address, http = None, None
    try:
        for each in started:
            await each.start(patient=patient)
        if serve:
            bound = listen(settings.http_host, settings.http_port, or_any=any_port)
            address = "http://{}:{}".format(*bound.getsockname()[:2])
            app = make_endpoints(
                _checks(started, redis), [r for s in services for r in s.routes], redis=redis, metrics=metrics
            )
            http = asyncio.create_task(serve_http(app, bound, stop_http))
            log.info("serving", address=address)
        yield address
    finally:
        stop_http.set()
        if http is not None:
            await asyncio.gather(http, return_exceptions=True)
        for each in started:
            await each.drain()
        # Asked, not cancelled: on Python 3.11 a cancellation can get lost inside the client (asyncio.wait_for).
        stop_house.set()
        await asyncio.gather(house, return_exceptions=True)


def _checks(started: Sequence[RunningService], redis: Redis) -> dict[str, Check]:
    async def redis_answers() -> str | None:
        await redis.ping()
        return None

    checks: dict[str, Check] = {"redis": redis_answers}
    for each in started:
        checks[f"{each.service.name} consumers"] = each.check
        checks |= {f"{each.service.name} {name}": check for name, check in each.service.checks.items()}
    return checks


@contextlib.contextmanager
def stop_on_signals() -> Any:
    """Give an event that the first SIGINT or SIGTERM sets. The second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        if stop.is_set():
            raise SystemExit(128 + number)
        log.info("stopping", signal=number.name)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask, number)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
