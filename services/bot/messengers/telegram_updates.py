"""What an update from Telegram says, in our own terms. Pure."""

import re

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

_COMMAND = re.compile(r"^/(?P<name>[A-Za-z0-9_]+)(?:@(?P<bot>[A-Za-z0-9_]+))?(?=\s|$)")
_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
_AWAY = frozenset({ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})


def recipient(chat_id: int) -> str:
    """Return how a chat is written as a recipient."""
    return f"telegram:{chat_id}"


def said(message: Message, username: str) -> str | None:
    """Return what a message says to the bot, None when it is not meant for it.

    ``/latest@bot KZ`` is ``/latest KZ``. In a group only commands and replies to the bot are; a command for
    another bot is not. A message without words (a photo, a sticker) in a private chat is an empty question.
    """
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if command and (command["bot"] or username).lower() != username.lower():
        return None
    if command:
        return f"/{command['name']}{text[command.end() :]}"
    if message.chat.type in _GROUPS:
        return text if text and _replies_to(message, username) else None
    return text if text or message.effective_attachment is not None else None


def is_away(update: Update) -> bool | None:
    """Return whether the bot was blocked or sent away (True), let in (False), or the update is of another kind."""
    change = update.my_chat_member
    return None if change is None else change.new_chat_member.status in _AWAY


def moved(message: Message) -> tuple[int, int] | None:
    """Return the old and the new id of a group that has become a supergroup."""
    if message.migrate_to_chat_id is not None:
        return message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        return message.migrate_from_chat_id, message.chat.id
    return None


def editable(query: CallbackQuery) -> Message | None:
    """Return the message that carries a pressed button, None when it is too old to be edited."""
    return query.message if isinstance(query.message, Message) else None


def _replies_to(message: Message, username: str) -> bool:
    original = message.reply_to_message
    author = original.from_user if original else None
    return author is not None and (author.username or "").lower() == username.lower()
