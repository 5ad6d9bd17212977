"""Sending to Telegram: the client, and the messenger on it."""

import os

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.request import HTTPXRequest

from services.bot.conversation.messages import Reply
from services.bot.messengers.port import Outcome, Refused, Sent, Uncertain
from services.bot.messengers.telegram_errors import is_bad_markup, is_stale_message, outcome_of
from services.bot.messengers.telegram_render import Text, keyboard, render

log = structlog.get_logger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_SENDING_CONNECTIONS = 32
_POLLING_CONNECTIONS = 4


def telegram_bot(token: str, base_url: str = "https://api.telegram.org") -> Bot:
    """Make a client; nothing is opened before its first request.

    Close it with ``await bot.shutdown()`` if it was initialized, else with ``TelegramMessenger.close``.

    Polling has connections of its own: one wedged poll must not stop the sends. All time-outs of one send stay
    below the time that a sender of alerts is trusted (``alerts.outbox.TRUST``).
    """
    # The library's documented switch: spans of time as timedelta, without a warning for each flood wait.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    sending = HTTPXRequest(
        connection_pool_size=_SENDING_CONNECTIONS,
        connect_timeout=5,
        write_timeout=5,
        read_timeout=15,
        pool_timeout=5,
    )
    polling = HTTPXRequest(connection_pool_size=_POLLING_CONNECTIONS, connect_timeout=5, read_timeout=5)
    return Bot(token, base_url=f"{base_url.rstrip('/')}/bot", request=sending, get_updates_request=polling)


class TelegramMessenger:
    """Delivers to chats (see ``Messenger``). The recipient's address is the chat's id."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def close(self) -> None:
        """Close the connections for sending. Not needed where the client itself is shut down."""
        await self._bot.request.shutdown()

    async def deliver(
        self, who: str, message: Reply, *, silent: bool = False, reply_to: int | None = None
    ) -> Outcome:
        """Send a message, in parts when it is long; the buttons are on the last part.

        ``reply_to`` is the message that it answers. When a later part fails, what was asked for has been delivered
        in part: ``Uncertain``.
        """
        return await self._send_parts(_chat(who), render(message), message, silent=silent, reply_to=reply_to)

    async def replace(self, who: str, message_id: int, message: Reply) -> Outcome:
        """Put a message in the place of an earlier one; as a new one where that is gone."""
        first, *rest = render(message) or [Text("", "")]
        if not first.visible:
            return Refused("nothing to show")
        chat = _chat(who)
        try:
            await self._edit(chat, message_id, first, None if rest else _markup(message))
        except TelegramError as error:
            if is_stale_message(error):
                return await self.deliver(who, message)
            outcome = outcome_of(error)
            if not isinstance(outcome, Sent):
                return outcome
        if rest:
            return await self._send_parts(chat, rest, message, silent=True, reply_to=None)
        return Sent(str(message_id))

    async def _send_parts(
        self, chat: int | str, texts: list[Text], message: Reply, *, silent: bool, reply_to: int | None
    ) -> Outcome:
        if not texts:
            return Refused("nothing to show")
        outcomes: list[Outcome] = []
        for position, text in enumerate(texts):
            markup = _markup(message) if position == len(texts) - 1 else None
            outcome = await self._send(
                chat, text, markup, silent or position > 0, None if position else reply_to
            )
            if not isinstance(outcome, Sent):
                return Uncertain(f"{position} of {len(texts)} parts sent") if position else outcome
            outcomes.append(outcome)
        return outcomes[0]

    async def _send(
        self,
        chat: int | str,
        text: Text,
        markup: InlineKeyboardMarkup | None,
        silent: bool,
        reply_to: int | None,
    ) -> Outcome:
        answering = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        try:
            try:
                sent = await self._bot.send_message(
                    chat, text.html, parse_mode=ParseMode.HTML, reply_markup=markup, disable_notification=silent,
                    link_preview_options=_NO_PREVIEW, reply_parameters=answering,
                )  # fmt: skip
            except BadRequest as error:
                if not is_bad_markup(error):
                    raise
                log.warning("markup refused, sent as plain text", error=str(error))
                sent = await self._bot.send_message(
                    chat, text.plain, reply_markup=markup, disable_notification=silent,
                    link_preview_options=_NO_PREVIEW, reply_parameters=answering,
                )  # fmt: skip
        except TelegramError as error:
            return outcome_of(error)
        return Sent(str(sent.message_id))

    async def _edit(
        self, chat: int | str, message_id: int, text: Text, markup: InlineKeyboardMarkup | None
    ) -> None:
        try:
            await self._bot.edit_message_text(
                text.html, chat, message_id, parse_mode=ParseMode.HTML, reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )  # fmt: skip
        except BadRequest as error:
            if not is_bad_markup(error):
                raise
            log.warning("markup refused, edited as plain text", error=str(error))
            await self._bot.edit_message_text(
                text.plain, chat, message_id, reply_markup=markup, link_preview_options=_NO_PREVIEW
            )


def _chat(who: str) -> int | str:
    address = who.partition(":")[2]
    return int(address) if address.lstrip("-").isdigit() else address


def _markup(message: Reply) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(button.label, callback_data=button.action) for button in row]
        for row in keyboard(message)
    ]
    return InlineKeyboardMarkup(rows) if rows else None
