"""How a message leaves for a person: the port, and everything that can become of a send.

Telegram has no idempotency key and nothing can be read back, so "was it delivered?" has more than two answers.
Every messenger, whatever its transport, answers with one of these.
"""

from dataclasses import dataclass
from typing import Protocol

from services.bot.conversation.messages import Reply


@dataclass(frozen=True, slots=True)
class Sent:
    """The transport has accepted the message. ``message_id`` is the transport's own."""

    message_id: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The message has surely not left; it may be tried again after ``retry_in`` seconds."""

    retry_in: float
    reason: str
    flood: bool = False
    """Because of its rate: the pacing must know."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The message may or may not have been delivered: the answer to the request was lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The recipient cannot be reached any more (blocked the bot, left, does not exist). Not sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The recipient has another address now (a group became a supergroup). Not sent."""

    who: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The transport refuses this very message, and would every time. Not sent; the recipient is fine."""

    reason: str


Outcome = Sent | NotSent | Uncertain | Gone | Moved | Refused


class Messenger(Protocol):
    """Delivers messages over one transport, or over several by the prefix of the recipient."""

    async def deliver(self, who: str, message: Reply, *, silent: bool = False, paid: bool = False) -> Outcome:
        """Send a message once and say what became of it. Never raises for what a transport can do.

        ``paid``: above the transport's free rate, for money, where it has such a thing.
        """

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:
        """Put other words into a message sent before (``Sent.message_id``), without a sound.

        A transport that cannot, says the toast in a message of its own, and answers with the id of that.
        Already so is ``Sent``; one that is gone, too old to change or too small for the words is ``Refused``, and
        nothing new is sent.
        """
