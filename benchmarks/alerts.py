"""Alerts against a Telegram that keeps its limits strictly, with separate processes: what leaves, when, and how evenly.

``flood``: many alerts queued, three senders, and people who ask questions meanwhile. ``library``: the same with the
limiter of python-telegram-bot (its extra ``rate-limiter``) and no Dateline, for comparison. ``latency``: from the HTTP
push to the alert that Telegram took, all in one process and as separate ones (on the servers of DATELINE_TEST_REDIS and
DATELINE_TEST_ELASTICSEARCH where they are set). ``big``: one story with very many followers, on a clock that runs fast.
Without a name, all of them, at a size that takes a few minutes; the options make them as large as you like.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import itertools
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import httpx
import psutil
from redis.asyncio import Redis

from benchmarks.stories import COUNTRIES, about_a_country
from shared.clock import SystemClock
from shared.embedded import EmbeddedServer
from shared.envelope import wrap_model
from shared.events import Cluster, CountryTag, EnrichedStory, Source
from shared.observe import configure_logging
from shared.topology import ENRICHED, ensure_groups

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fakes.botapi.limits import Limits
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World
from fakes.plant import Plant
from fakes.processes import ServiceProcess, stopping

PUSH_TOKEN = "benchmark"


@contextlib.asynccontextmanager
async def installation(limits: Limits | None) -> AsyncIterator[tuple[Plant, FakeBotApi]]:
    """A server, a Telegram, and nothing that runs yet."""
    with tempfile.TemporaryDirectory() as folder:
        own = None if os.environ.get("DATELINE_TEST_REDIS") else EmbeddedServer(Path(folder))
        if own:
            await own.start()
        url = own.url if own else os.environ["DATELINE_TEST_REDIS"]
        async with Redis.from_url(url) as redis, FakeBotApi(World(limits=limits)) as api:
            await redis.flushall()
            await ensure_groups(redis)
            yield Plant(redis, url, Path(folder), os.environ.get("DATELINE_TEST_ELASTICSEARCH")), api
        if own:
            await own.stop()


def telegram(api: FakeBotApi, **more: str) -> dict[str, str]:
    return {
        "DATELINE_TELEGRAM_TOKEN": api.world.token, "DATELINE_TELEGRAM_BASE_URL": api.url, **more,
    }  # fmt: skip


async def follow(plant: Plant, chats: Iterable[int], target: str) -> None:
    rest = iter(chats)
    while some := list(itertools.islice(rest, 50)):
        await asyncio.gather(*(plant.follow(f"telegram:{chat}", target) for chat in some))


async def publish(plant: Plant, story_id: str, country: str) -> None:
    now = SystemClock().now()
    story = EnrichedStory(
        story_id=story_id, source=Source(id="bench", name="Bench", kind="feed"), text=story_id, headline=story_id,
        first_seen_at=now, published_at=now, cluster=Cluster(id=story_id),
        countries=(CountryTag(code=country, role="subject", salience=1.0),),
    )  # fmt: skip
    await plant.redis.xadd(ENRICHED.name, {b"__data__": wrap_model(story)})


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


# --- flood -------------------------------------------------------------------------------------------------------


async def ask_now_and_then(world: World, stop: asyncio.Event, people: int = 20) -> list[float]:
    """Let people ask, two a second, and return how long each answer took to be on its screen."""
    crowd = [world.person(f"Asker {number}") for number in range(people)]
    waits: list[float] = []

    async def ask(number: int) -> None:
        person = crowd[number % people]
        seen, start = len(person.chat.texts), time.perf_counter()
        person.say("/help")
        await world.until(lambda: len(person.chat.texts) > seen, seconds=60)
        waits.append(time.perf_counter() - start)

    asking = []
    for number in itertools.count():
        if stop.is_set():
            break
        asking.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0.5)
    await asyncio.gather(*asking)
    return waits


def report(name: str, world: World, seconds: float, delivered: int, waits: Sequence[float]) -> None:
    print(
        f"{name:34} {delivered:6,} alerts {delivered / seconds:5.1f}/s  "
        f"{len(world.flood.refusals):4} x 429  at most {world.flood.peak()} in a second  "
        f"answers p50 {percentile(waits, 0.5) * 1000:,.0f} ms, p95 {percentile(waits, 0.95) * 1000:,.0f} ms"
        f" ({len(waits)} asked)"
    )


async def flood(alerts: int, senders: int) -> bool:
    async with installation(Limits()) as (plant, api):
        world = api.world
        readers = [world.person(f"R{number}") for number in range(alerts)]
        await follow(plant, (reader.chat.id for reader in readers), "country:KZ")
        bots = [plant.service("bot", number, **telegram(api)) for number in range(senders)]
        with stopping(*bots):
            await asyncio.gather(*(asyncio.to_thread(bot.start) for bot in bots))
            stop, start = asyncio.Event(), time.perf_counter()
            asking = asyncio.create_task(ask_now_and_then(world, stop))
            await publish(plant, "flood", "KZ")
            left = set(range(alerts))
            while left:
                await asyncio.sleep(0.2)
                left -= {number for number in left if readers[number].chat.texts}
            seconds = time.perf_counter() - start
            stop.set()
            waits = await asking
    report(f"Dateline, {senders} senders", world, seconds, alerts, waits)
    twice = sum(len(reader.chat.texts) > 1 for reader in readers)
    print(f"  alerts that came twice: {twice}; edits and answers count in the busiest second")
    return not world.flood.refusals and not twice and percentile(waits, 0.95) < 0.5 and alerts / seconds >= 20


# --- the library's limiter ---------------------------------------------------------------------------------------


async def library(alerts: int, senders: int) -> None:
    if importlib.util.find_spec("aiolimiter") is None:
        print("the library's limiter: not measured, pip install 'python-telegram-bot[rate-limiter]'")
        return
    async with FakeBotApi(World(limits=Limits())) as api:
        world, share = api.world, alerts // senders
        readers = [world.person(f"R{number}", user_id=1000 + number) for number in range(share * senders)]
        stop, start = asyncio.Event(), time.perf_counter()
        command = [sys.executable, "-m", "benchmarks._library_limiter", api.url, world.token]
        clients = [
            await asyncio.create_subprocess_exec(*command, str(share * number), str(share))
            for number in range(senders)
        ]
        asking = asyncio.create_task(ask_now_and_then(world, stop))
        while not all(reader.chat.texts for reader in readers) and any(c.returncode is None for c in clients):
            await asyncio.sleep(0.2)
        seconds = time.perf_counter() - start
        delivered = sum(bool(reader.chat.texts) for reader in readers)
        stop.set()
        waits = await asyncio.gather(asking, return_exceptions=True)
        await asyncio.gather(*(client.wait() for client in clients))
    answered = waits[0] if isinstance(waits[0], list) else []
    report(f"the library's limiter, {senders} processes", world, seconds, delivered, answered)
    if not answered:
        print("  somebody's answer took more than a minute")


# --- from the push to the alert ----------------------------------------------------------------------------------


async def push(url: str, stories: int, rate: float) -> dict[str, float]:
    """Push so many stories a second; return when each was."""
    at: dict[str, float] = {}
    async with httpx.AsyncClient(trust_env=False) as client:

        async def one(number: int) -> None:
            mark, story = about_a_country(number)
            at[mark] = time.time()
            answer = await client.post(
                f"{url}/stories", json=story, headers={"Authorization": f"Bearer {PUSH_TOKEN}"}, timeout=60
            )
            answer.raise_for_status()

        tasks = []
        for number in range(stories):
            tasks.append(asyncio.create_task(one(number)))
            await asyncio.sleep(1 / rate)
        await asyncio.gather(*tasks)
    return at


def taken_at(world: World, marks: Iterable[str]) -> dict[str, float]:
    """Return when Telegram took the alert of each story that it took."""
    texts = [(str(call.params.get("text")), call) for call in world.calls("sendMessage") if call.result]
    takings = {mark: [call.answered_at or call.at for text, call in texts if mark in text] for mark in marks}
    return {mark: min(times) for mark, times in takings.items() if times}


async def latency(stories: int, rate: float, *, together: bool) -> bool:
    async with installation(Limits()) as (plant, api):
        for entry in COUNTRIES:
            await follow(plant, [api.world.person(entry).chat.id], f"country:{entry[-2:]}")
        env = telegram(api, DATELINE_PUSH_TOKEN=PUSH_TOKEN, DATELINE_LOG_LEVEL="WARNING")
        if together:
            plant.elasticsearch = None
            up = ServiceProcess("up", "--no-console", env=plant.env | env, log=plant.home / "up.log")
            services = [up]
        else:
            services = [plant.service(name, 0, **env) for name in ("ingest", "enrich", "index", "bot")]
        with stopping(*services):
            await asyncio.gather(*(asyncio.to_thread(each.start) for each in services))
            at = await push(services[0].base_url, stories, rate)
            for _ in range(600):
                if len(found := taken_at(api.world, at)) == len(at):
                    break
                await asyncio.sleep(0.1)
        waits = [found[mark] - at[mark] for mark in found]
    limit = 2 if together else 5
    archive = "SQLite" if plant.elasticsearch is None else "Elasticsearch"
    print(
        f"push to alert, {'one process' if together else 'four processes'}, {archive:13} {rate:.0f} stories/s  "
        f"{len(found)} of {stories} stories  p50 {percentile(waits, 0.5):.2f} s, p95 {percentile(waits, 0.95):.2f} s "
        f"(must be under {limit} s), longest {max(waits):.2f} s, {len(api.world.flood.refusals)} x 429"
    )
    return len(found) == stories and percentile(waits, 0.95) < limit


# --- a big story -------------------------------------------------------------------------------------------------


async def big(followers: int) -> bool:
    """Send one story to very many. Time is the benchmark's own: it passes only when a sender would have waited."""
    from fakes.alerts import Simulation, Tally

    async with installation(None) as (plant, _api):
        await follow(plant, range(followers), "country:KZ")
        process = psutil.Process()
        tally = Tally(followers)
        simulation = Simulation(plant.redis, tally)
        before, start = process.memory_info().rss, time.perf_counter()
        peak = before

        def watch() -> None:
            nonlocal peak
            peak = max(peak, process.memory_info().rss)

        await simulation.spread("big", "KZ")
        watch()
        await simulation.send_all(watch)
    grown, seconds = (peak - before) / 2**20, simulation.seconds
    expected = followers / 24
    print(
        f"one story, {followers:,} followers: the last message left after {seconds:,.0f} s of its time "
        f"(the limit's arithmetic: {expected:,.0f} s), {tally.counts.count(1):,} sent once; "
        f"the process grew by {grown:.0f} MB (must be under 50), {time.perf_counter() - start:,.0f} s of ours"
    )
    return grown < 50 and abs(seconds - expected) < 0.05 * expected + 5 and tally.counts.count(1) == followers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", nargs="?", choices=["flood", "library", "latency", "big"])
    parser.add_argument("--alerts", type=int, default=1500)
    parser.add_argument("--senders", type=int, default=3)
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--followers", type=int, default=10_000)
    args = parser.parse_args()
    configure_logging("ERROR")
    good = []
    if args.part in {None, "flood"}:
        good.append(asyncio.run(flood(args.alerts, args.senders)))
    if args.part in {None, "library"}:
        asyncio.run(library(min(args.alerts, 900), args.senders))
    if args.part in {None, "latency"}:
        good += [
            asyncio.run(latency(args.stories, args.rate, together=together)) for together in (True, False)
        ]
    if args.part in {None, "big"}:
        good.append(asyncio.run(big(args.followers)))
    if not all(good):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
