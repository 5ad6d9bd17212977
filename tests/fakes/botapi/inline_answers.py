"""answerInlineQuery, with the checks of the real one."""

from typing import Any

from fakes.botapi.entities import utf16_units
from fakes.botapi.errors import Json, bad_request
from fakes.botapi.messages import TOO_OLD
from fakes.botapi.params import decoded, flag, formatted, keyboard, message_text, number, structure
from fakes.botapi.world import World

MOST_RESULTS = 50
ID_BYTES = OFFSET_BYTES = 64
ANSWER_SECONDS = 30.0
"""How long an inline question can be answered; the real server's time is not published."""


def answer_inline_query(world: World, params: Json) -> bool:
    """Show results under what somebody types."""
    button = structure(params, "button")
    results = decoded(params, "results")
    if not isinstance(results, list):
        raise bad_request("expected an Array of inline query results")
    if len(results) > MOST_RESULTS:
        raise bad_request("too many inline query results specified")
    for result in results:
        _check(result)
    identifiers = [str(result["id"]) for result in results]
    if len(set(identifiers)) < len(identifiers):
        raise bad_request("RESULT_ID_DUPLICATE")
    offset = str(params.get("next_offset", ""))
    if len(offset.encode()) > OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    _check_button(button)
    query = world.inline.open.pop(str(params.get("inline_query_id", "")), None)
    if query is None or world.clock.now() > query.asked_at + ANSWER_SECONDS:
        raise bad_request(TOO_OLD)
    query.results, query.next_offset, query.button = results, offset, button or None
    query.answered = True
    seconds = number(params, "cache_time", 300, 0, 86400)
    world.inline.keep(query, seconds, personal=flag(params, "is_personal"))
    return True


def _check(result: Any) -> None:
    if not isinstance(result, dict):
        raise bad_request("inline query result must be an object")
    for name in ("type", "id"):
        if not isinstance(result.get(name), str):
            raise bad_request(f"can't parse inline query result: Can't find field \"{name}\"")
    if not 1 <= len(result["id"].encode()) <= ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if result["type"] == "article":
        if not isinstance(result.get("title"), str):
            raise bad_request("can't parse inline query result: Can't find field \"title\"")
        if not result["title"].strip():
            raise bad_request("ARTICLE_TITLE_EMPTY")
        content = result.get("input_message_content")
        if not isinstance(content, dict):
            raise bad_request("can't parse inline query result: Can't find field \"message_text\"")
        message_text({"text": content.get("message_text", ""), "parse_mode": content.get("parse_mode", "")})
    elif utf16_units(formatted(str(result.get("caption", "")), str(result.get("parse_mode", "")))[0]) > 1024:
        raise bad_request("message caption is too long")
    keyboard(result)


def _check_button(button: Json) -> None:
    if button and not button.get("text"):
        raise bad_request("can't parse inline query results button: Can't find field \"text\"")
    if button and bool(button.get("start_parameter")) == bool(button.get("web_app")):
        raise bad_request("InlineQueryResultsButton must have exactly one optional field")
