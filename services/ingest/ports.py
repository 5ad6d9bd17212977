"""What ingest needs of the outside and does not know itself: the admission of stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.events import RawStory

AdmissionStatus = Literal["accepted", "duplicate", "revised"]


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of one story: new (accepted), known with the same words (duplicate) or with others (revised)."""

    status: AdmissionStatus
    story_id: str
    revision: int = 0


class UnavailableError(Exception):
    """No story can be admitted now. The message is a sentence for the sender; ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 30) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Admit(Protocol):
    """Takes stories with their fingerprints in and puts the new and revised ones on the stream, once each."""

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        """Answer for every story, in order, once it is safe on the stream.

        Raises UnavailableError when the stream is over its high-water mark or its server cannot be reached. Stories
        that were admitted before it went away are duplicates when they are sent again.
        """


class Rejects(Protocol):
    """Counts what is turned away."""

    async def reject(self, source_id: str, reason: str) -> None:
        """Count one item of a source as rejected."""
