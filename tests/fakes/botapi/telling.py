"""What the bot is told of a message: whether it hears of it at all, and how it is written."""

import re

from fakes.botapi.chats import ADMINISTRATORS, Chat, Shown
from fakes.botapi.errors import Json

_SERVICE = {
    "new_chat_members",
    "left_chat_member",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
}


def hears(chat: Chat, shown: Shown) -> bool:
    """Return whether the bot hears what somebody writes: in groups only what is meant for it, in its privacy mode."""
    if chat.status in {"kicked", "left", "deactivated"}:
        return False
    meant = chat.type == "private" or chat.status in ADMINISTRATORS or bool(shown.more.keys() & _SERVICE)
    if meant or not chat.world.privacy:
        return True
    name, text = chat.world.me["username"].lower(), shown.text.lower()
    if command := re.match(r"/[a-z0-9_]+(?:@(\w+))?(?=\s|$)", text):
        return command[1] in {None, name}
    replied = chat.find(shown.reply_to) if shown.reply_to else None
    return bool(replied and replied.by_bot) or re.search(rf"(?<!\w)@{name}(?!\w)", text) is not None


def message_json(chat: Chat, shown: Shown, *, nested: bool = False) -> Json:
    """Return a message as the Bot API writes it."""
    answer: Json = {"message_id": shown.message_id, "date": shown.at, "chat": chat.as_json()}
    if shown.sender and chat.type != "channel":
        answer["from"] = shown.sender
    elif chat.type == "channel":
        answer["sender_chat"] = chat.as_json()
    if shown.photo:
        answer["photo"] = [shown.photo.as_json()]
    if shown.text or not (shown.photo or shown.more):
        answer["caption" if shown.photo else "text"] = shown.text
    entities = [entity.as_json() for entity in shown.entities] or _command(shown.text)
    if entities:
        answer["caption_entities" if shown.photo else "entities"] = entities
    if shown.buttons:
        answer["reply_markup"] = {"inline_keyboard": shown.buttons}
    if shown.edited_at:
        answer["edit_date"] = shown.edited_at
    if shown.thread:
        answer |= {"message_thread_id": shown.thread, "is_topic_message": True}
    if shown.reply_to and not nested and (replied := chat.find(shown.reply_to)):
        answer["reply_to_message"] = message_json(chat, replied, nested=True)
    return answer | shown.more


def _command(text: str) -> list[Json]:
    """Return the entity of a command that begins a text."""
    found = re.match(r"/\w+(@\w+)?", text)
    return [{"type": "bot_command", "offset": 0, "length": len(found[0])}] if found else []
