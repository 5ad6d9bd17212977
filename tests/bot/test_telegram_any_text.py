"""Any feed text reaches the screen: the real conversation over stories of the worst kind, on a strict fake Telegram."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from redis.asyncio import Redis

from fakes.botapi.server import FakeBotApi
from fakes.stories import NOON, enriched_story
from services.bot.app import build
from services.bot.settings import BotSettings
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import ActorTag
from shared.observe import Metrics
from shared.service import running

WORST = (
    '<<b>&"',
    "</a><script>alert(1)</script> &amp; &#0; &lt",
    "\u202eעברית \u2066العربية\u2069 mixed with English\u202c",
    "😀" * 300,
    "👩🏽‍🚀🇰🇿" * 100,
    "x" * 10_000,
    "ж " * 5_000,
    "\x00\x07\ud800 \u200b\u3164",
    "*_`[]()~|{}#+-=.!",
    "a < b && c > d",
)
TEXTS = st.one_of(
    st.sampled_from(WORST),
    st.text(min_size=1, max_size=60),
    st.lists(st.sampled_from(WORST), min_size=1, max_size=4).map("".join),
)


class Bench:
    """A bot with an archive of its own, and somebody to ask it."""

    def __init__(self, api: FakeBotApi, archive: SqliteArchive) -> None:
        self.api, self.archive = api, archive
        self.loop = asyncio.get_running_loop()
        self.count = 0


@pytest.fixture
async def bench(redis: Redis, redis_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    archive = SqliteArchive(tmp_path / "archive.sqlite")
    await archive.setup()
    async with FakeBotApi() as api:
        chosen = BotSettings(
            telegram_token=SecretStr(api.world.token), telegram_base_url=api.url, drain_seconds=5
        )
        metrics = Metrics()
        bot = build(chosen, redis=redis, archive=archive, metrics=metrics, clock=FixedClock(NOON))
        async with running([bot], url=redis_url, redis=redis, settings=chosen, metrics=metrics, serve=False):
            yield Bench(api, archive)
        assert metrics.registry.get_sample_value("dateline_telegram_plain_texts_total") == 0


async def show(bench: Bench, title: str, source: str, url: str) -> None:
    """Tell a story, then look at it in every way there is."""
    bench.count += 1
    kept = [text.encode("utf-8", "replace").decode() for text in (title, source, url)]
    told = enriched_story(
        f"s{bench.count:05}", title=kept[0], headline=kept[0], text=kept[0], url=kept[2],
        published_at=NOON - timedelta(minutes=10) + timedelta(seconds=bench.count),
        actors=[ActorTag(name=kept[1], kind="person", confidence=1.0)],
    )  # fmt: skip
    named = told.source.model_copy(update={"name": kept[1][:256]})
    told = told.model_copy(update={"source": named})
    await bench.archive.put([told])
    world = bench.api.world
    # Somebody new each time: who asks four things at once waits for the pace of a chat.
    reader, second = world.person(), world.person()
    reader.say("/latest KZ")
    await world.until(lambda: reader.chat.texts)
    reader.press("1")
    await world.until(lambda: len(reader.chat.texts) > 1)
    second.say(f"/why {told.story_id}")
    second.say(title)
    await world.until(lambda: len(second.chat.texts) > 1)
    query = reader.ask_inline(f"kz {bench.count}")
    await world.until(lambda: query.answered)
    refused = [call for call in world.journal if call.error]
    assert not refused, f"{refused[0].method}: {refused[0].error}"
    world.journal.clear()


@pytest.mark.parametrize("title", WORST, ids=range(len(WORST)))
async def test_the_worst_titles_are_shown(bench: Bench, title: str) -> None:
    await show(bench, title, title, f"https://e.org/{title[:50]}")


@pytest.mark.slow
async def test_any_title_is_shown(bench: Bench) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(TEXTS, TEXTS, TEXTS)
    def shown(title: str, source: str, url: str) -> None:
        asyncio.run_coroutine_threadsafe(show(bench, title, source, url), bench.loop).result(60)

    await asyncio.to_thread(shown)
