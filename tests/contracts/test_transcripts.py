"""Conversations word for word (``tests/golden/transcripts.toml``), on the console, in a script and on Telegram."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.follows import MemorySubscriptions
from fakes.stories import enriched_story
from fakes.surfaces import OnConsole, OnScript, OnTelegram, Surface
from fakes.telegram_desk import opened_desk
from fakes.vocabulary import FakeActors, FakePlaces
from services.bot.conversation.core import Conversation
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import ActorTag, Cluster, EnrichedStory, Evidence, RegionTag, Source

GOLDEN = Path(__file__).parents[1] / "golden" / "transcripts.toml"
TRANSCRIPTS: list[dict[str, Any]] = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["transcript"]

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)


def story(story_id: str, text: str, hours: float, *countries: str, **changes: Any) -> EnrichedStory:
    at = NOW - timedelta(hours=hours)
    facts = {"headline": text, "text": text, "published_at": at, "first_seen_at": at}
    return enriched_story(story_id, subjects=countries, **{**facts, **changes})


VISIT = "Vladimir Putin arrives in Tajikistan."
PUTIN = Evidence(field="text", start=0, end=14, text="Vladimir Putin", kind="name")
STORIES = [
    story(
        "uranium", "Uzbekistan sells more uranium.", 2, "UZ", highlighted=True, url="https://example.org/u",
        regions=[RegionTag(id="central-asia", role="derived")],
    ),
    story(
        "visit", VISIT, 30, "TJ",
        actors=[ActorTag(id="vladimir-putin", name="Vladimir Putin", kind="person", evidence=[PUTIN])],
    ),
    story(
        "retold", "Russia's president is in Dushanbe.", 29, "TJ",
        source=Source(id="other", name="The Other", kind="feed"),
        cluster=Cluster(id="visit", relation="same_report", matched="visit"),
    ),
    *(story(f"kazakh{n}", f"Kazakhstan, story number {n}.", 100 + n, "KZ") for n in range(7)),
]  # fmt: skip


@pytest.fixture
async def conversation(tmp_path: Path) -> AsyncIterator[Conversation]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    await archive.put(STORIES)
    yield Conversation(
        archive=archive,
        places=FakePlaces(),
        actors=FakeActors(),
        subscriptions=MemorySubscriptions(),
        clock=FixedClock(NOW),
    )
    await archive.close()


async def follow_the_transcript(turns: list[dict[str, Any]], surface: Surface) -> None:
    for turn in turns:
        seen = await (surface.press(turn["press"]) if "press" in turn else surface.say(turn["say"]))
        told = f"after {turn.get('say') or turn.get('press')!r}: {seen.text}\n{seen.labels}"
        for text in turn.get("holds", ()):
            assert text in seen.text, told
        for text in turn.get("lacks", ()):
            assert text not in seen.text, told
        assert set(turn.get("buttons", ())) <= set(seen.labels), told


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda transcript: transcript["name"])
@pytest.mark.parametrize("where", ["console", "script", "telegram"])
async def test_the_same_words_everywhere(
    where: str, transcript: dict[str, Any], conversation: Conversation, redis: Redis
) -> None:
    language = transcript["language"]
    async with AsyncExitStack() as stack:
        surface: Surface
        if where == "console":
            surface = await stack.enter_async_context(OnConsole(conversation).open())
        elif where == "script":
            surface = await stack.enter_async_context(OnScript(conversation, language).open())
        else:
            desk = await stack.enter_async_context(opened_desk(redis))
            surface = await stack.enter_async_context(OnTelegram(desk, conversation, language).open())
        await follow_the_transcript(transcript["turn"], surface)


def test_transcripts_are_in_every_language() -> None:
    assert {transcript["language"] for transcript in TRANSCRIPTS} == {"en", "ru"}
