"""From stories to what is learnt of events that were alerted already: who tells them too, and what was changed."""

from typing import Protocol

import structlog

from services.bot.alerts.material import change_of
from services.bot.alerts.port import LEAD
from services.bot.alerts.telling import Telling
from shared.clock import Clock
from shared.events import EnrichedStory, Moment

log = structlog.get_logger(__name__)


class Tellings(Protocol):
    """Keeps the later tellings of clusters that anybody was alerted of."""

    async def note(self, cluster: str, telling: Telling, at: Moment) -> bool:
        """Keep a telling. False when nobody was alerted of the cluster, or it was noted so before."""

    async def noted(self, cluster: str, story_id: str) -> Telling | None:
        """Return a telling as it was noted last, None when it was not."""

    async def alerted(self, story_id: str) -> Telling | None:
        """Return a story as its alerts tell it; None when there are none."""


class Retelling:
    """Notes what is worth changing a message for. The same story may be given any number of times."""

    def __init__(self, tellings: Tellings, clock: Clock) -> None:
        self._tellings = tellings
        self._clock = clock

    async def note(self, story: EnrichedStory) -> bool:
        """Note a later telling of an event, or a revision that says something else. False when it is neither."""
        if story.origin != "live" or story.cluster.relation == "new":
            return False
        telling = await self._telling_of(story)
        if telling is None or not await self._tellings.note(story.cluster.id, telling, self._clock.now()):
            return False
        log.info("told again", story=story.story_id, cluster=story.cluster.id, change=telling.change)
        return True

    async def _telling_of(self, story: EnrichedStory) -> Telling | None:
        before = await self._tellings.noted(story.cluster.id, story.story_id)
        if story.cluster.relation != "revision":
            return Telling.of(story, self._clock.now()) if before is None else None
        before = before or await self._tellings.alerted(story.story_id)
        if before is None or before.revision >= story.revision:
            return None
        change = change_of((before.headline, before.lead), (story.headline, story.text[:LEAD]))
        return Telling.of(story, self._clock.now(), change) if change else None
