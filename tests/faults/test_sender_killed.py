"""A sender is killed in mid-send: what Telegram has taken and nobody has written down."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from fakes.botapi.faults import Fault
from fakes.botapi.server import FakeBotApi
from fakes.plant import Plant
from fakes.processes import ServiceProcess, stopping
from fakes.stories import enriched_story
from services.bot.alerts.outbox_records import RedisRecords
from shared.archive.opening import open_archive
from shared.clock import SystemClock
from shared.envelope import wrap_model
from shared.settings import Settings
from shared.topology import ENRICHED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
#: How often a sender is killed in mid-send.
KILLS = int(os.environ.get("DATELINE_TEST_KILLS", "4"))


@pytest.fixture
async def api(plant: Plant) -> AsyncIterator[FakeBotApi]:
    archive = open_archive(Settings(home=plant.home))
    await archive.setup()
    await archive.close()
    async with FakeBotApi() as api:
        yield api


def bot(plant: Plant, api: FakeBotApi, number: int, policy: str) -> ServiceProcess:
    return plant.service(
        "bot",
        number,
        DATELINE_TELEGRAM_TOKEN=api.world.token,
        DATELINE_TELEGRAM_BASE_URL=api.url,
        DATELINE_ALERT_POLICY=policy,
        DATELINE_ALERT_TRUST_SECONDS="1",
    )


async def publish(plant: Plant, story_id: str) -> None:
    now = SystemClock().now()
    story = enriched_story(story_id, published_at=now, first_seen_at=now)
    await plant.redis.xadd(ENRICHED.name, {b"__data__": wrap_model(story)})


async def settled(plant: Plant, who: str, cluster: str) -> str:
    """Wait until an alert has come to its end; return the state of its row."""
    records = RedisRecords(plant.redis)
    async with asyncio.timeout(60):
        while (state := await records.state(who, cluster)) in {None, "ready", "sending"}:
            await asyncio.sleep(0.05)
    return str(state)


async def repeated(process: ServiceProcess) -> int:
    """Return what a process counts of alerts that may have come twice."""
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{process.base_url}/metrics")).text
    counts = [line for line in page.splitlines() if line.startswith("dateline_alert_sends_total")]
    return sum(int(float(line.split()[-1])) for line in counts if 'outcome="repeated"' in line)


@pytest.mark.parametrize(
    ("policy", "arrived", "state"), [("resend", [False, True], "sent"), ("skip", [False], "uncertain")]
)
async def test_an_alert_that_had_arrived_is_repeated_once_silently_or_not_at_all(
    plant: Plant, api: FakeBotApi, policy: str, arrived: list[bool], state: str
) -> None:
    anna, boris = api.world.person("Anna"), api.world.person("Boris")
    for person in (anna, boris):
        await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
    api.world.faults.add(Fault("sendMessage", "hang_after", chat=anna.chat.id))
    first, second = bot(plant, api, 1, policy), bot(plant, api, 2, policy)
    with stopping(first, second):
        await asyncio.to_thread(first.start)
        await publish(plant, "s1")
        await api.world.until(lambda: anna.chat.texts and boris.chat.texts, seconds=60)
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(second.start)
        assert await settled(plant, f"telegram:{anna.chat.id}", "s1") == state
        assert await settled(plant, f"telegram:{boris.chat.id}", "s1") in {"sent", "uncertain"}
        assert await repeated(second) == len(anna.chat.texts) + len(boris.chat.texts) - 2
        await publish(plant, "s2")
        await api.world.until(
            lambda: "s2" in anna.chat.texts[-1] and "s2" in boris.chat.texts[-1], seconds=60
        )
    assert anna.chat.notifications == [*arrived, False]
    assert len(boris.chat.texts) in {2, 3}


@pytest.mark.parametrize("policy", ["resend", "skip"])
async def test_kills_one_after_another_lose_nobody_and_repeat_silently_at_most_once(
    plant: Plant, api: FakeBotApi, policy: str
) -> None:
    people = [api.world.person(f"P{number}") for number in range(12 * KILLS + 12)]
    for person in people:
        await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
    # Some answers never come though it has arrived, so that each kill hits sends on their way.
    for number in range(3, len(people), 4):
        api.world.faults.add(Fault("sendMessage", "hang_after", chat=people[number].chat.id))
    process = bot(plant, api, 1, policy)
    with stopping(process):
        await publish(plant, "s1")
        for kill in range(1, KILLS + 1):
            await asyncio.to_thread(process.start)
            await api.world.until(
                lambda kill=kill: sum(bool(p.chat.texts) for p in people) >= 12 * kill, seconds=60
            )
            await asyncio.to_thread(process.kill)
        api.world.faults.clear()
        await asyncio.to_thread(process.start)
        states = Counter([await settled(plant, f"telegram:{person.chat.id}", "s1") for person in people])
    counts = Counter(len(person.chat.texts) for person in people)
    repeats = [person.chat.notifications[1:] for person in people]
    assert all(all(silent) for silent in repeats)
    assert set(states) <= {"sent", "uncertain"}
    if policy == "resend":
        assert set(counts) <= {1, 2}
        assert counts[2], "no kill hit a message on its way"
    else:
        assert set(counts) <= {0, 1}
        assert counts[0] <= states["uncertain"], "only what may have arrived is left alone"
        assert states["uncertain"], "no kill hit a message on its way"
