"""The methods of the fake Bot API, with the checks and the error texts of the real one."""

import json
import re
from collections.abc import Callable
from typing import Any

from fakes.botapi.entities import Entity, EntityError, parse_html, utf16_units
from fakes.botapi.world import ApiError, Chat, Json, Shown, World

TEXT_UNITS = 4096
TEXT_BYTES = 1 << 15
CALLBACK_BYTES = 64
NOTICE_LENGTH = 200

_BLANK = re.compile(
    r"[\s\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\u115f\u1160]*"
)


def bad_request(text: str) -> ApiError:
    """Make a 400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {text}")


def call(world: World, method: str, params: Json) -> Any:
    """Run a method. Raises ``ApiError``."""
    try:
        run = METHODS[method.lower()]
    except KeyError:
        raise ApiError(404, "Not Found: method not found") from None
    return run(world, params)


def _decoded(params: Json, name: str) -> Any:
    """Return a structured parameter, which forms carry as JSON text."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def _flag(params: Json, name: str) -> bool:
    return str(params.get(name, "")).lower() in {"true", "1", "yes"}


def _chat(world: World, params: Json) -> Chat:
    if not str(params.get("chat_id", "")):
        raise bad_request("chat_id is empty")
    try:
        chat = world.chats[int(params["chat_id"])]
    except (KeyError, ValueError):
        raise bad_request("chat not found") from None
    if chat.moved_to is not None:
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, text, {"migrate_to_chat_id": chat.moved_to})
    if chat.status in {"kicked", "left"}:
        if chat.type == "private":
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        where = "group chat" if chat.type == "group" else "supergroup chat"
        verb = "was kicked from" if chat.status == "kicked" else "is not a member of"
        raise ApiError(403, f"Forbidden: bot {verb} the {where}")
    return chat


def _text(params: Json) -> tuple[str, list[Entity]]:
    source = str(params.get("text", ""))
    if not source:
        raise bad_request("message text is empty")
    if len(source.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
        raise bad_request("text is too long")
    mode = str(params.get("parse_mode", "")).lower()
    if mode not in {"", "none", "html"}:
        raise bad_request("unsupported parse_mode")
    try:
        text, entities = parse_html(source) if mode == "html" else (source, [])
    except EntityError as error:
        raise bad_request(f"can't parse entities: {error}") from None
    if _BLANK.fullmatch(text):
        raise bad_request("text must be non-empty")
    if utf16_units(text) > TEXT_UNITS:
        raise bad_request("message is too long")
    return text, entities[:100]


def _buttons(params: Json) -> list[list[Json]]:
    markup = _decoded(params, "reply_markup")
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows: list[list[Json]] = markup.get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")).strip():
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
        if "callback_data" not in button and "url" not in button:
            raise bad_request(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
            )
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    return [row for row in rows if row]


def _check_preview(params: Json) -> None:
    options = _decoded(params, "link_preview_options")
    if options is not None and not isinstance(options, dict):
        raise bad_request("object expected as link preview options")


def send_message(world: World, params: Json) -> Json:
    """Put a message on a screen."""
    text, entities = _text(params)
    _check_preview(params)
    buttons = _buttons(params)
    chat = _chat(world, params)
    replying = _decoded(params, "reply_parameters") or {}
    shown = Shown(
        world.next_message_id(), text, entities, buttons, by_bot=True, sender=world.me,
        silent=_flag(params, "disable_notification"), reply_to=replying.get("message_id"),
    )  # fmt: skip
    chat.screen.append(shown)
    chat.notifications.append(shown.silent)
    return world.message(chat, shown)


def edit_message_text(world: World, params: Json) -> Json:
    """Change a message on a screen."""
    text, entities = _text(params)
    buttons = _buttons(params)
    chat = _chat(world, params)
    found = [shown for shown in chat.screen if str(shown.message_id) == str(params.get("message_id"))]
    if not found:
        raise bad_request("message to edit not found")
    shown = found[0]
    if not shown.by_bot:
        raise bad_request("message can't be edited")
    if (shown.text, shown.entities, shown.buttons) == (text, entities, buttons):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    shown.text, shown.entities, shown.buttons, shown.edits = text, entities, buttons, shown.edits + 1
    return world.message(chat, shown)


def answer_callback_query(world: World, params: Json) -> bool:
    """Stop the spinner of a pressed button, with a notice if there is a text."""
    text = str(params.get("text", ""))
    if len(text) > NOTICE_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    chat = world.queries.pop(str(params.get("callback_query_id")), None)
    if chat is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if text:
        chat.toasts.append(text)
    return True


def set_my_commands(world: World, params: Json) -> bool:
    """Set the command menu of a scope and language."""
    commands = _decoded(params, "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    scope = _decoded(params, "scope") or {"type": "default"}
    world.commands[f"{scope['type']}:{params.get('language_code', '')}"] = commands
    return True


def get_my_commands(world: World, params: Json) -> list[Json]:
    """Return the command menu of a scope and language."""
    scope = _decoded(params, "scope") or {"type": "default"}
    return world.commands.get(f"{scope['type']}:{params.get('language_code', '')}", [])


def set_webhook(world: World, params: Json) -> bool:
    """Remember the address; updates are not delivered to it, but polling is refused as long as it is set."""
    world.webhook = str(params.get("url", ""))
    return True


def delete_webhook(world: World, params: Json) -> bool:
    """Forget the address, and the waiting updates if asked to."""
    world.webhook = ""
    if _flag(params, "drop_pending_updates"):
        world.updates.clear()
    return True


def get_webhook_info(world: World, _params: Json) -> Json:
    """Say where updates go."""
    return {
        "url": world.webhook, "has_custom_certificate": False, "pending_update_count": len(world.updates),
    }  # fmt: skip


def send_chat_action(world: World, params: Json) -> bool:
    """Show that the bot is typing."""
    _chat(world, params)
    if params.get("action") not in {"typing", "upload_photo", "upload_document"}:
        raise bad_request("wrong parameter action in request")
    return True


def get_chat(world: World, params: Json) -> Json:
    """Describe a chat."""
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}
    return _chat(world, params).as_json() | more


_NO_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)

METHODS: dict[str, Callable[[World, Json], Any]] = {
    "getme": lambda world, _params: world.me,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "answercallbackquery": answer_callback_query,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendchataction": send_chat_action,
    "getchat": get_chat,
}
