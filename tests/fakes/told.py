"""Stories for tests of the cluster index."""

from datetime import UTC, datetime, timedelta

from shared.events import Cluster, EnrichedStory, Source

#: A Tuesday.
START = datetime(2025, 3, 11, 8, tzinfo=UTC)


def told(
    story_id: str, text: str, *, hours: float = 0, revision: int = 0, title: str | None = None
) -> EnrichedStory:
    """A story as it reaches the cluster index, published some hours after ``START``."""
    when = START + timedelta(hours=hours)
    return EnrichedStory(
        story_id=story_id,
        revision=revision,
        source=Source(id="wire", name="Wire", kind="jsonl"),
        title=title,
        text=text,
        published_at=when,
        first_seen_at=when,
        headline=title or text[:60],
        cluster=Cluster(id=story_id),
    )
