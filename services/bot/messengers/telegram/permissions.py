"""Who may change what a chat follows: everybody in a private chat, its administrators in a group or channel."""

from redis.asyncio import Redis
from telegram import Bot
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

from services.bot.messengers.telegram.address import address_of

#: How long it is remembered whether somebody is an administrator, in seconds.
REMEMBERED_SECONDS = 60

_ADMINISTRATORS = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR})


def permission_key(chat: int | str, author: str) -> str:
    """Return the key of whether somebody may change things in a chat ("1" or "0")."""
    return f"telegram.may:{chat}:{author}"


class TelegramPermissions:
    """Asks Telegram, and remembers its answer for a minute (see ``Permissions``)."""

    def __init__(self, bot: Bot, redis: Redis) -> None:
        self._bot = bot
        self._redis = redis

    async def may_change(self, who: str, author: str | None) -> bool:
        """Return whether the author may; an author that Telegram does not name, or cannot tell of, may not.

        A chat that speaks for itself is its administrators: an anonymous one in a group, the posts of a channel.
        """
        chat = address_of(who).chat
        if not isinstance(chat, int) or chat > 0 or author == str(chat):
            return True
        if author is None or not author.isdigit():
            return False
        key = permission_key(chat, author)
        known = await self._redis.get(key)
        if known is not None:
            return bool(known == b"1")
        try:
            member = await self._bot.get_chat_member(chat, int(author))
        except TelegramError:
            return False
        may = member.status in _ADMINISTRATORS
        await self._redis.set(key, b"1" if may else b"0", ex=REMEMBERED_SECONDS)
        return may
