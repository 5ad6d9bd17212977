"""Raw stories to enriched ones on their way to the next stream."""

import asyncio
from collections.abc import Sequence

from services.enrich.pipeline import Pipeline
from shared.envelope import wrap_model
from shared.events import EnrichedStory, RawStory
from shared.stages import Forward, Outcome


class EnrichHandler:
    """Tags batches of stories, off the event loop, and passes them on."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, stories: Sequence[RawStory]) -> Sequence[Outcome]:
        """Enrich a batch."""
        tagged = await asyncio.to_thread(self._tag, stories)
        enriched = await self._pipeline.cluster(tagged)
        return [Forward(wrap_model(story, story_id=story.story_id)) for story in enriched]

    def _tag(self, stories: Sequence[RawStory]) -> list[EnrichedStory]:
        return [self._pipeline.tag(story) for story in stories]
