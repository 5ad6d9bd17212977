"""Puts the Telegram side together: the client, who may change what, the conversation, and the front end on them."""

from collections.abc import Callable

from telegram import Bot

from services.bot.conversation.ports import Permissions
from services.bot.messengers.telegram.client import TelegramMessenger, telegram_bot
from services.bot.messengers.telegram.departure import note_departure
from services.bot.messengers.telegram.front_end import Surroundings, TelegramFrontEnd
from services.bot.messengers.telegram.menus import Commands
from services.bot.messengers.telegram.permissions import TelegramPermissions
from services.bot.messengers.telegram.thinking import Answers
from services.bot.settings import BotSettings
from shared.settings import reveal


def build_front_end(
    settings: BotSettings,
    converse: Callable[[Permissions], Answers],
    around: Surroundings,
    commands: Commands,
) -> TelegramFrontEnd:
    """Build what serves the chats. ``converse`` makes the conversation for a transport with groups."""
    bot: Bot = telegram_bot(
        reveal(settings.telegram_token) or "", settings.telegram_base_url, leaving=note_departure
    )
    url = settings.telegram_webhook_url
    return TelegramFrontEnd(
        bot,
        converse(TelegramPermissions(bot, around.redis)),
        around,
        commands=commands,
        webhook=None if url is None else (url, reveal(settings.telegram_webhook_secret)),
    )


def build_alert_messenger(settings: BotSettings, around: Surroundings) -> TelegramMessenger:
    """Build what sends alerts. It has a client of its own: a full stop of the front end cuts off none on its way."""
    bot = telegram_bot(reveal(settings.telegram_token) or "", settings.telegram_base_url)
    return TelegramMessenger(bot, on_plain=around.metrics.plain_texts.inc)
