"""The Telegram front end: updates in, answers out. It knows Telegram; what is said is the conversation's affair.

Taking in and answering are two things: one process polls (or any take webhooks) and keeps the updates in the queue, and
every process answers what is there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from starlette.routing import Route
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from services.bot.messengers.pacing import Pacing
from services.bot.messengers.poller_lease import TERM_SECONDS, PollerLease
from services.bot.messengers.telegram.answering import Answerer
from services.bot.messengers.telegram.client import TelegramMessenger
from services.bot.messengers.telegram.delivery import AnswerDelivery, Move
from services.bot.messengers.telegram.menus import announce
from services.bot.messengers.telegram.poller import Poller, TokenRefused, pause, unless
from services.bot.messengers.telegram.queue import MOST_WAITING, UpdateQueue
from services.bot.messengers.telegram.thinking import Answers
from services.bot.messengers.telegram.webhook import Webhook, end_webhook, secret_for, webhook_route
from services.bot.messengers.telegram.workers import Worker
from services.bot.suspensions import Suspensions
from shared.clock import Clock
from shared.observe import Metrics, redact
from shared.supervision import end

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the front end works with beside Telegram and the conversation."""

    redis: Redis
    suspensions: Suspensions
    move: Move
    """Gives everything that is kept for a recipient to its new address."""
    pacing: Pacing
    clock: Clock
    metrics: Metrics
    lease_seconds: float = TERM_SECONDS
    """How long a process that died is still taken for alive."""
    most_waiting: int = MOST_WAITING
    """So many updates may wait for an answer before no more are taken in."""


class TelegramFrontEnd:
    """One bot on Telegram. Run it in any number of processes: all answer, one polls and the others are in reserve.

    With a ``webhook`` (the public address and the secret, None for one that the token implies) none polls.
    """

    def __init__(
        self,
        bot: Bot,
        conversation: Answers,
        around: Surroundings,
        *,
        commands: Sequence[tuple[str, str]] = (),
        webhook: tuple[str, str | None] | None = None,
    ) -> None:
        self._bot = bot
        self._redis = around.redis
        self._commands = tuple(commands)
        bot_id = bot.token.partition(":")[0]
        queue = UpdateQueue(around.redis, bot_id, most=around.most_waiting)
        messenger = TelegramMessenger(bot, on_plain=around.metrics.plain_texts.inc)
        delivery = AnswerDelivery(
            messenger,
            pacing=around.pacing, suspensions=around.suspensions, move=around.move, clock=around.clock,
        )  # fmt: skip
        answerer = Answerer(
            bot, conversation,
            queue=queue, delivery=delivery, suspensions=around.suspensions, move=around.move, clock=around.clock,
            metrics=around.metrics,
        )  # fmt: skip
        self._worker = Worker(
            queue, answerer, redis=around.redis, lease_seconds=around.lease_seconds,
            on_lost=around.metrics.lost_answers.inc,
        )  # fmt: skip
        term = min(TERM_SECONDS, around.lease_seconds)
        self._poller = Poller(bot, PollerLease(around.redis, bot_id, term=term), queue.take_in)
        self._webhook: Webhook | None = None
        self.routes: tuple[Route, ...] = ()
        """What is to be served over HTTP: the webhook's endpoint, where there is one."""
        if webhook is not None:
            url, secret = webhook[0], secret_for(bot.token, webhook[1])
            self._webhook = Webhook(bot, url, secret)
            self.routes = (webhook_route(url, secret, queue.take_in),)
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Return why the front end does not work at the moment; empty while it does. For readiness."""
        intake = self._webhook.trouble if self._webhook else self._poller.trouble
        return self._trouble or intake or self._worker.trouble

    @property
    def polling(self) -> bool:
        """Return whether it is this process that polls."""
        return self._poller.polling

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until stopped; what has been taken is answered before this returns.

        Telegram being away is waited for. A token that is refused stays refused: the front end is then in trouble
        until it is stopped, and the rest of the bot goes on.
        """
        try:
            if await self._connect(stop):
                await announce(self._bot, self._redis, self._commands)
                await self._serve(stop)
        except TokenRefused as refusal:
            await self._refused(refusal, stop)
        finally:
            await self._bot.shutdown()

    async def _serve(self, stop: asyncio.Event) -> None:
        """Take in and answer until stopped. A fault in either ends both, for the supervisor to begin again."""
        tasks = [asyncio.create_task(self._take_in(stop)), asyncio.create_task(self._worker.run(stop))]
        try:
            done, _going_on = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            await end(*tasks)

    async def _take_in(self, stop: asyncio.Event) -> None:
        try:
            if self._webhook is not None:
                await self._webhook.run(stop)
                return
            try:
                await end_webhook(self._bot)
            except TelegramError as error:
                log.warning("webhook not taken back", error=redact(str(error)))
            await self._poller.run(stop)
        except TokenRefused as refusal:
            await self._refused(refusal, stop)

    async def _refused(self, refusal: TokenRefused, stop: asyncio.Event) -> None:
        self._trouble = str(refusal)
        log.error("no Telegram", reason=str(refusal))
        await stop.wait()

    async def _connect(self, stop: asyncio.Event) -> bool:
        """Learn the bot's own name. False when stopped before Telegram answered."""
        failures = 0
        while not stop.is_set():
            try:
                await unless(stop, self._bot.initialize())
            except InvalidToken:
                # Raised from nothing: the library's message and traceback hold the token.
                raise TokenRefused from None
            except TelegramError as error:
                failures += 1
                self._trouble = f"Telegram does not answer: {redact(str(error))}"
                log.warning("Telegram does not answer", error=redact(str(error)))
                await pause(stop, min(30.0, 0.5 * 2.0**failures))
            else:
                self._trouble = ""
                return not stop.is_set()
        return False
