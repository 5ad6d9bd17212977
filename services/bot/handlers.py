"""Enriched stories to the outbox, and due alerts to the people."""

from collections.abc import Sequence

from services.bot.alerts.fanout import FanOut
from services.bot.alerts.port import ChatDue
from services.bot.alerts.retelling import Retelling
from services.bot.alerts.sender import AlertSender
from shared.events import EnrichedStory
from shared.stages import Done, Outcome


class AlertsHandler:
    """Spreads stories to those who follow what they are about, and notes what is told again."""

    def __init__(self, fan_out: FanOut, retelling: Retelling) -> None:
        self._fan_out = fan_out
        self._retelling = retelling

    async def __call__(self, stories: Sequence[EnrichedStory]) -> Sequence[Outcome]:
        """Deal with every story, in order."""
        for story in stories:
            await self._fan_out.spread(story)
            await self._retelling.note(story)
        return [Done() for _ in stories]


class SendHandler:
    """Sends the alerts that are due."""

    def __init__(self, sender: AlertSender) -> None:
        self._sender = sender

    async def __call__(self, batch: Sequence[ChatDue]) -> Sequence[Outcome]:
        """Serve a batch of recipients; what became of each alert stands in its row."""
        await self._sender.send_all(batch)
        return [Done() for _ in batch]
