"""What becomes of one update: the conversation is asked, its answer goes where the question came from."""

import secrets

import structlog
from redis.exceptions import RedisError
from telegram import Bot, CallbackQuery, Message, Update

from services.bot.conversation.messages import Incoming, Reply, block
from services.bot.conversation.texts import DEFAULT, Speaker, _, known_language, speaking
from services.bot.messengers.telegram.address import recipient
from services.bot.messengers.telegram.delivery import AnswerDelivery, Move
from services.bot.messengers.telegram.departure import Departure
from services.bot.messengers.telegram.inline import InlineAnswers
from services.bot.messengers.telegram.queue import Turn, UpdateQueue
from services.bot.messengers.telegram.thinking import Answers, Thinking
from services.bot.messengers.telegram.updates import (
    author_of,
    editable,
    is_away,
    is_shared,
    moved,
    place_of,
    said,
)
from services.bot.suspensions import Suspensions
from shared.clock import Clock
from shared.observe import Metrics

log = structlog.get_logger(__name__)


class Answerer:
    """Answers turns; one for each process."""

    def __init__(
        self,
        bot: Bot,
        conversation: Answers,
        *,
        queue: UpdateQueue,
        delivery: AnswerDelivery,
        suspensions: Suspensions,
        move: Move,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._bot = bot
        self._queue = queue
        self._delivery = delivery
        self._suspensions = suspensions
        self._move = move
        self._clock = clock
        self._thinking = Thinking(bot, conversation, metrics)
        self._inline = InlineAnswers(bot, conversation, clock)

    async def __call__(self, turn: Turn, departure: Departure) -> tuple[int, str] | None:
        """Answer a turn; return the ids of the message and of its answer. Raises only ``RedisError``."""
        update = None
        try:
            update = Update.de_json(turn.update, self._bot)
            return await self._handle(update, turn, departure)
        except RedisError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, this person is told and the others go on
            await self._apologise(update, departure)
            return None

    async def _handle(self, update: Update, turn: Turn, departure: Departure) -> tuple[int, str] | None:
        if (away := is_away(update)) is not None and update.effective_chat:
            await self._note_presence(recipient(update.effective_chat.id), away=away)
        elif update.callback_query:
            await self._pressed(update.callback_query, departure)
        elif update.inline_query:
            await self._inline.answer(update.inline_query)
        elif message := update.message or update.channel_post:
            return await self._said(message, departure)
        elif message := update.edited_message or update.edited_channel_post:
            return await self._said_otherwise(message, turn, departure)
        return None

    async def _note_presence(self, who: str, *, away: bool) -> None:
        if away:
            await self._suspensions.suspend(who, "the bot was blocked or sent away")
        else:
            await self._suspensions.resume(who)
            await self._suspensions.resume_topics(who)

    async def _said(self, message: Message, departure: Departure) -> tuple[int, str] | None:
        if (change := moved(message)) is not None:
            await self._move(recipient(change[0]), recipient(change[1]))
            return None
        if message.forum_topic_reopened:
            await self._suspensions.resume(place_of(message))
        if (incoming := self._incoming(message)) is None:
            return None
        await self._suspensions.resume(incoming.who)
        reply = await self._thinking.reply(incoming)
        reply_to = message.message_id if incoming.group else None
        answer = await self._delivery.send(incoming.who, reply, departure, reply_to=reply_to)
        return (message.message_id, answer) if answer else None

    async def _said_otherwise(
        self, message: Message, turn: Turn, departure: Departure
    ) -> tuple[int, str] | None:
        """Answer a question that was edited, in the place of its answer. An old one is history and stays."""
        earlier = await self._queue.answer_to(turn, message.message_id)
        incoming = self._incoming(message)
        if earlier is None or incoming is None:
            return None
        reply = await self._thinking.reply(incoming)
        answer = await self._delivery.replace(incoming.who, int(earlier), reply, departure)
        return (message.message_id, answer or earlier)

    def _incoming(self, message: Message) -> Incoming | None:
        text, author = said(message, self._bot.username), message.from_user
        if text is None:
            return None
        return Incoming(
            place_of(message),
            text,
            self._clock.now(),
            language=author.language_code if author else None,
            name=author.full_name if author else None,
            author=author_of(message),
            group=is_shared(message.chat),
            question=f"message {message.message_id}",
        )

    async def _pressed(self, query: CallbackQuery, departure: Departure) -> None:
        if query.message is None or not query.data:
            with speaking(_speaker(query.from_user.language_code)):
                await self._thinking.notice(query, _("This button does not work any more. Please ask again."))
            return
        original, author = editable(query), query.from_user
        who = place_of(original) if original else recipient(query.message.chat.id)
        incoming = Incoming(
            who,
            query.data,
            self._clock.now(),
            pressed=True,
            language=author.language_code,
            name=author.full_name,
            author=str(author.id),
            group=is_shared(query.message.chat),
            question=f"press {query.id}",
        )
        reply = await self._thinking.reply(incoming, query)
        if original and reply.replaces:
            await self._delivery.replace(who, original.message_id, reply, departure)
        elif reply.blocks:
            await self._delivery.send(who, reply, departure)

    async def _apologise(self, update: Update | None, departure: Departure) -> None:
        """Log a fault of ours under a number and tell the person that number: never silence, never a trace."""
        number = secrets.token_hex(2)
        log.exception("update not handled", update=update.update_id if update else None, fault=number)
        message = update.effective_message if update else None
        if update is None or message is None or update.my_chat_member or departure.noted:
            return
        language = update.effective_user.language_code if update.effective_user else None
        with speaking(_speaker(language)):
            sorry = _("Something went wrong on our side (number {number}). Please try again.", number=number)
        who = place_of(message) if message.date else recipient(message.chat.id)
        await self._delivery.send(who, Reply((block(sorry),)), departure)


def _speaker(language: str | None) -> Speaker:
    return Speaker(known_language(language) or DEFAULT)
