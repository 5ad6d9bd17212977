"""Running a service: health and metrics over real HTTP, a drain that finishes what is held, supervision."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from fakes.stories import raw_story
from services.ingest.admission import Door
from shared import endpoints
from shared.endpoints import listen
from shared.events import RawStory
from shared.leases import living
from shared.observe import Metrics
from shared.service import Service, connect, running
from shared.settings import Settings
from shared.stages import Done, Outcome, Stage
from shared.status import read_status
from shared.supervision import supervised, until
from shared.topology import RAW


async def test_metrics_are_told_while_the_server_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_CHECK_SECONDS", 0.1)
    asked = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        while await reader.read(1000):
            pass
        writer.close()
        await writer.wait_closed()

    silent = await asyncio.start_server(accept, "127.0.0.1", 0)
    metrics = Metrics()
    metrics.pauses.labels("index").inc()
    async with silent, connect(f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}") as redis:
        app = endpoints.make_endpoints({}, [], redis=redis, metrics=metrics)
        transport = httpx.ASGITransport(app)
        async with asyncio.timeout(4), httpx.AsyncClient(transport=transport, base_url="http://it") as client:
            told = await client.get("/metrics")

    assert asked.is_set()
    assert 'dateline_stage_pauses_total{stage="index"} 1.0' in told.text


def stage_of(handle: object) -> Stage[RawStory]:
    return Stage(
        name="enrich",
        stream=RAW,
        group="enrich",
        model=RawStory,
        handle=handle,  # type: ignore[arg-type]
        identify=lambda story: story.story_id,
        source=lambda story: story.source.id,
        counted=True,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, http_port=0, drain_seconds=5)


async def test_health_metrics_and_own_routes_are_served(
    redis: Redis, redis_url: str, settings: Settings
) -> None:
    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    sick = {"archive": "cannot be reached"}

    async def archive() -> str | None:
        return sick.get("archive")

    service = Service("index", routes=[Route("/hello", hello)], checks={"archive": archive})
    async with (
        running([service], url=redis_url, redis=redis, settings=settings, metrics=Metrics()) as address,
        httpx.AsyncClient(base_url=address or "", trust_env=False) as client,
    ):
        unready, live = await client.get("/health/ready"), await client.get("/health/live")
        sick.clear()
        ready, metrics, own = [await client.get(path) for path in ("/health/ready", "/metrics", "/hello")]

    assert (unready.status_code, live.status_code, ready.status_code) == (503, 200, 200)
    assert unready.json()["checks"]["index archive"] == "cannot be reached"
    assert 'dateline_stream_lag{group="enrich",stream="stories.raw"} 0.0' in metrics.text
    assert own.text == "hello"


async def test_a_stop_finishes_the_running_batch_and_gives_up_the_lease(
    redis: Redis, redis_url: str, settings: Settings
) -> None:
    begun = asyncio.Event()

    async def slow(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        begun.set()
        await asyncio.sleep(0.2)
        return [Done("stored") for _ in stories]

    service = Service("enrich", stages=[stage_of(slow)])
    async with running(
        [service], url=redis_url, redis=redis, settings=settings, metrics=Metrics(), serve=False
    ):
        await Door(redis, high_water=10)([(raw_story("a"), "f")])
        await begun.wait()

    status = await read_status(redis)
    (consumer,) = await redis.xinfo_consumers(RAW.name, "enrich")
    assert (status.stages[0].waiting, status.sources["wire"].stored, status.balanced) == (0, 1, True)
    assert await living(redis, [consumer["name"].decode()]) == set()


async def test_a_stage_reads_again_after_its_groups_were_lost(
    redis: Redis, redis_url: str, settings: Settings
) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def note(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        for story in stories:
            seen.put_nowait(story.story_id)
        return [Done("stored") for _ in stories]

    quick = settings.model_copy(update={"sweep_seconds": 0.1})
    service = Service("enrich", stages=[stage_of(note)])
    async with running([service], url=redis_url, redis=redis, settings=quick, metrics=Metrics(), serve=False):
        await redis.flushall()
        async with asyncio.timeout(20):
            while not await redis.exists(RAW.name):
                await asyncio.sleep(0.05)
            await Door(redis, high_water=10)([(raw_story("after"), "f")])
            assert await seen.get() == "after"


def test_a_taken_port_is_an_error_or_gives_way(settings: Settings) -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="DATELINE_HTTP_PORT"):
            listen("127.0.0.1", port)
        with listen("127.0.0.1", port, or_any=True) as second:
            assert second.getsockname()[1] != port


async def test_supervised_work_starts_again_after_it_failed() -> None:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs < 2:
            raise RuntimeError("once")

    await supervised(work, name="test")

    assert runs == 2


async def test_endless_work_ends_with_its_event_and_its_errors_come_out() -> None:
    stop = asyncio.Event()

    async def endless() -> None:
        await asyncio.Event().wait()

    async def broken() -> None:
        raise RuntimeError("broken")

    asyncio.get_running_loop().call_soon(stop.set)
    await until(stop, endless())
    with pytest.raises(RuntimeError, match="broken"):
        await until(asyncio.Event(), broken())
