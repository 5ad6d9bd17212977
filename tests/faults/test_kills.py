"""Processes are killed at random and at the worst instant: nothing is lost, nothing happens twice."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from fakes.plant import Plant
from fakes.processes import ServiceProcess, stopping
from fakes.varied import varied_story
from shared.embedded import EmbeddedServer
from shared.topology import DEAD, ensure_groups

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
STORIES = 2000
KILLS = 10


async def kill_at_random(process: ServiceProcess, chance: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.05, 1.2))
        await asyncio.to_thread(process.kill)
        await asyncio.to_thread(process.start)


async def publish_slowly(plant: Plant, done: asyncio.Event) -> None:
    """Spread the stories over the time of the kills, so that each kill hits work."""
    for start in range(0, STORIES, 20):
        await plant.publish(20, start=start)
        await asyncio.sleep(0 if done.is_set() else 0.3)


async def test_two_thousand_stories_while_enrich_and_index_are_killed_ten_times_each(plant: Plant) -> None:
    chance = random.Random(7)
    await plant.follow("script:reader", "country:KZ")
    enrich, index, bot = plant.service("enrich"), plant.service("index"), plant.service("bot")
    spare = plant.service("enrich", 1)
    with stopping(enrich, spare, index, bot):
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in (enrich, spare, index, bot)))
        done = asyncio.Event()
        publishing = asyncio.create_task(publish_slowly(plant, done))
        await asyncio.gather(kill_at_random(enrich, chance), kill_at_random(index, chance))
        done.set()
        await publishing
        status = await plant.until_done()

        expected = {varied_story(number).story_id for number in range(STORIES)}
        passed_on = await plant.passed_on()
        assert set(passed_on) == expected
        assert max(passed_on.values()) == 1
        assert await plant.stored() == STORIES
        assert (status.dead, status.balanced) == (0, True)
        assert status.sources["wire"].stored == STORIES
        alerts = await plant.alerts("script:reader")
        assert len(alerts) == STORIES // 10
        assert max(alerts.values()) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stage", ["enrich", "index"])
async def test_a_kill_beside_the_settling_script_loses_and_repeats_nothing(
    plant: Plant, when: str, stage: str
) -> None:
    program = str(Path(__file__).parent.parent / "fakes" / "killed_in_window.py")
    await plant.publish(300)
    small = {"DATELINE_INDEX_BATCH": "100"}
    doomed = ServiceProcess(
        when, "2", "run", stage, env=plant.env | small, log=plant.home / "doomed.log", program=program
    )
    services = [plant.service("enrich"), plant.service("index")]
    with stopping(doomed, *services):
        if stage == "index":
            await asyncio.to_thread(services[0].start)
        doomed.start(wait=False)
        assert await asyncio.to_thread(doomed.wait) == -9
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in services if not each.running))
        status = await plant.until_done()

        assert set((await plant.passed_on()).values()) == {1}
        assert await plant.stored() == 300
        assert (status.sources["wire"].stored, status.balanced, status.dead) == (300, True, 0)


async def test_the_server_is_killed_and_restarted_in_the_middle(
    tmp_path: Path, make_plant: Callable[[Redis, str], Plant]
) -> None:
    server = EmbeddedServer(tmp_path / "server")
    await server.start()
    async with Redis.from_url(server.url) as redis:
        await ensure_groups(redis)
        plant = make_plant(redis, server.url)
        services = [plant.service("enrich"), plant.service("index")]
        with stopping(*services):
            await asyncio.gather(*(asyncio.to_thread(each.start) for each in services))
            await plant.publish(500)
            assert server.process is not None
            server.process.kill()
            await asyncio.to_thread(server.process.wait)
            await asyncio.sleep(1)
            await server.start()
            await plant.publish(500, start=500)
            status = await plant.until_done()

            assert set((await plant.passed_on()).values()) == {1}
            assert await plant.stored() == 1000
            assert (status.sources["wire"].stored, status.balanced) == (1000, True)
    await server.stop()


async def test_after_sigterm_a_restart_finishes_at_once(plant: Plant) -> None:
    # With a lease of ten minutes, whatever a stopped process had left behind would not be taken over in time.
    patient = {"DATELINE_LEASE_SECONDS": "600"}
    await plant.publish(3000)
    first = [plant.service("enrich", 0, **patient), plant.service("index", 0, **patient)]
    second = [plant.service("enrich", 1, **patient), plant.service("index", 1, **patient)]
    with stopping(*first, *second):
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in first))
        codes = await asyncio.gather(*(asyncio.to_thread(each.terminate) for each in first))
        assert codes == [0, 0]
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in second))
        status = await plant.until_done(60)

        assert await plant.stored() == 3000
        assert (status.sources["wire"].stored, status.balanced) == (3000, True)


async def test_poison_between_stories_is_buried_and_delays_none(plant: Plant) -> None:
    poison = [
        b"{broken",
        b"\xff\xfe\x00",
        b'{"story_id": "only"}',
        b'{"data": "x", "headers": {}}',
        b"[]",
        b"",
    ]
    services = [plant.service("enrich"), plant.service("index")]
    with stopping(*services):
        for number, body in enumerate(poison):
            await plant.publish(20, start=number * 20)
            await plant.redis.xadd("stories.raw", {b"__data__": body})
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in services))
        status = await plant.until_done()

        assert await plant.redis.xlen(DEAD.name) == len(poison)
        assert await plant.stored() == 20 * len(poison)
        assert status.balanced
        assert status.sources["unattributed"].dead == len(poison)
