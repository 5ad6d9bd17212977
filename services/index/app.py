"""Wiring of index."""

from services.index.handlers import IndexHandler
from services.index.settings import IndexSettings
from shared.archive.port import StoryArchive
from shared.events import EnrichedStory
from shared.service import Service
from shared.stages import Stage
from shared.topology import STAGES


def build(settings: IndexSettings, *, archive: StoryArchive) -> Service:
    """Build index over an archive that it may write to."""
    stream, group = STAGES["index"]
    stage = Stage(
        name="index",
        stream=stream,
        group=group,
        model=EnrichedStory,
        handle=IndexHandler(archive, batch=settings.index_batch, batch_bytes=settings.index_batch_bytes),
        identify=lambda story: f"{story.story_id}:{story.revision}:{story.lexicon_version}",
        source=lambda story: story.source.id,
        counted=True,
        batch=settings.index_batch,
        linger_seconds=settings.index_linger_seconds,
    )

    async def archive_answers() -> str | None:
        health = await archive.health()
        return None if health.ok else health.detail

    return Service(
        "index", stages=[stage], checks={"archive": archive_answers}, setup=archive.setup, close=archive.close
    )
