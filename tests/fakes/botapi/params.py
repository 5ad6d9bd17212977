"""Parameters of calls: forms and multipart carry everything as text, JSON bodies carry values."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from fakes.botapi.entities import Entity, EntityError, parse_html, utf16_units
from fakes.botapi.errors import Json, bad_request

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
TEXT_BYTES = 1 << 15
CALLBACK_BYTES = 64
MOST_ENTITIES = 100
MOST_BUTTONS = 100

_SPACE = " \t\r\n\v\0"
_BLANK = re.compile(
    r"[\s\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\u115f\u1160]*"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart call."""

    name: str
    kind: str
    data: bytes = field(repr=False)


def decoded(params: Json, name: str) -> Any:
    """Return a structured parameter, which forms carry as JSON text."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def structure(params: Json, name: str) -> Json:
    """Return a parameter that must be an object; empty when it is not given."""
    value = decoded(params, name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_request(f"object expected as {name.replace('_', ' ')}")
    return value


def flag(params: Json, name: str) -> bool:
    """Return a parameter that is true or not."""
    return str(params.get(name, "")).lower() in {"true", "1", "yes"}


def number(params: Json, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
    """Return a whole number, held within bounds; what is none counts as 0, as the real server takes it."""
    value = params.get(name)
    if value is None or value == "":
        return default
    match = re.match(r"-?\d+", str(value).strip())
    found = int(match[0]) if match else 0
    found = found if low is None else max(low, found)
    return found if high is None else min(high, found)


def formatted(source: str, mode: str) -> tuple[str, list[Entity]]:
    """Return a text and its entities. Raises what Telegram answers to markup that it cannot read."""
    if len(source.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
        raise bad_request("text is too long")
    if mode.lower() not in {"", "none", "html"}:
        raise bad_request("unsupported parse_mode")
    try:
        text, entities = parse_html(source) if mode.lower() == "html" else (source, [])
    except EntityError as error:
        raise bad_request(f"can't parse entities: {error}") from None
    return _trimmed(text, entities[:MOST_ENTITIES])


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Take the space off both ends, as Telegram does; an edit that changes nothing else is none."""
    bare = text.strip(_SPACE)
    before, units = utf16_units(text[: len(text) - len(text.lstrip(_SPACE))]), utf16_units(bare)
    if bare == text or not bare:
        return text, entities
    kept = []
    for entity in entities:
        begin, end = (max(0, at - before) for at in (entity.offset, entity.offset + entity.length))
        if min(end, units) > begin:
            kept.append(replace(entity, offset=begin, length=min(end, units) - begin))
    return bare, kept


def message_text(params: Json) -> tuple[str, list[Entity]]:
    """Return the text of a message."""
    source = str(params.get("text", ""))
    if not source:
        raise bad_request("message text is empty")
    text, entities = formatted(source, str(params.get("parse_mode", "")))
    if _BLANK.fullmatch(text):
        raise bad_request("text must be non-empty")
    if utf16_units(text) > TEXT_UNITS:
        raise bad_request("message is too long")
    return text, entities


def caption(params: Json) -> tuple[str, list[Entity]]:
    """Return the caption of a photo, which may be empty."""
    text, entities = formatted(str(params.get("caption", "")), str(params.get("parse_mode", "")))
    if utf16_units(text) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return text, entities


def keyboard(params: Json) -> list[list[Json]]:
    """Return the inline keyboard of a message, empty without one."""
    markup = structure(params, "reply_markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        _check_button(button)
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return [row for row in rows if row]


def _check_button(button: Any) -> None:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(f"{wrong}InlineKeyboardButton must be an Object")
    if not str(button.get("text", "")).strip():
        raise bad_request(f'{wrong}Field "text" must be of type String')
    if not button.keys() & {
        "callback_data",
        "url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
    }:
        raise bad_request(f"{wrong}Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not re.match(r"(https?|tg)://[^\s/]|[\w-]+(\.[\w-]+)+", str(button["url"])):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
