"""Cutting what was read into writes that the archive can take: by number and by size, in order."""

from collections.abc import Iterator, Sequence

from shared.events import EnrichedStory


def batches(
    stories: Sequence[EnrichedStory], *, most: int, most_bytes: int
) -> Iterator[tuple[EnrichedStory, ...]]:
    """Yield the stories in order, in batches within both limits; a story over the size limit goes alone."""
    batch: list[EnrichedStory] = []
    size = 0
    for story in stories:
        weight = len(story.text.encode()) + len((story.title or "").encode()) + 1000
        if batch and (len(batch) >= most or size + weight > most_bytes):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(story)
        size += weight
    if batch:
        yield tuple(batch)
