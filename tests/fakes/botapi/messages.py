"""Sending, editing and deleting messages, and answering presses."""

import struct

from fakes.botapi.chats import Chat, Notification, Photo, Shown
from fakes.botapi.entities import Entity
from fakes.botapi.errors import ApiError, Json, bad_request
from fakes.botapi.params import Upload, caption, decoded, flag, keyboard, message_text, number, structure
from fakes.botapi.world import World

NOTICE_LENGTH = 200
PHOTO_BYTES = 10 << 20
PHOTO_SIDES, PHOTO_RATIO = 10_000, 20
ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
)
NOT_MODIFIED += "current content and reply markup of the message"
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def chat_of(world: World, params: Json, name: str = "chat_id") -> Chat:
    """Return the chat that a call is about."""
    wanted = str(params.get(name, ""))
    if not wanted:
        raise bad_request("chat_id is empty")
    if wanted.startswith("@"):
        found = next((c for c in world.chats.values() if f"@{c.username}".lower() == wanted.lower()), None)
    else:
        found = world.chats.get(number(params, name))
    if found is None:
        raise bad_request("chat not found")
    return found


# --- sending ---


def send_message(world: World, params: Json) -> Json:
    """Put a message on a screen."""
    text, entities = message_text(params)
    preview = structure(params, "link_preview_options")
    shown = _written(world, text, entities, keyboard(params))
    links = any(entity.type == "text_link" for entity in entities) or "://" in text
    off = flag(preview, "is_disabled") or flag(params, "disable_web_page_preview")
    shown.preview = links and not off
    return _send(world, params, shown, "text messages")


def send_photo(world: World, params: Json) -> Json:
    """Put a photo with its caption on a screen."""
    photo = _photo(world, params)
    text, entities = caption(params)
    shown = _written(world, text, entities, keyboard(params))
    shown.photo = photo
    return _send(world, params, shown, "photos")


def _written(world: World, text: str, entities: list[Entity], buttons: list[list[Json]]) -> Shown:
    return Shown(0, text, entities, buttons, by_bot=True, sender=world.me, at=world.now())


def _send(world: World, params: Json, shown: Shown, what: str) -> Json:
    chat = chat_of(world, params)
    shown.thread = chat.check_writable(number(params, "message_thread_id") or None, what)
    shown.reply_to = _replied(chat, params)
    world.flood.admit("send", chat.id, paid=flag(params, "allow_paid_broadcast"))
    shown.message_id, shown.silent = world.next_message_id(), flag(params, "disable_notification")
    chat.screen.append(shown)
    chat.log.append(Notification(shown.message_id, shown.silent, world.clock.now(), shown.text))
    return world.message(chat, shown)


