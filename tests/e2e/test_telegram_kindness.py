"""The kindness of alerts, met by people on the fake Telegram: one living message, its buttons, a digest."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Person
from fakes.clocks import RunningClock
from fakes.stories import NOON, enriched_story
from services.bot.app import build
from services.bot.review_store import RedisReviews
from services.bot.settings import BotSettings
from shared.archive.sqlite import SqliteArchive
from shared.envelope import wrap_model
from shared.events import Cluster, EnrichedStory, Source
from shared.observe import Metrics
from shared.service import running
from shared.topology import ENRICHED

HERALD = Source(id="herald", name="Herald & <Sons>", kind="feed")

Publish = Callable[[EnrichedStory], Any]


def story(story_id: str, **changes: object) -> EnrichedStory:
    told = {"published_at": NOON - timedelta(minutes=10), "headline": "12 hurt in Almaty"} | changes
    return enriched_story(story_id, **told)  # type: ignore[arg-type]  # any fields


@asynccontextmanager
async def bot_on(
    api: FakeBotApi, redis: Redis, redis_url: str, home: Path, **more: Any
) -> AsyncIterator[Publish]:
    """Run the bot; what is yielded publishes a story as enrich and index do."""
    archive = SqliteArchive(home / "archive.sqlite")
    await archive.setup()
    settings = BotSettings(
        telegram_token=SecretStr(api.world.token), telegram_base_url=api.url, drain_seconds=5,
        alert_gather_seconds=0.2,
        send_rate_chat=30, **more,
    )  # fmt: skip
    metrics = Metrics()
    bot = build(settings, redis=redis, archive=archive, metrics=metrics, clock=RunningClock(NOON))

    async def publish(tagged: EnrichedStory) -> None:
        await archive.put([tagged])
        await redis.xadd(ENRICHED.name, {b"__data__": wrap_model(tagged)})

    async with running([bot], url=redis_url, redis=redis, settings=settings, metrics=metrics, serve=False):
        yield publish
    sent = [call for call in api.world.journal if call.method != "getUpdates"]  # the last poll is hung up on
    assert [call for call in sent if call.error] == [], "Telegram refused nothing"
    await archive.close()


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


async def say(person: Person, text: str) -> None:
    before = len(person.chat.texts)
    person.say(text)
    await person.chat.world.until(lambda: len(person.chat.texts) > before)


async def test_one_message_lives_on_and_its_buttons_work(
    api: FakeBotApi, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    anna = api.world.person("Anna")
    async with bot_on(api, redis, redis_url, tmp_path) as publish:
        await say(anna, "/follow Kazakhstan")
        await say(anna, "/settings previews on")
        seen = len(anna.chat.texts)
        await publish(story("s1"))
        await api.world.until(lambda: len(anna.chat.texts) > seen)
        alert = anna.chat.screen[-1]
        again = Cluster(id="s1", relation="same_report", matched="s1")
        await publish(story("s2", source=HERALD, cluster=again))
        revised = Cluster(id="s1", relation="revision")
        await publish(story("s1", revision=1, headline="15 hurt in Almaty", cluster=revised))
        await api.world.until(lambda: "15 hurt" in alert.text and "+1 source: Herald & <Sons>" in alert.text)
        assert len(anna.chat.texts) == seen + 1
        edits = api.world.calls("editMessageText")
        assert not any(json.loads(call.params["link_preview_options"])["is_disabled"] for call in edits)
        for label, answer in (
            ("❔ Why?", "You have followed Kazakhstan since"),
            ("👎 Not about Kazakhstan", "An editor will see"),
            ("🔇 Kazakhstan: 1 day", "Kazakhstan"),
        ):
            button = next(b for row in alert.buttons for b in row if b["text"] == label)
            before = len(anna.chat.texts)
            anna.press_data(button["callback_data"], alert)
            await api.world.until(lambda before=before: len(anna.chat.texts) > before)
            assert answer in anna.chat.texts[-1]
    (review,) = await RedisReviews(redis).list()
    assert review.objection.id == "s1/KZ"


async def test_an_alert_speaks_the_language_in_which_it_was_asked_for(
    api: FakeBotApi, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    anna = api.world.person("Anna", language="ru")
    async with bot_on(api, redis, redis_url, tmp_path) as publish:
        await say(anna, "/follow Казахстан")
        seen = len(anna.chat.texts)
        await publish(story("s1"))
        await api.world.until(lambda: len(anna.chat.texts) > seen)
        assert "Ваша подписка: Казахстан." in anna.chat.texts[-1]


async def test_above_the_limit_alerts_wait_and_can_be_asked_for(
    api: FakeBotApi, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    anna = api.world.person("Anna")
    async with bot_on(api, redis, redis_url, tmp_path, alerts_per_follow_and_day=1) as publish:
        await say(anna, "/follow Kazakhstan")
        seen = len(anna.chat.texts)
        for number in range(3):
            await publish(story(f"s{number}", headline=f"News {number}"))
            await api.world.until(lambda: len(anna.chat.texts) > seen)
        told: list[str] = []
        while not any("News 2" in text for text in told):
            await say(anna, "/digest")
            told = anna.chat.texts[seen:]
    assert len([text for text in told if text.startswith("🔔")]) == 1
    assert all(sum(f"News {number}" in text for text in told) == 1 for number in range(3))
