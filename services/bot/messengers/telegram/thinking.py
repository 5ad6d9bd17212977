"""Asking the conversation on Telegram's behalf: what the chat sees meanwhile, and how many think at once."""

import asyncio
import time
from typing import Protocol

import structlog
from telegram import Bot, CallbackQuery
from telegram.error import TelegramError

from services.bot.conversation.messages import Incoming, Reply
from services.bot.messengers.telegram.address import address_of
from shared.observe import Metrics, redact
from shared.supervision import end

log = structlog.get_logger(__name__)

#: How long one answer may take to be found, in seconds.
ANSWER_LIMIT = 30.0
#: How long a pressed button waits for what to say in its notice, in seconds; longer looks like a hung client.
TOAST_WAIT = 0.5
#: An answer that is not there after so many seconds is announced by "typing", which Telegram shows for five.
TYPING_AFTER, TYPING_AGAIN = 0.3, 4.5
#: Chats that are shown so at once. Where more wait, it is for us, and more requests would make it worse.
MOST_TYPING = 4
#: Answers that are begun side by side. More would only take the processor from each other; one that waits for a slow
#: archive does not count.
AT_ONCE = 4


class Answers(Protocol):
    """What answers: ``Conversation``."""

    async def handle(self, incoming: Incoming) -> Reply:
        """Answer."""


class Thinking:
    """Asks the conversation, for one process."""

    def __init__(self, bot: Bot, conversation: Answers, metrics: Metrics) -> None:
        self._bot = bot
        self._conversation = conversation
        self._metrics = metrics
        self._beginning = asyncio.Semaphore(AT_ONCE)
        self._shown_typing = 0

    async def reply(self, incoming: Incoming, query: CallbackQuery | None = None) -> Reply:
        """Return the answer. While it is sought a press is answered, and the chat sees that something is coming.

        The client shows a spinner until a press is answered, and only the first answer counts: it waits a moment for
        what the notice shall say, but not for a slow archive.
        """
        async with self._beginning:
            asked_at = time.perf_counter()
            answering = asyncio.create_task(self._conversation.handle(incoming))
            await self._wait_for(answering, TYPING_AFTER if query is None else TOAST_WAIT)
        try:
            if query is not None:
                early = answering.done() and not answering.exception()
                await self.notice(query, answering.result().toast if early else None)
            async with asyncio.timeout(ANSWER_LIMIT):
                while not answering.done():
                    await self._typing(incoming.who)
                    await asyncio.wait({answering}, timeout=TYPING_AGAIN)
            reply = answering.result()
        finally:
            await end(answering)
        intent = str(reply.data.get("intent", "other"))
        self._metrics.answers.labels(intent).inc()
        self._metrics.answer_seconds.labels(intent).observe(time.perf_counter() - asked_at)
        return reply

    async def notice(self, query: CallbackQuery, text: str | None) -> None:
        """Answer a press, with a short notice or none."""
        try:
            await query.answer(text[:200] if text else None)
        except TelegramError as error:
            # Too old, or answered by a process that died before it could note so: nothing is lost by it.
            log.debug("press not answered", error=redact(str(error)))

    async def _wait_for(self, answering: asyncio.Task[Reply], seconds: float) -> None:
        """Wait a while for an answer; who is cancelled meanwhile leaves no task behind."""
        try:
            await asyncio.wait({answering}, timeout=seconds)
        except asyncio.CancelledError:
            await end(answering)
            raise

    async def _typing(self, who: str) -> None:
        if self._shown_typing >= MOST_TYPING:
            return
        at = address_of(who)
        self._shown_typing += 1
        try:
            await self._bot.send_chat_action(at.chat, "typing", message_thread_id=at.thread)
        except TelegramError as error:
            log.debug("typing not shown", error=redact(str(error)))
        finally:
            self._shown_typing -= 1
