"""Recipients that nothing may be sent to for now (they blocked the bot, or left): the port.

Their follows stay, so that somebody who comes back finds everything as it was.
"""

from collections.abc import Sequence
from typing import Protocol


class Suspensions(Protocol):
    """Who is suspended."""

    async def suspend(self, who: str, reason: str) -> None:
        """Send nothing more to a recipient until it is resumed."""

    async def resume(self, who: str) -> bool:
        """Send again. False when the recipient was not suspended."""

    async def resume_topics(self, who: str) -> None:
        """Send again to all topics of a chat (recipients written ``who/topic``)."""

    async def among(self, recipients: Sequence[str]) -> frozenset[str]:
        """Return those of the recipients that are suspended."""
