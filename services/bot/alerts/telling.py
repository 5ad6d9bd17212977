"""What is learnt of a story after it was first told: who tells it too, and what its own source has changed."""

from dataclasses import dataclass
from typing import Literal

from services.bot.alerts.port import LEAD, AlertStory
from shared.events import EnrichedStory, Message, Moment

Change = Literal["correction", "numbers", "headline"]
"""How a story differs materially from what it said before; a correction or retraction weighs most."""


class Telling(Message):
    """One telling of an event as it stands now."""

    story_id: str
    source: str
    url: str | None = None
    headline: str
    lead: str = ""
    at: Moment
    """When we noted it, or its last revision that counts."""
    revision: int = 0
    change: Change | None = None
    """How it differs from its first revision; None while nothing that matters changed."""

    @classmethod
    def of(cls, story: EnrichedStory, at: Moment, change: Change | None = None) -> "Telling":
        """Take what is kept of a telling seen at a time."""
        return cls(
            story_id=story.story_id,
            source=story.source.name,
            url=story.url,
            headline=story.headline,
            lead=story.text[:LEAD],
            at=at,
            revision=story.revision,
            change=change,
        )


@dataclass(frozen=True, slots=True)
class Retold:
    """A cluster that was told again: all its tellings, and a number that grows with each."""

    cluster: str
    version: int
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What a message can say that an alert's story alone does not: other sources, and a change of the story."""

    sources: tuple[str, ...] = ()
    """The other sources that told it, each once, in the order in which they were seen."""
    again: int = 0
    """How often its own source told it in other words, or under another address."""
    revised: Telling | None = None
    """The story as its source tells it now, when that differs materially."""
    updated: Moment | None = None
    """When the latest of all this was seen."""

    def __bool__(self) -> bool:
        """Return whether there is anything to say."""
        return bool(self.sources or self.again or self.revised)


NOTHING_SINCE = Since()


def since(story: AlertStory, retold: Retold | None) -> Since:
    """Return what is known beyond the story of an alert, from all tellings of its cluster."""
    tellings = retold.tellings if retold else ()
    ordered = sorted(tellings, key=lambda telling: (telling.at, telling.story_id))
    others = [each for each in ordered if each.story_id != story.story_id]
    elsewhere = [each.source for each in others if each.source != story.source]
    revised = next((each for each in ordered if each.story_id == story.story_id and each.change), None)
    news = [*others, *([revised] if revised else [])]
    return Since(
        sources=tuple(dict.fromkeys(elsewhere)),
        again=len(others) - len(elsewhere),
        revised=revised,
        updated=max((each.at for each in news), default=None),
    )
