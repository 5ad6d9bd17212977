"""Enriched stories to the outbox, and due alerts to the people."""

from collections.abc import Sequence

from services.bot.alerts.fanout import FanOut
from services.bot.alerts.port import AlertDue
from services.bot.alerts.sender import AlertSender
from shared.events import EnrichedStory
from shared.stages import Done, Outcome


class AlertsHandler:
    """Spreads stories to those who follow what they are about."""

    def __init__(self, fan_out: FanOut) -> None:
        self._fan_out = fan_out

    async def __call__(self, stories: Sequence[EnrichedStory]) -> Sequence[Outcome]:
        """Spread every story, in order."""
        for story in stories:
            await self._fan_out.spread(story)
        return [Done() for _ in stories]


class SendHandler:
    """Sends the alerts that are due."""

    def __init__(self, sender: AlertSender) -> None:
        self._sender = sender

    async def __call__(self, batch: Sequence[AlertDue]) -> Sequence[Outcome]:
        """Send a batch; what became of each alert stands in its row."""
        await self._sender.send_all(batch)
        return [Done() for _ in batch]
