"""Bot processes are killed while people ask: nobody's question is lost, and nobody is answered twice."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from fakes.botapi.faults import Fault
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Person
from fakes.plant import Plant
from fakes.processes import ServiceProcess, stopping
from fakes.stories import enriched_story
from services.bot.messengers.telegram.queue import leaving_key, waiting_key
from shared.archive.opening import open_archive
from shared.clock import SystemClock
from shared.topology import UPDATES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
async def api(plant: Plant) -> AsyncIterator[FakeBotApi]:
    archive = open_archive(plant.settings)
    await archive.setup()
    now = SystemClock().now()
    await archive.put([enriched_story(f"s{n}", published_at=now, first_seen_at=now) for n in range(20)])
    await archive.refresh()
    await archive.close()
    async with FakeBotApi() as api:
        yield api


def bot(plant: Plant, api: FakeBotApi, number: int, **env: str) -> ServiceProcess:
    return plant.service(
        "bot", number, DATELINE_TELEGRAM_TOKEN=api.world.token, DATELINE_TELEGRAM_BASE_URL=api.url, **env
    )


@asynccontextmanager
async def tar_pit() -> AsyncIterator[str]:
    """An archive that takes questions and never answers."""

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with server:
        yield "http://127.0.0.1:{}".format(*server.sockets[0].getsockname()[1:2])


async def settled(plant: Plant, api: FakeBotApi) -> None:
    """Wait until no update waits for an answer."""
    async with asyncio.timeout(60):
        while await plant.redis.exists(waiting_key(str(api.world.me["id"]))):
            await asyncio.sleep(0.05)


async def leaving_with(plant: Plant, api: FakeBotApi, process: ServiceProcess) -> set[bytes]:
    """The turns whose answers were leaving when a process died, and that are still in its name.

    Its own metrics cannot tell: what it counted last has died with it.
    """
    rows = await plant.redis.xpending_range(UPDATES.name, UPDATES.groups[0], "-", "+", 1000)
    held = {row["message_id"] for row in rows if f"-{process.pid}-".encode() in row["consumer"]}
    marks = await plant.redis.hvals(leaving_key(str(api.world.me["id"])))
    return held & {mark.partition(b" ")[0] for mark in marks}


def uncertain(process: ServiceProcess) -> int:
    """How many answers a process knows to have been leaving when their worker died."""
    text = httpx.get(f"{process.base_url}/metrics", trust_env=False).text
    found = re.search(r"^dateline_telegram_uncertain_answers_total (\S+)$", text, flags=re.M)
    assert found
    return int(float(found[1]))


def counts(people: list[Person]) -> list[int]:
    return [len(person.chat.texts) for person in people]


async def test_fifty_questions_that_were_taken_and_not_answered_survive_a_kill(
    plant: Plant, api: FakeBotApi
) -> None:
    people = [api.world.person(f"P{number}") for number in range(50)]
    async with tar_pit() as nowhere:
        first = bot(plant, api, 1, DATELINE_ELASTICSEARCH_URL=nowhere)
        second = bot(plant, api, 2)
        with stopping(first, second):
            await asyncio.to_thread(first.start)
            for person in people:
                person.say("what's new in Kazakhstan?")
            await api.world.until(lambda: not api.world.updates, seconds=30)
            await asyncio.to_thread(first.kill)
            assert counts(people) == [0] * 50
            await asyncio.to_thread(second.start)
            await api.world.until(lambda: all(counts(people)), seconds=60)
            await settled(plant, api)
            assert uncertain(second) == 0
    assert counts(people) == [1] * 50
    assert all(person.chat.texts[0].startswith("Latest on Kazakhstan") for person in people)


async def test_an_answer_that_had_arrived_when_its_worker_died_is_not_given_again(
    plant: Plant, api: FakeBotApi
) -> None:
    anna, boris = api.world.person("Anna"), api.world.person("Boris")
    api.world.faults.add(Fault("sendMessage", "hang_after", chat=anna.chat.id))
    first, second = bot(plant, api, 1), bot(plant, api, 2)
    with stopping(first, second):
        await asyncio.to_thread(first.start)
        anna.say("/latest KZ")
        anna.say("/help")
        boris.say("/latest KZ")
        await api.world.until(lambda: anna.chat.texts and boris.chat.texts, seconds=30)
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(second.start)
        await api.world.until(lambda: len(anna.chat.texts) > 1, seconds=30)
        await settled(plant, api)
        assert uncertain(second) >= 1
        assert not await plant.redis.exists(leaving_key(str(api.world.me["id"])))
    assert len(anna.chat.texts) == 2, "its question once, and the one behind it"
    assert len(boris.chat.texts) == 1


async def test_a_crowd_is_answered_once_each_across_kills_of_pollers_and_workers(
    plant: Plant, api: FakeBotApi
) -> None:
    people = [api.world.person(f"P{number}") for number in range(200)]
    # Nobody takes over from the dead before the test has seen what they held.
    fleet = [bot(plant, api, number, DATELINE_LEASE_SECONDS="3") for number in range(3)]
    in_doubt: set[bytes] = set()
    with stopping(*fleet):
        for process in fleet:
            await asyncio.to_thread(process.start)
        for person in people:
            person.say("what's new in Kazakhstan?")
        # The first holds the lease on polling; with it dies a worker in the middle of its work.
        for died, answered in ((fleet[0], 40), (fleet[1], 110)):
            await api.world.until(lambda answered=answered: sum(counts(people)) >= answered, seconds=60)
            await asyncio.to_thread(died.kill)
            in_doubt |= await leaving_with(plant, api, died)
        people[0].say("and now?")
        await api.world.until(lambda: "and now?" not in str(api.world.updates), seconds=30)
        await settled(plant, api)
    given = counts(people)
    assert given[0] in {1, 2}
    assert max(given[1:]) == 1, "nobody is answered twice"
    # Only what was leaving in the very moment of a kill may be missing.
    assert given[1:].count(0) + (given[0] == 1) <= len(in_doubt)
