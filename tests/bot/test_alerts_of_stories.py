"""From the words of stories to alerts: the real taggers, the real duplicate engine, the real outbox."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.office import Office, clusters_told
from fakes.stories import NOON
from services.enrich.app import build_pipeline
from services.enrich.duplicates import MemoryClusters
from services.enrich.filter import Enriched, enrich_lines
from services.ingest import sample
from services.ingest.formats import parse
from services.ingest.sources import SourceConfig, load_sources
from shared.clock import FixedClock
from shared.events import EnrichedStory, Source

CENTRAL_ASIA = "region:central-asia"


@cache
def told(*lines: str) -> tuple[EnrichedStory, ...]:
    """Stories from JSON lines, tagged and clustered in their order."""
    rows = enrich_lines((line.encode() for line in lines), build_pipeline(MemoryClusters()), FixedClock(NOON))
    return tuple(row.story for row in rows if isinstance(row, Enriched))


def items(source: SourceConfig) -> Iterable[dict[str, Any]]:
    assert source.path
    for number, item in enumerate(parse(source, Path(source.path).read_bytes(), None).items):
        yield {"id": f"{source.id}-{number}", "title": item.title or "", "text": item.text}


@pytest.fixture(scope="module")
def bundled() -> list[EnrichedStory]:
    """All stories of the sample, each from its own source, as if they were from today."""
    sources = load_sources(Path(sample.__path__[0]) / "sources.toml")
    stories = told(*(json.dumps(item) for source in sources for item in items(source)))
    named = {source.id: Source(id=source.id, name=source.name, kind="feed") for source in sources}
    return [
        story.model_copy(update={"source": named[story.story_id.rpartition("-")[0]]}) for story in stories
    ]


async def alerts_for(redis: Redis, target: str, stories: Iterable[EnrichedStory]) -> Office:
    """Let stories come in for a follower of one target, and change its messages."""
    office = Office(redis, daily_cap=1000)
    await office.follow("telegram:1", target)
    await office.tell(*stories)
    await office.later()
    return office


def clusters(office: Office) -> Counter[str]:
    return Counter(clusters_told(office.screens.messages.get("telegram:1", {}).values()))


@pytest.mark.parametrize("target", ["country:TJ", "country:KZ", "country:JO", CENTRAL_ASIA])
async def test_the_sample_alerts_its_followers_of_each_event_once_and_of_nothing_else(
    redis: Redis, bundled: list[EnrichedStory], target: str
) -> None:
    kind, _, name = target.partition(":")
    about = {
        story.cluster.id
        for story in bundled
        if (kind == "country" and name in {tag.code for tag in story.countries if tag.role == "subject"})
        or (kind == "region" and name in {tag.id for tag in story.regions if tag.role != "mentioned"})
    }
    assert clusters(await alerts_for(redis, target, bundled)) == Counter(dict.fromkeys(about, 1))


#: What the sample tells more than once, some of it in two languages.
TOLD_AGAIN = {
    "a vote on nuclear power": {"sample-summaries-0", "sample-summaries-1"},
    "a border treaty": {"sample-summaries-2", "sample-summaries-3", "sample-lines-1"},
    "a summit in Samarkand": {"sample-summaries-5", "sample-summaries-6"},
    "an airliner shot at": {"sample-summaries-10", "sample-summaries-11"},
    "an election in Bolivia": {"sample-atom-3", "sample-lines-4"},
    "a mine in Niger": {"sample-rss-2", "sample-lines-6"},
}


def test_each_event_of_the_sample_is_one_cluster(bundled: list[EnrichedStory]) -> None:
    tellings: dict[str, set[str]] = {}
    for story in bundled:
        tellings.setdefault(story.cluster.id, set()).add(story.story_id)
    joined = sorted(sorted(ids) for ids in tellings.values() if len(ids) > 1)
    assert joined == sorted(map(sorted, TOLD_AGAIN.values()))


async def test_the_second_telling_of_an_event_of_the_sample_is_added_to_its_message(
    redis: Redis, bundled: list[EnrichedStory]
) -> None:
    tellings = [story for story in bundled if "Azerbaijan" in story.text and "Aktau" in story.text][:2]
    assert tellings[0].cluster.id == tellings[1].cluster.id
    herald = Source(id="herald", name="Herald", kind="feed")
    tellings[1] = tellings[1].model_copy(update={"source": herald})
    office = await alerts_for(redis, "country:KZ", tellings)
    (text,) = office.screens.seen("telegram:1")
    assert "+1 source: Herald" in text
    assert office.screens.sounds == ["telegram:1"]


async def test_a_mention_alerts_nobody_who_follows_the_subject(
    redis: Redis, bundled: list[EnrichedStory]
) -> None:
    mentioned = [
        story for story in bundled if ("JO", "mentioned") in {(tag.code, tag.role) for tag in story.countries}
    ]
    assert clusters(await alerts_for(redis, "country:JO", mentioned)) == Counter()


# --- the stories that people labelled by hand, where their folder is given ---


@pytest.fixture(scope="module")
def labels() -> dict[str, dict[str, Any]]:
    if "DATELINE_EVAL" not in os.environ:
        pytest.skip("DATELINE_EVAL names no folder with the labelled stories")
    path = Path(os.environ["DATELINE_EVAL"]) / "seeds" / "labels.jsonl"
    return {row["id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


@pytest.fixture(scope="module")
def stories(labels: dict[str, dict[str, Any]]) -> tuple[EnrichedStory, ...]:
    return told(*(json.dumps({"id": key, "text": row["text"]}) for key, row in labels.items()))


async def test_a_follower_of_central_asia_gets_exactly_what_is_labelled_so(
    redis: Redis, labels: dict[str, dict[str, Any]], stories: tuple[EnrichedStory, ...]
) -> None:
    office = await alerts_for(redis, CENTRAL_ASIA, stories)
    wanted = {story.cluster.id for story in stories if labels[story.story_id]["alert_central_asia"]}
    others = {story.cluster.id for story in stories if not labels[story.story_id]["alert_central_asia"]}
    assert not wanted & others
    assert clusters(office) == Counter(dict.fromkeys(wanted, 1))


async def test_a_follower_of_tajikistan_gets_one_alert_for_both_tellings_of_a_visit(
    redis: Redis, stories: tuple[EnrichedStory, ...]
) -> None:
    visits = Counter(
        story.cluster.id
        for story in stories
        if "vladimir-putin" in {tag.id for tag in story.actors}
        and ("TJ", "subject") in {(tag.code, tag.role) for tag in story.countries}
    )
    ((visit, tellings),) = visits.most_common(1)
    assert tellings == 2
    office = await alerts_for(redis, "country:TJ", stories)
    messages = [*office.screens.messages["telegram:1"].values()]
    (about,) = [message for message in messages if visit in clusters_told([message])]
    assert "+1 telling" in about.plain


async def test_a_follower_of_jordan_gets_nothing(redis: Redis, stories: tuple[EnrichedStory, ...]) -> None:
    office = await alerts_for(redis, "country:JO", stories)
    await office.later(timedelta(days=2))
    assert office.screens.seen("telegram:1") == []
