"""Index: batches within their limits, and an outcome for whatever the archive answers."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.stories import enriched_story
from services.index.batching import batches
from services.index.handlers import IndexHandler
from shared.archive.port import ArchiveUnavailable, PutResult
from shared.events import EnrichedStory
from shared.stages import Dead, Done, Transient


class ScriptedArchive:
    """Answers each story by its id."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    async def put(self, batch: Sequence[EnrichedStory]) -> list[PutResult]:
        if any(story.story_id == "away" for story in batch):
            raise ArchiveUnavailable("connection refused")
        self.batches.append([story.story_id for story in batch])
        statuses = {"known": "stale", "bad": "rejected"}
        return [
            PutResult(story.story_id, statuses.get(story.story_id, "stored"), "no such field")  # type: ignore[arg-type]
            for story in batch
        ]


def handler(archive: ScriptedArchive) -> IndexHandler:
    return IndexHandler(archive, batch=2, batch_bytes=10_000)  # type: ignore[arg-type]


async def test_every_answer_of_the_archive_is_an_outcome_in_order() -> None:
    stories = [
        enriched_story("new"),
        enriched_story("known"),
        enriched_story("bad"),
        enriched_story("r", revision=3),
    ]

    outcomes = await handler(ScriptedArchive())(stories)

    assert outcomes == [
        Done("stored"),
        Done("stored"),
        Dead("the archive refused it: no such field"),
        Done("revised"),
    ]


async def test_an_archive_that_is_away_is_no_story_s_fault() -> None:
    with pytest.raises(Transient, match="connection refused"):
        await handler(ScriptedArchive())([enriched_story("a"), enriched_story("away")])


@given(st.lists(st.integers(1, 9000), max_size=30), st.integers(1, 7))
def test_batches_keep_order_and_limits(sizes: list[int], most: int) -> None:
    stories = [enriched_story(f"s{i}", text="x" * size) for i, size in enumerate(sizes)]

    cut = list(batches(stories, most=most, most_bytes=12_000))

    assert [story for batch in cut for story in batch] == stories
    assert all(0 < len(batch) <= most for batch in cut)
    assert all(len(batch) == 1 or sum(len(s.text) + 1000 for s in batch) <= 12_000 for batch in cut)
