"""Sending to Telegram: the client, and the messenger on it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from services.bot.conversation.messages import Picture, Reply
from services.bot.messengers.port import Outcome, Refused, Sent, Uncertain
from services.bot.messengers.telegram.address import Address, address_of
from services.bot.messengers.telegram.errors import is_bad_markup, is_stale_message, outcome_of
from services.bot.messengers.telegram.render import CAPTION_UNITS, Text, keyboard, render, utf16_units
from services.bot.messengers.telegram.request import Fields, LeanRequest, Leaving, call

log = structlog.get_logger(__name__)

_NO_PREVIEW = {"is_disabled": True}
_PREVIEW = {"is_disabled": False, "prefer_small_media": True}
# Enough for more than Telegram lets through.
_CONNECTIONS = 12


def telegram_bot(
    token: str, base_url: str = "https://api.telegram.org", *, leaving: Leaving | None = None
) -> Bot:
    """Make a client; nothing is opened before its first request.

    Close it with ``await bot.shutdown()`` if it was initialized, else with ``TelegramMessenger.close``.

    ``leaving`` is awaited before each request is written; see ``LeanRequest``.

    All time-outs of one send stay below the time that a sender of alerts is trusted (``alerts.outbox.TRUST``).
    """
    # The library's documented switch: spans of time as timedelta, without a warning for each flood wait.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    request = LeanRequest(_CONNECTIONS, leaving=leaving)
    return Bot(token, base_url=f"{base_url.rstrip('/')}/bot", request=request, get_updates_request=request)


def _unnoticed() -> None:
    return None


class TelegramMessenger:
    """Delivers to chats and their topics (see ``Messenger`` and ``address``).

    ``on_plain`` is called whenever Telegram refuses the markup of a message, which then goes out as plain text.
    """

    def __init__(self, bot: Bot, *, on_plain: Callable[[], None] = _unnoticed) -> None:
        self._bot = bot
        self._on_plain = on_plain

    async def close(self) -> None:
        """Close the connections for sending. Not needed where the client itself is shut down."""
        await self._bot.request.shutdown()

    async def deliver(
        self,
        who: str,
        message: Reply,
        *,
        silent: bool = False,
        paid: bool = False,
        reply_to: int | None = None,
    ) -> Outcome:
        """Send a message, in parts when it is long; the buttons are on the last part.

        ``reply_to`` is the message that it answers. When a later part fails, what was asked for has been delivered
        in part: ``Uncertain``. A picture that Telegram refuses is left out.
        """
        how = _Sending(silent, reply_to, paid, message.preview)
        if message.picture is not None:
            outcome = await self._show(address_of(who), message, message.picture, how)
            if not isinstance(outcome, Refused):
                return outcome
            log.warning("picture refused, sent as text", reason=outcome.reason)
        return await self._send_parts(address_of(who), render(message), message, how)

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:
        """Change a message; see ``Messenger``. One that does not fit into one message any more stays as it is."""
        texts = render(message)
        if len(texts) != 1 or not message_id.isdigit():
            return Refused("nothing to show, nothing to show it in, or too much for it")
        try:
            await self._edit(
                address_of(who), int(message_id), texts[0], _markup(message), preview=message.preview
            )
        except TelegramError as error:
            return outcome_of(error)
        return Sent(message_id)

    async def replace(self, who: str, message_id: int, message: Reply) -> Outcome:
        """Put a message in the place of an earlier one; as a new one where that is gone, or cannot hold a picture."""
        if message.picture is not None:
            return await self.deliver(who, message)
        first, *rest = render(message) or [Text("", "")]
        if not first.visible:
            return Refused("nothing to show")
        at = address_of(who)
        try:
            markup = None if rest else _markup(message)
            await self._edit(at, message_id, first, markup, preview=message.preview)
        except TelegramError as error:
            if is_stale_message(error):
                return await self.deliver(who, message)
            outcome = outcome_of(error)
            if not isinstance(outcome, Sent):
                return outcome
        if rest:
            return await self._send_parts(at, rest, message, _Sending(silent=True))
        return Sent(str(message_id))

    async def _show(self, at: Address, message: Reply, picture: Picture, how: "_Sending") -> Outcome:
        """Send a picture with the words as its caption, or under it where they are too many."""
        words = replace(message, blocks=tuple(block for block in message.blocks if not block.chart))
        texts = render(words)
        captioned = len(texts) == 1 and utf16_units(texts[0].plain) <= CAPTION_UNITS
        caption, below = (texts[0], []) if captioned else (Text("", ""), texts)
        outcome = await self._send(at, caption, None if below else _markup(message), how, picture)
        if below and isinstance(outcome, Sent):
            under = await self._send_parts(at, below, words, how.of_part(1))
            return outcome if isinstance(under, Sent) else Uncertain("only the picture was sent")
        return outcome

    async def _send_parts(self, at: Address, texts: list[Text], message: Reply, how: "_Sending") -> Outcome:
        if not texts:
            return Refused("nothing to show")
        outcomes: list[Outcome] = []
        for position, text in enumerate(texts):
            markup = _markup(message) if position == len(texts) - 1 else None
            outcome = await self._send(at, text, markup, how.of_part(position))
            if not isinstance(outcome, Sent):
                return Uncertain(f"{position} of {len(texts)} parts sent") if position else outcome
            outcomes.append(outcome)
        return outcomes[0]

    async def _send(
        self, at: Address, text: Text, markup: Fields | None, how: "_Sending", picture: Picture | None = None
    ) -> Outcome:
        try:
            try:
                sent = await self._post(text.html, ParseMode.HTML, how.fields(at, markup), picture)
            except BadRequest as error:
                if not is_bad_markup(error):
                    raise
                self._fall_back(error)
                sent = await self._post(text.plain, None, how.fields(at, markup), picture)
        except TelegramError as error:
            return outcome_of(error)
        return Sent(str(sent["message_id"]))

    async def _post(self, words: str, mode: str | None, fields: Fields, picture: Picture | None) -> Any:
        if picture is None:
            return await call(self._bot, "sendMessage", {**fields, "text": words, "parse_mode": mode})
        del fields["link_preview_options"]
        caption = {"caption": words or None, "parse_mode": mode}
        photo = {"photo": ("picture.png", picture.png, "image/png")}
        return await call(self._bot, "sendPhoto", {**fields, **caption}, photo)

    def _fall_back(self, error: TelegramError) -> None:
        self._on_plain()
        log.warning("markup refused, shown as plain text", error=str(error))

    async def _edit(
        self, at: Address, message_id: int, text: Text, markup: Fields | None, *, preview: bool
    ) -> None:
        fields: Fields = {
            "chat_id": at.chat,
            "message_id": message_id,
            "reply_markup": markup,
            "link_preview_options": _PREVIEW if preview else _NO_PREVIEW,
        }
        try:
            await call(
                self._bot, "editMessageText", {**fields, "text": text.html, "parse_mode": ParseMode.HTML}
            )
        except BadRequest as error:
            if not is_bad_markup(error):
                raise
            self._fall_back(error)
            await call(self._bot, "editMessageText", {**fields, "text": text.plain})


@dataclass(frozen=True, slots=True)
class _Sending:
    """How a message leaves, beside what it says."""

    silent: bool = False
    reply_to: int | None = None
    paid: bool = False
    preview: bool = False

    def of_part(self, position: int) -> "_Sending":
        """Return how a part of it leaves: only the first makes a sound and answers."""
        return self if position == 0 else replace(self, silent=True, reply_to=None)

    def fields(self, at: Address, markup: Fields | None) -> Fields:
        """Return what messages and pictures take alike."""
        answering = {"message_id": self.reply_to, "allow_sending_without_reply": True}
        return {
            "chat_id": at.chat,
            "reply_markup": markup,
            "disable_notification": self.silent,
            "reply_parameters": answering if self.reply_to else None,
            "message_thread_id": at.thread,
            "allow_paid_broadcast": self.paid or None,
            "link_preview_options": _PREVIEW if self.preview else _NO_PREVIEW,
        }


def _markup(message: Reply) -> Fields | None:
    rows = [
        [{"text": button.label, "callback_data": button.action} for button in row]
        for row in keyboard(message)
    ]
    return {"inline_keyboard": rows} if rows else None
