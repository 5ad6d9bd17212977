"""Answers about events that were told more than once: whichever telling says it, the event is there, once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.reader import TalkingReader, labels
from fakes.stories import enriched_story
from services.bot.conversation.messages import Reply
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import Cluster, CountryTag, EnrichedStory, RegionTag, Source

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def story(
    story_id: str, hours: float, *about: str, event: str | None = None, **changes: object
) -> EnrichedStory:
    """A story of so many hours ago about some countries, of its own event unless another is named."""
    at = NOW - timedelta(hours=hours)
    cluster = Cluster(id=event, relation="same_report", matched=event) if event else Cluster(id=story_id)
    regions = [RegionTag(id="central-asia", role="derived")] if "KZ" in about else []
    facts = {"published_at": at, "first_seen_at": at, "cluster": cluster, "regions": regions} | changes
    return enriched_story(story_id, subjects=about, **facts)  # type: ignore[arg-type]  # any fields


def mentioning(story_id: str, hours: float, event: str | None = None) -> EnrichedStory:
    """A story that only mentions Kazakhstan."""
    tags = [CountryTag(code="KZ", role="mentioned", salience=0.1)]
    return story(story_id, hours, event=event, countries=tags)


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[SqliteArchive]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    yield archive
    await archive.close()


@pytest.fixture
def anna(archive: SqliteArchive) -> TalkingReader:
    return TalkingReader(FixedClock(NOW), archive)


def ids(reply: Reply) -> list[str]:
    stories = reply.data["stories"]
    assert isinstance(stories, list)
    return [each["id"] for each in stories]


async def test_an_event_that_a_later_telling_places_stands_among_the_others(
    anna: TalkingReader, archive: SqliteArchive
) -> None:
    wire = Source(id="second", name="Second", kind="feed")
    later = story("later", 3, "KZ", event="first", source=wire)
    await archive.put(
        [story("first", 9), later, story("again", 1, "KZ", event="first"), story("lone", 2, "KZ")]
    )

    reply = await anna.say("latest on Kazakhstan")
    assert ids(reply) == ["lone", "later"]
    assert reply.plain.count("+1 source") == 1
    opened = await anna.press(reply, "2")
    (page,) = opened.data["stories"]  # type: ignore[misc]  # untyped data
    assert page["id"] == "later"
    assert {each["id"] for each in page["tellings"]} == {"first", "again"}


async def test_an_event_about_a_country_is_not_also_one_that_mentions_it(
    anna: TalkingReader, archive: SqliteArchive
) -> None:
    await archive.put([mentioning("first", 9), story("about", 3, "KZ", event="first"), mentioning("lone", 2)])

    reply = await anna.say("/latest KZ")
    assert ids(reply) == ["about", "lone"]
    assert reply.data["also_mentioned"] == 1
    assert ids(await anna.say("/latest KZ all")) == ["lone", "first"]


async def test_pages_show_every_event_once_in_whatever_order_it_was_told(
    anna: TalkingReader, archive: SqliteArchive
) -> None:
    events = [story(f"e{number}", 10 * number + 5, "KZ") for number in range(12)]
    early = [story(f"t{number}", 10 * number + 19, "KZ", event=f"e{number}") for number in range(12)]
    await archive.put([*events, *early])

    reply, shown = await anna.say("/latest KZ"), list[str]()
    while True:
        shown += ids(reply)
        if not any(label.startswith("More") for label in labels(reply)):
            break
        reply = await anna.press(reply, "More")
    assert shown == [f"e{number}" for number in range(12)]


async def test_what_is_counted_are_events_by_any_telling(anna: TalkingReader, archive: SqliteArchive) -> None:
    await archive.put(
        [
            story("first", 40),
            story("later", 30, "KZ", event="first"),
            story("today", 3, "KZ", event="first"),
            story("again", 2, "KZ", event="first"),
            story("lone", 1, "KZ"),
        ]
    )

    reply = await anna.say("/trend KZ 7d")
    days = {day: count for day, count in reply.data["days"].items() if count}  # type: ignore[attr-defined]  # untyped data
    assert days == {"2026-03-30": 1, "2026-03-31": 2}
    assert reply.data["total"] == 2
    assert "2 stories in all, most on 31 Mar 2026: 2 stories." in reply.plain
    weekly = (await anna.say("/trend KZ 90d")).blocks[1]
    assert "".join(span.text for span in weekly.lines[-1]).endswith(" 2 · 25 Mar")
    at_a_glance = await anna.say("/today")
    assert at_a_glance.data["total"] == 2
    (region,) = at_a_glance.data["regions"]  # type: ignore[misc]  # untyped data
    assert (region["id"], region["count"]) == ("central-asia", 2)


async def test_an_event_is_in_a_search_by_the_telling_that_has_the_words(
    anna: TalkingReader, archive: SqliteArchive
) -> None:
    await archive.put(
        [
            story("first", 9, "KZ", text="A ferry sank."),
            story("later", 3, "KZ", event="first", text="The walrus that sank a ferry is at large."),
            story("lone", 5, text="A walrus sleeps."),
        ]
    )

    assert ids(await anna.say("/search walrus")) == ["later", "lone"]
    assert ids(await anna.say("/search walrus @best")) in (["later", "lone"], ["lone", "later"])
    assert ids(await anna.say("/search ferry")) == ["first"]


async def test_a_follow_with_words_is_tried_on_every_telling(
    anna: TalkingReader, archive: SqliteArchive
) -> None:
    await archive.put(
        [
            story("first", 9, "KZ", text="A ferry sank."),
            story("later", 3, "KZ", event="first", text="A walrus sank it.", headline="Walrus suspected"),
            story("last", 2, "KZ", event="first", text="The walrus denies it.", headline="Walrus denies"),
            story("lone", 5, "KZ", text="Melons."),
        ]
    )

    reply = await anna.say("/follow Kazakhstan +walrus")
    assert "the newest 2 stories, 1 would have come" in reply.plain
    assert reply.plain.count("Walrus") == 1
