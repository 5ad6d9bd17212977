"""What readers object to: stories that are not about the place that they were alerted for. The port and its model.

The operator reads the list and mends the lexicon, or not. A person counts once for a story and a place, and is kept
only as a hash that nobody can turn back without the installation's own salt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Objection:
    """What is objected to: that a story is about a target, with what the operator needs to judge it."""

    story_id: str
    target: str
    """``country:KZ`` or ``region:central-asia``."""
    headline: str
    source: str
    url: str | None = None
    evidence: str = ""
    """The words that the tag rests on."""

    @property
    def id(self) -> str:
        """Its id in the list: the story and the place."""
        return f"{self.story_id}/{self.target.partition(':')[2]}"


@dataclass(frozen=True, slots=True)
class Review:
    """An entry of the list."""

    objection: Objection
    opened: datetime
    voters: tuple[tuple[str, datetime], ...]
    """The hashes of who objected, and when, the first one first."""
    resolved: datetime | None = None
    note: str = ""
    """What the operator decided."""


class Reviews(Protocol):
    """The list."""

    async def object(self, objection: Objection, person: str, at: datetime) -> bool:
        """Add a person's vote, opening the entry if need be. False when that person has voted already."""

    async def list(self, *, resolved: bool = False, limit: int = 1000) -> Sequence[Review]:
        """Return the open entries (or the resolved ones), those with the most votes first."""

    async def resolve(self, review_id: str, note: str, at: datetime) -> bool:
        """Close an entry. False when there is no open one of that id."""


@dataclass
class LocalReviews:
    """``Reviews`` in this process alone, for a conversation that has no store. People are kept as they are."""

    _kept: dict[str, Review] = field(default_factory=dict)

    async def object(self, objection: Objection, person: str, at: datetime) -> bool:
        """Add a vote; see the port."""
        review = self._kept.setdefault(objection.id, Review(objection, at, ()))
        if person in dict(review.voters):
            return False
        self._kept[objection.id] = replace(review, voters=(*review.voters, (person, at)))
        return True

    async def list(self, *, resolved: bool = False, limit: int = 1000) -> Sequence[Review]:
        """Return entries; see the port."""
        found = [review for review in self._kept.values() if (review.resolved is not None) == resolved]
        return sorted(found, key=lambda review: (-len(review.voters), review.opened))[:limit]

    async def resolve(self, review_id: str, note: str, at: datetime) -> bool:
        """Close an entry; see the port."""
        review = self._kept.get(review_id)
        if review is None or review.resolved is not None:
            return False
        self._kept[review_id] = replace(review, resolved=at, note=note)
        return True
