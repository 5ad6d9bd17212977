"""The real conversation and the real alerts, met over HTTP by people on the fake Telegram."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Person
from fakes.clocks import RunningClock
from fakes.stories import NOON, enriched_story
from services.bot.app import build
from services.bot.settings import BotSettings
from shared.archive.sqlite import SqliteArchive
from shared.envelope import wrap_model
from shared.events import Cluster, EnrichedStory, RegionTag
from shared.observe import Metrics
from shared.service import running
from shared.topology import ENRICHED

HOSTILE = 'Dam <b>"opened"</b> & <script>alert(1)</script> near Almaty'


def story(story_id: str, **changes: object) -> EnrichedStory:
    told = {"published_at": NOON - timedelta(minutes=10), "title": HOSTILE, "headline": HOSTILE} | changes
    return enriched_story(story_id, **told)  # type: ignore[arg-type]  # any fields


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[SqliteArchive]:
    archive = SqliteArchive(tmp_path / "archive.sqlite")
    await archive.setup()
    yield archive
    await archive.close()


@pytest.fixture
async def api(redis: Redis, redis_url: str, archive: SqliteArchive) -> AsyncIterator[FakeBotApi]:
    """A fake Telegram with the bot on it."""
    async with FakeBotApi() as api:
        settings = BotSettings(
            telegram_token=SecretStr(api.world.token), telegram_base_url=api.url, drain_seconds=5
        )
        metrics = Metrics()
        bot = build(settings, redis=redis, archive=archive, metrics=metrics, clock=RunningClock(NOON))
        async with running(
            [bot], url=redis_url, redis=redis, settings=settings, metrics=metrics, serve=False
        ):
            yield api
        assert [call for call in api.world.journal if call.error] == [], "Telegram refused nothing"


async def told(person: Person, text: str, *, answers: int = 1) -> str:
    """Say something and return the newest answer."""
    before = len(person.chat.texts)
    person.say(text)
    await person.chat.world.until(lambda: len(person.chat.texts) >= before + answers)
    return person.chat.texts[-1]


async def publish(redis: Redis, archive: SqliteArchive, tagged: EnrichedStory) -> None:
    await archive.put([tagged])
    await redis.xadd(ENRICHED.name, {b"__data__": wrap_model(tagged)})


async def test_from_a_question_to_an_alert_and_back(
    api: FakeBotApi, redis: Redis, archive: SqliteArchive
) -> None:
    anna = api.world.person("Anna")
    await archive.put([story("old", published_at=NOON - timedelta(hours=3))])
    assert HOSTILE in await told(anna, "what's new in Kazakhstan?")
    assert "Kazakhstan" in await told(anna, "/follow Kazakhstan")
    assert "Central Asia" in await told(anna, "/follow Central Asia")

    seen = len(anna.chat.texts)
    regions = [RegionTag(id="central-asia", role="derived")]
    await publish(redis, archive, story("s1", regions=regions))
    await api.world.until(lambda: len(anna.chat.texts) > seen)
    alert = anna.chat.screen[-1]
    assert alert.text.startswith("🔔")
    assert HOSTILE in alert.text
    assert alert.text.endswith("You follow Kazakhstan and Central Asia.")
    assert not alert.silent

    anna.press("📖 Story")
    await api.world.until(lambda: len(anna.chat.texts) > seen + 1 or alert.edits)
    for label in [label for label in alert.labels if "Unfollow" in label]:
        queries = len(api.world.calls("answerCallbackQuery"))
        button = next(b for row in alert.buttons for b in row if b["text"] == label)
        anna.press_data(button["callback_data"], alert)
        await api.world.until(lambda queries=queries: len(api.world.calls("answerCallbackQuery")) > queries)
    await api.world.until(lambda: any("no longer follow Central Asia" in text for text in anna.chat.texts))
    assert "Central Asia" not in await told(anna, "/following")


async def test_one_alert_for_a_cluster_and_none_for_strangers(
    api: FakeBotApi, redis: Redis, archive: SqliteArchive
) -> None:
    anna, boris = api.world.person("Anna"), api.world.person("Boris")
    await told(anna, "/follow Kazakhstan")
    await told(boris, "/follow Jordan")
    seen = len(anna.chat.texts), len(boris.chat.texts)
    retold = Cluster(id="s1", relation="duplicate", matched="s1")
    for tagged in (story("s1"), story("s2", cluster=retold), story("s3", origin="backfill"), story("s4")):
        await publish(redis, archive, tagged)
    await api.world.until(lambda: len(anna.chat.texts) >= seen[0] + 2)
    await told(boris, "/help")
    await told(anna, "/help")
    assert len([text for text in anna.chat.texts if text.startswith("🔔")]) == 2
    assert not [text for text in boris.chat.texts if text.startswith("🔔")]


@pytest.mark.parametrize(
    "text", ["Kazahstan", "/latest Atlantis", "x" * 4000, "OR AND -", "<b>&", "/nonsense"]
)
async def test_whatever_is_said_gets_a_decent_answer(api: FakeBotApi, text: str) -> None:
    anna = api.world.person("Anna")
    answer = await told(anna, text)
    assert answer
    assert "Something went wrong" not in answer
