"""Picks the messenger by the transport that a recipient is written with."""

from collections.abc import Mapping

from services.bot.conversation.messages import Reply
from services.bot.messengers.port import Messenger, NotSent, Outcome

#: How long an alert waits for a transport that this process does not serve, in seconds.
NO_MESSENGER_RETRY = 60.0


class RoutingMessenger:
    """Delivers by transport: ``{"telegram": ..., "console": ..., "script": ...}``.

    A transport that is not configured (no token set) keeps its alerts waiting: it may be configured tomorrow.
    """

    def __init__(self, messengers: Mapping[str, Messenger]) -> None:
        self._messengers = dict(messengers)

    async def deliver(self, who: str, message: Reply, *, silent: bool = False, paid: bool = False) -> Outcome:
        """Send a message over the recipient's transport; see ``Messenger``."""
        messenger = self._messengers.get(_transport(who))
        return (
            await messenger.deliver(who, message, silent=silent, paid=paid) if messenger else _unserved(who)
        )

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:
        """Change a message over the recipient's transport; see ``Messenger``."""
        messenger = self._messengers.get(_transport(who))
        return await messenger.edit(who, message_id, message) if messenger else _unserved(who)


def _transport(who: str) -> str:
    return who.partition(":")[0]


def _unserved(who: str) -> NotSent:
    return NotSent(NO_MESSENGER_RETRY, f"no messenger for {_transport(who)}")
