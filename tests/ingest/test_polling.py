"""Polling on a real server over real HTTP: every source by itself, asked conditionally, first sight is no news."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.admission import Door
from services.ingest.fetch import Fetcher
from services.ingest.handlers import Reception
from services.ingest.polling import Poller
from services.ingest.schedule import SourceState
from services.ingest.source_store import RedisSourceStates
from services.ingest.sources import SourceConfig
from shared.clock import FixedClock
from shared.endpoints import listen, serve_http
from shared.envelope import unwrap
from shared.observe import Metrics
from shared.status import read_status
from shared.supervision import end
from shared.topology import RAW, ensure_groups

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Site:
    """A small web site: pages by path, with an ETag each, and what was asked of it."""

    def __init__(self) -> None:
        self.pages = {"/news": "First paragraph of news.\n\nSecond paragraph of news."}
        self.asked: list[tuple[str, int]] = []
        self.url = ""

    async def page(self, request: Request) -> Response:
        path = request.url.path
        body = self.pages.get(path)
        tag = f'"{hash(body)}"'
        known = 304 if request.headers.get("if-none-match") == tag else 200
        status = 404 if body is None else known
        self.asked.append((path, status))
        return Response(body if status == 200 else None, status, {"ETag": tag}, media_type="text/plain")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site, stop = Site(), asyncio.Event()
    bound = listen("127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    serving = asyncio.create_task(serve_http(Starlette(routes=[Route("/{name}", site.page)]), bound, stop))
    yield site
    stop.set()
    await serving


def source(site: Site, path: str, **settings: Any) -> SourceConfig:
    return SourceConfig(id=path.strip("/"), url=site.url + path, kind="text", allow_private=True, **settings)


async def all_noted(states: RedisSourceStates, sources: Sequence[SourceConfig], clock: FixedClock) -> bool:
    known = await states.read([each.id for each in sources])
    return len(known) == len(sources) and all(
        (state.next_due or NOON) > clock.now() for state in known.values()
    )


async def until_asked(
    redis: Redis, sources: Sequence[SourceConfig], clock: FixedClock, site: Site, times: int
) -> None:
    """Poll until the site has been asked so often and the answers are noted."""
    door, states = Door(redis, high_water=1000), RedisSourceStates(redis)
    async with Fetcher(clock) as fetcher, asyncio.timeout(20):
        poller = Poller(
            sources,
            fetcher=fetcher,
            reception=Reception(door, door, clock),
            states=states,
            clock=clock,
            metrics=Metrics(),
        )
        running = asyncio.create_task(poller.run(asyncio.Event()))
        while len(site.asked) < times or not await all_noted(states, sources, clock):
            await asyncio.sleep(0.01)
        await end(running)


async def published(redis: Redis) -> list[dict[str, Any]]:
    rows: Any = await redis.xrange(RAW.name)
    return [json.loads(unwrap(fields)) for _id, fields in rows]


@pytest.fixture(autouse=True)
async def groups(redis: Redis) -> None:
    await ensure_groups(redis)


async def test_a_source_that_fails_stops_no_other_and_is_asked_later_again(redis: Redis, site: Site) -> None:
    sources, clock = [source(site, "/gone"), source(site, "/news")], FixedClock(NOON)

    await until_asked(redis, sources, clock, site, 2)

    states = await RedisSourceStates(redis).read(["gone", "news"])
    assert len(await published(redis)) == 2
    assert (states["gone"].failures, states["gone"].last_error) == (1, "http_404")
    assert (states["news"].failures, states["news"].last_ok_at) == (0, NOON)


async def test_what_has_not_changed_is_asked_for_and_not_taken_in_again(redis: Redis, site: Site) -> None:
    sources, clock = [source(site, "/news")], FixedClock(NOON)
    await until_asked(redis, sources, clock, site, 1)
    clock.advance(timedelta(hours=1))

    await until_asked(redis, sources, clock, site, 2)

    assert site.asked == [("/news", 200), ("/news", 304)]
    assert (await read_status(redis)).sources["news"].fetched == 2


async def test_undated_stories_on_first_sight_are_no_news_and_later_ones_are(
    redis: Redis, site: Site
) -> None:
    sources, clock = [source(site, "/news")], FixedClock(NOON)
    await until_asked(redis, sources, clock, site, 1)
    site.pages["/news"] += "\n\nThird paragraph, which is new."
    clock.advance(timedelta(hours=1))

    await until_asked(redis, sources, clock, site, 2)

    assert [story["origin"] for story in await published(redis)] == ["backfill", "backfill", "live"]
    counts = (await read_status(redis)).sources["news"]
    assert (counts.fetched, counts.duplicate) == (5, 2)


async def test_two_replicas_ask_a_source_once(redis: Redis, site: Site) -> None:
    states = RedisSourceStates(redis)

    assert [await states.take_turn("news"), await states.take_turn("news")] == [True, False]
    await states.end_turn("news")
    assert await states.take_turn("news")


class LookedTooEarly(RedisSourceStates):
    """What a replica sees that looked before another one asked the source: nothing, at its first look."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.turn_ended = asyncio.Event()
        self._looked = False

    async def read(self, ids: Sequence[str]) -> dict[str, SourceState]:
        seen = await super().read(ids) if self._looked else {}
        self._looked = True
        return seen

    async def end_turn(self, source_id: str) -> None:
        await super().end_turn(source_id)
        self.turn_ended.set()


async def test_what_another_replica_has_just_asked_is_not_asked_again(redis: Redis, site: Site) -> None:
    clock, door, states = FixedClock(NOON), Door(redis, high_water=1000), LookedTooEarly(redis)
    asked = SourceState(next_due=NOON + timedelta(minutes=10), last_ok_at=NOON)
    await states.write("news", asked)
    stop = asyncio.Event()
    async with Fetcher(clock) as fetcher, asyncio.timeout(20):
        poller = Poller(
            [source(site, "/news")],
            fetcher=fetcher,
            reception=Reception(door, door, clock),
            states=states,
            clock=clock,
            metrics=Metrics(),
        )
        running = asyncio.create_task(poller.run(stop))
        await states.turn_ended.wait()
        stop.set()
        await running

    assert site.asked == []
    assert (await RedisSourceStates(redis).read(["news"]))["news"] == asked
