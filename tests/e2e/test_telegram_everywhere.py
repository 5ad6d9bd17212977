"""The real conversation where Telegram is more than a private chat: groups, moves, restarts, cards in other chats."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Chat, Person
from fakes.stories import NOON, enriched_story
from services.bot.app import build
from services.bot.preferences import Preferences
from services.bot.preferences_store import RedisPreferences
from services.bot.settings import BotSettings
from services.bot.subscription_store import RedisSubscriptions
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.observe import Metrics
from shared.service import running

Started = AbstractAsyncContextManager[None]


@asynccontextmanager
async def bot(api: FakeBotApi, redis: Redis, redis_url: str, folder: Path) -> AsyncIterator[None]:
    """One bot process, over an archive with three stories."""
    archive = SqliteArchive(folder / "archive.sqlite")
    await archive.setup()
    titles = {number: f"Headline {number}" for number in (1, 2, 3)}
    await archive.put(
        [
            enriched_story(f"s{n}", headline=title, title=title, published_at=NOON - timedelta(hours=n))
            for n, title in titles.items()
        ]
    )
    chosen = BotSettings(
        telegram_token=SecretStr(api.world.token), telegram_base_url=api.url, drain_seconds=5
    )
    metrics = Metrics()
    service = build(chosen, redis=redis, archive=archive, metrics=metrics, clock=FixedClock(NOON))
    async with running([service], url=redis_url, redis=redis, settings=chosen, metrics=metrics, serve=False):
        yield


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api
        assert [call for call in api.world.journal if call.error] == [], "Telegram refused nothing"


@pytest.fixture
def started(api: FakeBotApi, redis: Redis, redis_url: str, tmp_path: Path) -> "partial[Started]":
    return partial(bot, api, redis, redis_url, tmp_path)


async def told(person: Person, text: str, chat: Chat | None = None) -> str:
    """Say something and return the newest answer."""
    chat = chat or person.chat
    before = len(chat.texts)
    person.say(text, chat)
    await chat.world.until(lambda: len(chat.texts) > before)
    return chat.texts[-1]


async def test_only_administrators_change_what_a_group_follows(
    api: FakeBotApi, redis: Redis, started: "partial[Started]"
) -> None:
    anna, boris = api.world.person("Anna"), api.world.person("Boris")
    group = api.world.group(owner=anna)
    group.add(boris)
    following = partial(RedisSubscriptions(redis).following, f"telegram:{group.id}")
    async with started():
        assert "Headline 1" in await told(boris, "/latest KZ", group)
        await told(boris, "/follow KZ", group)
        assert await following() == []
        await told(anna, "/follow KZ", group)
        assert [follow.target for follow in await following()] == ["country:KZ"]


async def test_two_means_the_second_story_at_any_worker_and_after_a_restart(
    api: FakeBotApi, started: "partial[Started]"
) -> None:
    anna = api.world.person("Anna")
    async with started():
        assert "Headline 2" in await told(anna, "what's new in Kazakhstan?")
    async with started():
        answer = await told(anna, "2")
    assert "Headline 2" in answer
    assert "Headline 1" not in answer


async def test_a_group_that_moves_keeps_what_it_follows_and_how_it_is_told(
    api: FakeBotApi, redis: Redis, started: "partial[Started]"
) -> None:
    anna = api.world.person("Anna", language="ru")
    group = api.world.group(kind="group", owner=anna)
    subscriptions, preferences = RedisSubscriptions(redis), RedisPreferences(redis)
    async with started():
        await told(anna, "/follow KZ", group)
        await told(anna, "/latest KZ", group)
        await preferences.change(f"telegram:{group.id}", Preferences(zone="Asia/Almaty", language="en"))
        new = api.world.migrate(group)
        assert "Headline 2" in await told(anna, "/story 2", new)
    who = f"telegram:{new.id}"
    assert [follow.target for follow in await subscriptions.following(who)] == ["country:KZ"]
    assert (await preferences.get(who)).zone == "Asia/Almaty"
    assert await subscriptions.following(f"telegram:{group.id}") == []
    assert await preferences.get(f"telegram:{group.id}") == Preferences()


async def test_a_card_of_a_story_can_be_shared_in_any_chat(
    api: FakeBotApi, started: "partial[Started]"
) -> None:
    anna = api.world.person("Anna")
    async with started():
        query = anna.ask_inline("kazakhstan")
        await api.world.until(lambda: query.answered)
    assert [title.split()[-2:] for title in query.titles] == [["Headline", str(n)] for n in (1, 2, 3)]
