"""What writes the messages of alerts and digests: the ports."""

from collections.abc import Sequence
from typing import Protocol

from services.bot.alerts.port import Alert
from services.bot.conversation.messages import Reply
from services.bot.preferences import Preferences


class WrittenDigest(Protocol):
    """A digest, and the clusters of the rows that it tells."""

    @property
    def reply(self) -> Reply:
        """Return what to send."""

    @property
    def clusters(self) -> Sequence[str]:
        """Return the clusters."""


class Writer(Protocol):
    """Writes messages, in the reader's language and time."""

    async def write(self, alerts: Sequence[Alert], preferences: Preferences) -> Reply:
        """Write one message of one or several alerts."""


class DigestWriter(Protocol):
    """Writes digests."""

    async def write(self, who: str, preferences: Preferences) -> WrittenDigest | None:
        """Write a reader's digest; None when there is nothing to tell."""
