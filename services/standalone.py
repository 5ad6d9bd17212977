"""Where everything is put together: which server, which archive, which services in this process.

``up`` runs all four services in one process on embedded parts. ``attach`` is for the short-lived verbs: it uses
whatever runs already, and starts in its own process what is missing.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from redis.asyncio import Redis

from services import SERVICES
from shared.archive.opening import open_archive
from shared.archive.port import StoryArchive
from shared.embedded import DataFolder, EmbeddedServer, Instance, running_instance
from shared.leases import end_all_leases
from shared.observe import Metrics
from shared.service import Service, connect, running
from shared.settings import Settings, read_settings, reveal
from shared.status import read_status


class NotConfigured(Exception):  # noqa: N818 - a state of the world
    """The environment lacks something that this verb needs. The message says what to set."""


def build_service(name: str, settings: Settings, *, redis: Redis, metrics: Metrics) -> Service:
    """Build one service. Only what it needs is imported, so each stays as small as it can."""
    match name:
        case "ingest":
            from services.ingest import app as ingest
            from services.ingest.settings import IngestSettings

            return ingest.build(read_settings(IngestSettings, settings), redis=redis, metrics=metrics)
        case "enrich":
            from services.enrich import app as enrich
            from services.enrich.settings import EnrichSettings

            return enrich.build(read_settings(EnrichSettings, settings), redis=redis)
        case "index":
            from services.index import app as index
            from services.index.settings import IndexSettings

            return index.build(read_settings(IndexSettings, settings), archive=open_archive(settings))
        case "bot":
            from services.bot import app as bot
            from services.bot.settings import BotSettings

            archive = open_archive(settings, read_only=True)
            return bot.build(
                read_settings(BotSettings, settings), redis=redis, archive=archive, metrics=metrics
            )
    raise ValueError(f"there is no service {name!r}; the services are {', '.join(SERVICES)}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a verb works with: a server, the archive for reading, and how to reach the process that serves."""

    settings: Settings
    redis: Redis
    archive: StoryArchive
    http_url: str | None = None


@contextlib.asynccontextmanager
async def own_server(settings: Settings) -> AsyncIterator[tuple[str, DataFolder]]:
    """Hold the data folder, and run the embedded server unless the environment names another one.

    Raises ``AlreadyRunning`` when another process holds the folder.
    """
    folder = DataFolder(settings.home)
    folder.acquire()
    server = None
    try:
        if (url := reveal(settings.redis_url)) is None:
            server = EmbeddedServer(settings.home)
            await server.start()
            url = server.url
            async with connect(url) as redis:
                # Nobody else can be alive on a server that this process has just started.
                await end_all_leases(redis)
        yield url, folder
    finally:
        if server is not None:
            await server.stop()
        folder.release()


@contextlib.asynccontextmanager
async def up(settings: Settings, metrics: Metrics) -> AsyncIterator[Attachment]:
    """Run all four services in this process until the block is left, then drain them."""
    async with own_server(settings) as (url, folder), connect(url) as redis:
        services = [build_service(name, settings, redis=redis, metrics=metrics) for name in SERVICES]
        # A port that was asked for by name must be had; the default one gives way.
        any_port = "http_port" not in settings.model_fields_set
        async with (
            running(
                services, url=url, redis=redis, settings=settings, metrics=metrics, any_port=any_port
            ) as address,
            _reading(settings) as archive,
        ):
            folder.announce(Instance(pid=os.getpid(), redis_url=url, http_url=address))
            yield Attachment(settings, redis, archive, address)


@contextlib.asynccontextmanager
async def attach(settings: Settings, *, need: Collection[str] = ()) -> AsyncIterator[Attachment]:
    """Use the server that the environment names, or the instance that runs on the data folder, or start one.

    The services in ``need`` that nobody runs are run in this process, without HTTP, until the block is left.
    """
    async with contextlib.AsyncExitStack() as stack:
        url, http_url = await stack.enter_async_context(_server(settings))
        redis = await stack.enter_async_context(connect(url))
        metrics = Metrics()
        missing = [
            build_service(name, settings, redis=redis, metrics=metrics)
            for name in SERVICES
            if name in need and not await _lives(name, redis)
        ]
        await stack.enter_async_context(
            running(
                missing, url=url, redis=redis, settings=settings, metrics=metrics, serve=False, patient=False
            )
        )
        archive = await stack.enter_async_context(_reading(settings))
        yield Attachment(settings, redis, archive, http_url)


@contextlib.asynccontextmanager
async def _server(settings: Settings) -> AsyncIterator[tuple[str, str | None]]:
    """Give the server to attach to and, of an instance that runs on the data folder, its HTTP address."""
    if (url := reveal(settings.redis_url)) is not None:
        yield url, None
    elif (instance := running_instance(settings.home)) is not None:
        yield instance.redis_url, instance.http_url
    else:
        async with own_server(settings) as (url, _folder):
            yield url, None


async def _lives(name: str, redis: Redis) -> bool:
    status = await read_status(redis)
    return any(stage.stage == name and stage.consumers > 0 for stage in status.stages)


@contextlib.asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[StoryArchive]:
    archive = open_archive(settings, read_only=True)
    try:
        yield archive
    finally:
        await archive.close()


@contextlib.asynccontextmanager
async def one_service(name: str, settings: Settings, metrics: Metrics) -> AsyncIterator[str | None]:
    """Run one service as its own process, on the server that the environment names."""
    url = reveal(settings.redis_url)
    if url is None:
        raise NotConfigured(
            "A single service needs a Redis server that all services share: set DATELINE_REDIS_URL "
            "(for example redis://localhost:6379/0), or use `dateline up` for everything in one process."
        )
    async with connect(url) as redis:
        service = build_service(name, settings, redis=redis, metrics=metrics)
        async with running([service], url=url, redis=redis, settings=settings, metrics=metrics) as address:
            yield address
