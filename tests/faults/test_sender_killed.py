"""A sender is killed in mid-send: what Telegram has taken and nobody has written down."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fakes.botapi.faults import Fault
from fakes.botapi.server import FakeBotApi
from fakes.plant import Plant
from fakes.processes import ServiceProcess, stopping
from fakes.stories import enriched_story
from services.bot.alerts.outbox import RedisOutbox
from shared.archive.opening import open_archive
from shared.clock import SystemClock
from shared.envelope import wrap_model
from shared.settings import Settings
from shared.topology import ENRICHED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


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
    outbox = RedisOutbox(plant.redis)
    async with asyncio.timeout(60):
        while (state := await outbox.state(who, cluster)) in {None, "ready", "sending"}:
            await asyncio.sleep(0.05)
    return str(state)


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
    people = [api.world.person(f"P{number}") for number in range(60)]
    for person in people:
        await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
    # Some sends hang after it has arrived, so that each kill hits sends on their way.
    for skip in range(3, 36, 4):
        api.world.faults.add(Fault("sendMessage", "hang_after", chat=people[skip].chat.id))
    process = bot(plant, api, 1, policy)
    with stopping(process):
        await publish(plant, "s1")
        for kill in range(1, 5):
            await asyncio.to_thread(process.start)
            await api.world.until(
                lambda kill=kill: sum(bool(p.chat.texts) for p in people) >= 12 * kill, seconds=60
            )
            await asyncio.to_thread(process.kill)
        api.world.faults.clear()
        await asyncio.to_thread(process.start)
        states = [await settled(plant, f"telegram:{person.chat.id}", "s1") for person in people]
    counts = [len(person.chat.texts) for person in people]
    repeats = [person.chat.notifications[1:] for person in people]
    assert max(counts) <= (2 if policy == "resend" else 1)
    assert all(all(silent) for silent in repeats)
    if policy == "resend":
        assert min(counts) == 1
        assert set(states) <= {"sent", "uncertain"}
