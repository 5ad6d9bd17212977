"""From a story to the outbox: pages of followers, one row for each, with all the reasons in it."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.bot.alerts.matching import (
    ALERT_WINDOW,
    Match,
    OfficesOf,
    no_offices,
    reasons_of,
    targets,
    words_of_story,
)
from services.bot.alerts.port import AlertStory, Outbox, Progress, Recipient
from services.bot.subscriptions import Follower, Subscriptions
from services.bot.suspensions import Suspensions
from shared.clock import Clock
from shared.events import EnrichedStory

log = structlog.get_logger(__name__)

#: Recipients per step: a story with a hundred thousand followers is never held in memory as a whole.
PAGE = 500


class FanOut:
    """Spreads stories. A story that was spread before, wholly or in part, may be spread again at any time."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        outbox: Outbox,
        suspensions: Suspensions,
        clock: Clock,
        window: timedelta = ALERT_WINDOW,
        page: int = PAGE,
        offices_of: OfficesOf = no_offices,
    ) -> None:
        self._subscriptions = subscriptions
        self._outbox = outbox
        self._suspensions = suspensions
        self._clock = clock
        self._window = window
        self._page = page
        self._offices_of = offices_of

    async def spread(self, story: EnrichedStory) -> int:
        """Put a row into the outbox for everybody who should hear of a story. Return how many rows are new.

        Raises what the stores raise; the rows of the pages before that stay, and the next call goes on there.
        """
        matches = targets(story, self._clock.now(), window=self._window, offices_of=self._offices_of)
        if not matches:
            return 0
        progress = await self._outbox.progress(story.story_id)
        content, words, new = AlertStory.of(story), words_of_story(story), 0
        while not progress.complete:
            followers, cursor = await self._subscriptions.followers(
                [match.target for match in matches], after=progress.after, limit=self._page
            )
            progress = Progress(after=cursor, complete=cursor is None)
            recipients = await self._recipients(followers, matches, words)
            new += await self._outbox.enqueue(content, recipients, progress, self._clock.now())
        if new:
            log.info("alerts queued", story=story.story_id, cluster=story.cluster.id, alerts=new)
        return new

    async def _recipients(
        self, followers: Sequence[Follower], matches: Sequence[Match], words: str
    ) -> list[Recipient]:
        suspended = await self._suspensions.among([follower.who for follower in followers])
        reasoned = ((follower.who, reasons_of(follower, matches, words)) for follower in followers)
        return [Recipient(who, reasons) for who, reasons in reasoned if reasons and who not in suspended]
