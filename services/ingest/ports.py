"""What ingest needs from the outside, as protocols: the one way into the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.events import RawStory


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of one story at the door.

    ``accepted``: new, on its way. ``duplicate``: this very text of this story came before. ``revised``: a known
    story with other text, on its way as ``revision``.
    """

    status: Literal["accepted", "duplicate", "revised"]
    story_id: str
    revision: int


class Overloaded(Exception):  # noqa: N818 - a state of the world
    """The streams are over their high-water mark: wait and try again; nothing was admitted."""


class Admit(Protocol):
    """Lets stories into the pipeline, each with the fingerprint of its text (``identity.Identity``).

    Answers one admission per story, in order. Raises ``Overloaded``, or ``redis.exceptions.RedisError`` when the
    server is away.
    """

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        """Admit a batch."""
