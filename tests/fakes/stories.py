"""Stories for tests: sound ones, with only what the test cares about said."""

from datetime import UTC, datetime
from typing import Any

from shared.events import Cluster, CountryTag, EnrichedStory, RawStory, Source

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WIRE = Source(id="wire", name="The Wire", kind="feed")


def raw_story(story_id: str = "s1", **changes: Any) -> RawStory:
    """A raw story."""
    facts: dict[str, Any] = {
        "story_id": story_id,
        "source": WIRE,
        "text": f"Something happened in Kazakhstan ({story_id}).",
        "first_seen_at": NOON,
    }
    return RawStory.model_validate(facts | changes)


def enriched_story(
    story_id: str = "s1", *, subjects: tuple[str, ...] = ("KZ",), **changes: Any
) -> EnrichedStory:
    """An enriched story about the given countries."""
    facts: dict[str, Any] = {
        **raw_story(story_id).model_dump(),
        "headline": f"Something happened ({story_id})",
        "language": "en",
        "countries": [CountryTag(code=code, role="subject", salience=1.0) for code in subjects],
        "cluster": Cluster(id=story_id),
    }
    return EnrichedStory.model_validate(facts | changes)
