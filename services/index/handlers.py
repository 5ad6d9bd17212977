"""Stories to the archive, and what the archive answers to outcomes."""

from collections.abc import Sequence

from services.index.batching import batches
from shared.archive.port import ArchiveUnavailable, PutResult, StoryArchive
from shared.conservation import REVISED, STORED
from shared.events import EnrichedStory
from shared.stages import Dead, Done, Outcome, Transient


class IndexHandler:
    """Stores batches of stories."""

    def __init__(self, archive: StoryArchive, *, batch: int, batch_bytes: int) -> None:
        self._archive = archive
        self._batch, self._batch_bytes = batch, batch_bytes

    async def __call__(self, stories: Sequence[EnrichedStory]) -> Sequence[Outcome]:
        """Store the stories. Raises ``Transient`` when the archive is away: then nothing is acknowledged."""
        outcomes: list[Outcome] = []
        for batch in batches(stories, most=self._batch, most_bytes=self._batch_bytes):
            try:
                results = await self._archive.put(batch)
            except ArchiveUnavailable as error:
                raise Transient(str(error)) from error
            outcomes += [_outcome(story, result) for story, result in zip(batch, results, strict=True)]
        return outcomes


def _outcome(story: EnrichedStory, result: PutResult) -> Outcome:
    # A stale story is one that the archive took before we could acknowledge it: stored all the same.
    if result.status == "rejected":
        return Dead(f"the archive refused it: {result.reason}")
    return Done(STORED if story.revision == 0 else REVISED)
