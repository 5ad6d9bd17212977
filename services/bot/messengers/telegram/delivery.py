"""How an answer reaches its chat: at the pace that Telegram allows, and again only if it surely has not left."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.bot.conversation.messages import Reply
from services.bot.messengers.pacing import Pacing
from services.bot.messengers.port import Gone, Moved, NotSent, Outcome, Sent, Uncertain
from services.bot.messengers.telegram.client import TelegramMessenger
from services.bot.messengers.telegram.departure import Departure, departing
from services.bot.suspensions import Suspensions
from shared.clock import Clock

log = structlog.get_logger(__name__)

#: An answer that could not leave for so long is given up, in seconds: its reader has asked again since.
PATIENCE = 90.0
#: How long until what failed before it left is tried again, in seconds.
_SOON = 1.0

Move = Callable[[str, str], Awaitable[object]]


class AnswerDelivery:
    """Sends answers and puts them in the place of earlier ones."""

    def __init__(
        self,
        messenger: TelegramMessenger,
        *,
        pacing: Pacing,
        suspensions: Suspensions,
        move: Move,
        clock: Clock,
    ) -> None:
        self._messenger = messenger
        self._pacing = pacing
        self._suspensions = suspensions
        self._move = move
        self._clock = clock

    async def send(
        self, who: str, reply: Reply, departure: Departure, *, reply_to: int | None = None
    ) -> str | None:
        """Send an answer; return its message id if it has arrived for certain."""
        return await self._leave(
            who, departure, lambda to: self._messenger.deliver(to, reply, reply_to=reply_to)
        )

    async def replace(self, who: str, message_id: int, reply: Reply, departure: Departure) -> str | None:
        """Put an answer in the place of a message; return the id of what shows it now."""
        return await self._leave(who, departure, lambda to: self._messenger.replace(to, message_id, reply))

    async def _leave(
        self, who: str, departure: Departure, attempt: Callable[[str], Awaitable[Outcome]]
    ) -> str | None:
        outcome: Outcome = NotSent(0, "no time for it")
        time = asyncio.get_running_loop().time
        give_up_at = time() + PATIENCE
        while isinstance(outcome, NotSent):
            # First whatever Telegram wants, then a place: one that is given is counted.
            wait = outcome.retry_in or await self._pacing.admit(who, "reply", self._clock.now())
            if time() + wait > give_up_at:
                break
            if wait:
                await asyncio.sleep(wait)
                outcome = NotSent(0, outcome.reason)
                continue
            with departing(departure):
                outcome = await attempt(who)
            outcome = await self._settled(who, outcome, departure)
            if isinstance(outcome, Moved):
                who, outcome = outcome.who, NotSent(0, "it goes to the new address")
        if isinstance(outcome, Sent):
            return outcome.message_id or None
        log.warning("answer not delivered", outcome=str(outcome))
        return None

    async def _settled(self, who: str, outcome: Outcome, departure: Departure) -> Outcome:
        """Note what an attempt has told of the chat; return what has become of the answer."""
        if isinstance(outcome, Uncertain) and not departure.noted and not departure.refused:
            # An edit, which may be repeated; or the store was away in the moment of leaving, so it did not leave.
            outcome = NotSent(_SOON, outcome.reason)
        match outcome:
            case NotSent():
                await departure.back()
                if outcome.flood:
                    await self._pacing.refused(who, outcome.retry_in, self._clock.now())
            case Gone():
                await self._suspensions.suspend(who, outcome.reason)
            case Moved():
                await departure.back()
                await self._move(who, outcome.who)
        return outcome
