"""The menus of commands, per kind of chat and language. They are set only when they have changed: that is rationed."""

import hashlib
from collections.abc import Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from services.bot.conversation.texts import DEFAULT, LANGUAGES, Speaker, _, speaking
from shared.observe import redact

log = structlog.get_logger(__name__)

#: What a group's members see: what they may use. Its administrators see everything.
READING = frozenset({"latest", "search", "today", "trend", "story", "why", "help", "privacy"})
_DESCRIPTION_LENGTH = 256

Commands = Sequence[tuple[str, str]]


def menus_key(bot_id: str) -> str:
    """Return the key of the hash of the fingerprints of the menus that were set last."""
    return f"telegram.menus:{bot_id}"


async def announce(bot: Bot, redis: Redis, commands: Commands) -> None:
    """Set every menu that is not the one that was set last. ``commands`` have their texts in English."""
    reading = [(name, text) for name, text in commands if name in READING]
    scopes: list[tuple[BotCommandScope, Commands]] = [
        (BotCommandScopeDefault(), commands),
        (BotCommandScopeAllPrivateChats(), commands),
        (BotCommandScopeAllGroupChats(), reading),
        (BotCommandScopeAllChatAdministrators(), commands),
    ]
    try:
        for scope, offered in scopes:
            for language in LANGUAGES if offered else ():
                with speaking(Speaker(language)):
                    menu = [(name, _(text)[:_DESCRIPTION_LENGTH]) for name, text in offered]
                await _announce(bot, redis, scope, language, menu)
    except (TelegramError, RedisError) as error:
        log.warning("command menu not set", error=redact(str(error)))


async def _announce(bot: Bot, redis: Redis, scope: BotCommandScope, language: str, menu: Commands) -> None:
    key, field = menus_key(bot.token.partition(":")[0]), f"{scope.type}:{language}"
    fingerprint = hashlib.sha256(repr(menu).encode()).digest()
    if await redis.hget(key, field) == fingerprint:
        return
    # The menu without a language is for everybody whose language has none.
    await bot.set_my_commands(menu, scope=scope, language_code=None if language == DEFAULT else language)
    await redis.hset(key, field, fingerprint)
