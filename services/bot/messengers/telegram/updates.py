"""What an update from Telegram says, in our own terms. Pure."""

import re
from typing import Any

from telegram import CallbackQuery, Chat, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from services.bot.messengers.telegram.address import recipient

#: The kinds of updates that are asked for.
KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "inline_query",
    "my_chat_member",
)

_COMMAND = re.compile(r"^/(?P<name>[A-Za-z0-9_]+)(?:@(?P<bot>[A-Za-z0-9_]+))?(?=\s|$)")
_GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
_AWAY = frozenset({ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})


def lane_of(update: dict[str, Any]) -> str:
    """Return the name of what an update is in order with: its chat, or for an inline query its person."""
    for kind in KINDS:
        body = update.get(kind)
        if isinstance(body, dict):
            chat = body.get("chat") or (body.get("message") or {}).get("chat") or {}
            return str(chat["id"]) if "id" in chat else f"person:{(body.get('from') or {}).get('id', 0)}"
    return "other"


def place_of(message: Message) -> str:
    """Return the recipient that a message is answered to: its chat, or the topic of it."""
    return recipient(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def author_of(message: Message) -> str | None:
    """Return who wrote a message: a person, or a chat that speaks for itself (a channel, an anonymous admin)."""
    if message.sender_chat is not None:
        return str(message.sender_chat.id)
    return str(message.from_user.id) if message.from_user else None


def is_shared(chat: Chat) -> bool:
    """Return whether several people read a chat."""
    return chat.type != ChatType.PRIVATE


def said(message: Message, username: str) -> str | None:
    """Return what a message says to the bot, None when it is not meant for it.

    ``/latest@bot KZ`` is ``/latest KZ``. In a group only commands, replies to the bot and what mentions it are; in a
    channel only commands; a command for another bot never is, nor a card of ours that somebody shared. A message
    without words (a photo, a sticker) in a private chat is an empty question.
    """
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if _is_bot(message.via_bot, username) or (
        command and (command["bot"] or username).lower() != username.lower()
    ):
        return None
    if command:
        return f"/{command['name']}{text[command.end() :]}"
    if message.chat.type == ChatType.CHANNEL:
        return None
    asked, mentions = re.subn(rf"(?i)(?<!\w)@{re.escape(username)}\b[,:]?", "", text)
    if message.chat.type in _GROUPS:
        meant = mentions or _replies_to(message, username)
        return asked.strip() if text and meant else None
    return asked.strip() if text or message.effective_attachment is not None else None


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
    return original is not None and _is_bot(original.from_user, username)


def _is_bot(user: Any, username: str) -> bool:
    return user is not None and (user.username or "").lower() == username.lower()
