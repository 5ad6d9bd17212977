"""The Telegram front end: updates in, answers out. It knows Telegram; what is said is the conversation's affair."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from telegram import Bot, CallbackQuery, Message, Update
from telegram.error import InvalidToken, TelegramError

from services.bot.conversation.messages import Incoming, Reply, block
from services.bot.messengers.poller_lease import PollerLease
from services.bot.messengers.port import Gone, Moved, NotSent, Outcome
from services.bot.messengers.telegram_client import TelegramMessenger
from services.bot.messengers.telegram_poller import Poller, TokenRefused, pause, unless
from services.bot.messengers.telegram_updates import editable, is_away, moved, recipient, said
from services.bot.suspensions import Suspensions
from shared.clock import Clock
from shared.observe import redact

log = structlog.get_logger(__name__)

#: Chats answered side by side; the updates of one chat are always handled in order.
CHATS_AT_ONCE = 32
#: How long one answer may take altogether, in seconds.
ANSWER_LIMIT = 30.0
#: How long a pressed button waits for what to say in its notice, in seconds; longer looks like a hung client.
TOAST_WAIT = 0.5
#: An answer is tried again so often, if Telegram asks to wait no longer than so many seconds.
TRIES, PATIENCE = 4, 10.0
#: How long a handled update is remembered. Telegram gives up on an unconfirmed one after a day.
REMEMBERED = timedelta(hours=25)

STALE = "This button does not work any more. Please ask again."


class Answers(Protocol):
    """What answers: ``Conversation``."""

    async def handle(self, incoming: Incoming) -> Reply:
        """Answer."""


def update_key(bot_id: str, update_id: int) -> str:
    """Return the key that exists when an update has been handled."""
    return f"telegram.update:{bot_id}:{update_id}"


def commands_key(bot_id: str) -> str:
    """Return the key of the fingerprint of the command menu that was last set."""
    return f"telegram.commands:{bot_id}"


class TelegramFrontEnd:
    """One bot on Telegram. Run it in any number of processes: one polls, the others are in reserve."""

    def __init__(
        self,
        bot: Bot,
        conversation: Answers,
        *,
        redis: Redis,
        suspensions: Suspensions,
        move: Callable[[str, str], Awaitable[int]],
        clock: Clock,
        commands: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._bot = bot
        self._bot_id = bot.token.partition(":")[0]
        self._conversation = conversation
        self._redis = redis
        self._suspensions = suspensions
        self._move = move
        self._clock = clock
        self._commands = tuple(commands)
        self._messenger = TelegramMessenger(bot)
        self._slots = asyncio.Semaphore(CHATS_AT_ONCE)
        self._trouble = ""
        self._poller = Poller(bot, PollerLease(redis, self._bot_id), self._handle_batch)

    @property
    def trouble(self) -> str:
        """Return why the front end does not work at the moment; empty while it does. For readiness."""
        return self._trouble or self._poller.trouble

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
                await self._announce_commands()
                await self._poller.run(stop)
        except TokenRefused as refusal:
            self._trouble = str(refusal)
            log.error("no Telegram", reason=str(refusal))  # noqa: TRY400 - a traceback would say no more
            await stop.wait()
        finally:
            await self._bot.shutdown()

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

    async def _announce_commands(self) -> None:
        """Set the command menu, only if it is not the one that was set last: that call is rationed."""
        if not self._commands:
            return
        fingerprint = hashlib.sha256(repr(self._commands).encode()).digest()
        try:
            if await self._redis.get(commands_key(self._bot_id)) != fingerprint:
                await self._bot.set_my_commands(self._commands)
                await self._redis.set(commands_key(self._bot_id), fingerprint)
        except (TelegramError, RedisError) as error:
            log.warning("command menu not set", error=redact(str(error)))

    async def _handle_batch(self, updates: Sequence[Update]) -> None:
        handled = await self._redis.mget([update_key(self._bot_id, update.update_id) for update in updates])
        chats: dict[int, list[Update]] = {}
        for update, done in zip(updates, handled, strict=True):
            if done is None:
                chats.setdefault(update.effective_chat.id if update.effective_chat else 0, []).append(update)
        faults = await asyncio.gather(*map(self._handle_in_turn, chats.values()), return_exceptions=True)
        for fault in faults:
            if isinstance(fault, BaseException):
                raise fault

    async def _handle_in_turn(self, updates: Sequence[Update]) -> None:
        async with self._slots:
            for update in updates:
                try:
                    async with asyncio.timeout(ANSWER_LIMIT):
                        await self._handle(update)
                except RedisError:
                    raise
                except Exception:  # noqa: BLE001 - whatever it is, this person is told and the others go on
                    await self._apologise(update)
                await self._redis.set(update_key(self._bot_id, update.update_id), b"1", ex=REMEMBERED)

    async def _handle(self, update: Update) -> None:
        if (away := is_away(update)) is not None and update.effective_chat:
            await self._note_presence(recipient(update.effective_chat.id), away=away)
        elif update.callback_query:
            await self._pressed(update.callback_query)
        elif update.message:
            await self._said(update.message)

    async def _note_presence(self, who: str, *, away: bool) -> None:
        if away:
            await self._suspensions.suspend(who, "the bot was blocked or sent away")
        else:
            await self._suspensions.resume(who)

    async def _said(self, message: Message) -> None:
        if (change := moved(message)) is not None:
            await self._move(recipient(change[0]), recipient(change[1]))
            return
        text = said(message, self._bot.username)
        if text is None:
            return
        who, author = recipient(message.chat.id), message.from_user
        await self._suspensions.resume(who)
        reply = await self._conversation.handle(
            Incoming(
                who, text, self._clock.now(), language=author.language_code if author else None,
                name=author.full_name if author else None,
            )
        )  # fmt: skip
        reply_to = None if message.chat.type == message.chat.PRIVATE else message.message_id
        await self._patiently(who, lambda: self._messenger.deliver(who, reply, reply_to=reply_to))

    async def _pressed(self, query: CallbackQuery) -> None:
        if query.message is None or not query.data:
            await self._notice(query, STALE)
            return
        who, author = recipient(query.message.chat.id), query.from_user
        incoming = Incoming(
            who,
            query.data,
            self._clock.now(),
            pressed=True,
            language=author.language_code,
            name=author.full_name,
        )
        answering = asyncio.create_task(self._conversation.handle(incoming))
        try:
            # The client shows a spinner until the press is answered, and only the first answer counts: wait a
            # moment for what the notice shall say, but not for a slow archive.
            await asyncio.wait({answering}, timeout=TOAST_WAIT)
            early = answering.done() and not answering.exception()
            await self._notice(query, answering.result().toast if early else None)
            reply = await answering
        finally:
            answering.cancel()
        original = editable(query)
        if original and reply.replaces:
            await self._patiently(who, lambda: self._messenger.replace(who, original.message_id, reply))
        elif reply.blocks:
            await self._patiently(who, lambda: self._messenger.deliver(who, reply))

    async def _notice(self, query: CallbackQuery, text: str | None) -> None:
        try:
            await query.answer(text[:200] if text else None)
        except TelegramError as error:
            # Too old, or answered by a process that died before it could note so: nothing is lost by it.
            log.debug("press not answered", error=redact(str(error)))

    async def _patiently(self, who: str, attempt: Callable[[], Awaitable[Outcome]]) -> None:
        """Send an answer, again if it surely did not leave. One that may have arrived is never repeated."""
        outcome: Outcome = NotSent(0, "")
        for _ in range(TRIES):
            outcome = await attempt()
            if not isinstance(outcome, NotSent) or outcome.retry_in > PATIENCE:
                break
            await asyncio.sleep(outcome.retry_in)
        if isinstance(outcome, Gone):
            await self._suspensions.suspend(who, outcome.reason)
        elif isinstance(outcome, Moved):
            await self._move(who, outcome.who)
        log.debug("answered", outcome=type(outcome).__name__)

    async def _apologise(self, update: Update) -> None:
        """Log a fault of ours under a number and tell the person that number: never silence, never a trace."""
        number = secrets.token_hex(2)
        log.exception("update not handled", update=update.update_id, fault=number)
        if update.effective_chat is None or update.my_chat_member:
            return
        who = recipient(update.effective_chat.id)
        apology = Reply((block(f"Something went wrong on our side (number {number}). Please try again."),))
        await self._messenger.deliver(who, apology)