def _replied(chat: Chat, params: Json) -> int | None:
    """Return the message that is replied to."""
    reply = structure(params, "reply_parameters")
    wanted = number(reply, "message_id") or number(params, "reply_to_message_id")
    if not wanted:
        return None
    if chat.find(wanted) is None:
        if flag(reply, "allow_sending_without_reply") or flag(params, "allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return wanted


# --- photos ---


def _photo(world: World, params: Json) -> Photo:
    value = params.get("photo")
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get(value.removeprefix("attach://"))
    if not value:
        raise bad_request("there is no photo in the request")
    if isinstance(value, Upload):
        return _kept(world, value.data)
    if str(value) in world.photos:
        return world.photos[str(value)]
    if str(value).startswith(("http://", "https://")):
        if str(value) not in world.web:
            raise bad_request("failed to get HTTP URL content")
        return _kept(world, world.web[str(value)])
    raise bad_request("wrong remote file identifier specified: Wrong padding in the string")


def _kept(world: World, data: bytes) -> Photo:
    """Keep a photo that Telegram takes."""
    if not data:
        raise bad_request("file must be non-empty")
    if len(data) > PHOTO_BYTES:
        size = (
            f"file of size {len(data)} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )
        raise bad_request(size)
    kind, width, height = measured(data)
    if not kind or not width or not height:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if width + height > PHOTO_SIDES or max(width, height) > PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    photo = Photo(f"photo{len(world.photos) + 1}", data, kind, width, height)
    world.photos[photo.file_id] = photo
    return photo


def measured(data: bytes) -> tuple[str, int, int]:
    """Return the media type, width and height of a PNG or JPEG; empty and zeros for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) > 33:
        return "image/png", *struct.unpack(">II", data[16:24])
    if not data.startswith(b"\xff\xd8"):
        return "", 0, 0
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in {0xC0, 0xC1, 0xC2}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return "image/jpeg", width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return "", 0, 0


# --- editing and deleting ---


def _edited(world: World, params: Json) -> tuple[Chat, Shown]:
    """Return the message that a call edits."""
    if inline_id := str(params.get("inline_message_id", "")):
        if inline_id not in world.inline.messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return world.inline.messages[inline_id]
    if not params.get("chat_id") and not number(params, "message_id"):
        raise bad_request("message identifier is not specified")
    chat = chat_of(world, params)
    chat.check_alive()
    shown = chat.find(number(params, "message_id"))
    if shown is None:
        raise bad_request("message to edit not found")
    if not shown.by_bot:
        raise bad_request("message can't be edited")
    return chat, shown


def _change(
    world: World, chat: Chat, shown: Shown, text: str, entities: list[Entity], buttons: list[list[Json]]
) -> Json | bool:
    if (shown.text, shown.entities, shown.buttons) == (text, entities, buttons):
        raise bad_request(NOT_MODIFIED)
    world.flood.admit("edit", chat.id)
    shown.text, shown.entities, shown.buttons = text, entities, buttons
    shown.edits, shown.edited_at = shown.edits + 1, world.now()
    return True if shown.inline_id else world.message(chat, shown)


def edit_message_text(world: World, params: Json) -> Json | bool:
    """Change the text of a message; buttons that are not given again vanish."""
    text, entities = message_text(params)
    structure(params, "link_preview_options")
    buttons = keyboard(params)
    chat, shown = _edited(world, params)
    if shown.photo:
        raise bad_request("there is no text in the message to edit")
    return _change(world, chat, shown, text, entities, buttons)


def edit_message_caption(world: World, params: Json) -> Json | bool:
    """Change the caption of a photo."""
    text, entities = caption(params)
    buttons = keyboard(params)
    chat, shown = _edited(world, params)
    if not shown.photo:
        raise bad_request("there is no caption in the message to edit")
    return _change(world, chat, shown, text, entities, buttons)


def edit_message_media(world: World, params: Json) -> Json | bool:
    """Change the photo of a message together with its caption."""
    media = structure(params, "media")
    if media.get("type") != "photo":
        raise bad_request("can't parse InputMedia: type must be photo here")
    photo = _photo(world, params | {"photo": media.get("media", "")})
    text, entities = caption(media)
    buttons = keyboard(params)
    chat, shown = _edited(world, params)
    if shown.photo and shown.photo.data == photo.data:
        photo = shown.photo
    if (shown.photo, shown.text, shown.entities, shown.buttons) == (photo, text, entities, buttons):
        raise bad_request(NOT_MODIFIED)
    world.flood.admit("edit", chat.id)
    shown.photo, shown.text, shown.entities, shown.buttons = photo, text, entities, buttons
    shown.edits, shown.edited_at = shown.edits + 1, world.now()
    return True if shown.inline_id else world.message(chat, shown)


def edit_message_reply_markup(world: World, params: Json) -> Json | bool:
    """Change the buttons of a message alone."""
    buttons = keyboard(params)
    chat, shown = _edited(world, params)
    return _change(world, chat, shown, shown.text, shown.entities, buttons)


def delete_message(world: World, params: Json) -> bool:
    """Take a message off the screen."""
    if not params.get("chat_id"):
        raise bad_request("chat identifier is not specified")
    if not number(params, "message_id"):
        raise bad_request("message identifier is not specified")
    chat = chat_of(world, params)
    chat.check_alive()
    shown = chat.find(number(params, "message_id"))
    if shown is None:
        raise bad_request("message to delete not found")
    old = world.now() - shown.at > 48 * 3600
    foreign = not shown.by_bot and chat.type != "private" and chat.status != "administrator"
    if old or foreign or shown.more.keys() & {"forum_topic_created", "migrate_from_chat_id"}:
        raise bad_request("message can't be deleted")
    chat.screen.remove(shown)
    return True


def delete_messages(world: World, params: Json) -> bool:
    """Take up to a hundred messages off the screen; those that are not there are passed over."""
    wanted = decoded(params, "message_ids")
    if not isinstance(wanted, list) or not wanted:
        raise bad_request("message identifiers are not specified")
    if len(wanted) > 100:
        raise bad_request("too many message identifiers specified")
    chat = chat_of(world, params)
    chat.check_alive()
    chat.screen[:] = [shown for shown in chat.screen if shown.message_id not in wanted]
    return True


# --- presses and actions ---


def answer_callback_query(world: World, params: Json) -> bool:
    """Stop the spinner of a pressed button, with a notice if there is a text."""
    text = str(params.get("text", ""))
    if len(text) > NOTICE_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    press = world.queries.pop(str(params.get("callback_query_id")), None)
    if press is None or world.clock.now() > press.at + world.query_seconds:
        raise bad_request(TOO_OLD)
    if text:
        press.chat.toasts.append(text)
        if flag(params, "show_alert"):
            press.chat.alerts.append(text)
    return True


def send_chat_action(world: World, params: Json) -> bool:
    """Show that the bot is typing."""
    if params.get("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = chat_of(world, params)
    chat.check_writable(number(params, "message_thread_id") or None, "text messages")
    chat.actions.append(str(params["action"]))
    chat.acted_at = world.clock.now()
    return True


def copy_message(world: World, params: Json) -> Json:
    """Send what another message says, as the bot's own."""
    source = chat_of(world, params, "from_chat_id").find(number(params, "message_id"))
    if source is None:
        raise bad_request("message to copy not found")
    if not source.text and not source.photo:
        raise ApiError(400, "Bad Request: message can't be copied")
    shown = _written(world, source.text, list(source.entities), keyboard(params))
    shown.photo = source.photo
    return {"message_id": _send(world, params, shown, "text messages")["message_id"]}
