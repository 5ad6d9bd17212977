"""What the pipeline of enrich is made of, as protocols: each step can be replaced by a better one."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from shared.events import ActorTag, Cluster, CountryTag, EnrichedStory, RegionTag


class PlaceTags(Protocol):
    """The places of one story."""

    @property
    def countries(self) -> tuple[CountryTag, ...]:
        """The countries, most salient first."""

    @property
    def regions(self) -> tuple[RegionTag, ...]:
        """The regions."""


class TagsPlaces(Protocol):
    """Finds countries and regions."""

    def tag(self, title: str | None, text: str, *, language: str, source_country: str | None) -> PlaceTags:
        """Return the places of a story, with evidence."""


class TagsActors(Protocol):
    """Finds people and organisations."""

    def tag(self, title: str | None, text: str, *, language: str, at: date | None) -> tuple[ActorTag, ...]:
        """Return the actors of a story of that date (None: nobody dated it), with evidence."""


class DetectsLanguage(Protocol):
    """Tells the language of a text."""

    def __call__(self, text: str, hint: str | None = None) -> str:
        """Return an ISO 639-1 code, or ``und``."""


class AssignsClusters(Protocol):
    """Decides which stories tell the same event, atomically and the same way every time it is asked."""

    async def assign_many(self, stories: Sequence[EnrichedStory]) -> list[Cluster]:
        """Return the cluster of each story, in order; a story may join one that stands before it."""
