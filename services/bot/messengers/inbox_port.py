"""Where a messenger without a transport of its own hears of alerts."""

from collections.abc import AsyncIterator
from typing import Protocol

from services.bot.conversation.messages import Reply


class Inbox(Protocol):
    """The alerts of recipients that sit at a console or behind a script."""

    def alerts(self, who: str) -> AsyncIterator[Reply]:
        """Yield each alert of a recipient as it arrives; never ends by itself."""
