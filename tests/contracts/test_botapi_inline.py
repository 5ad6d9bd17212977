"""Inline mode of the fake: questions, answers with their limits, what is kept for others, and what is chosen."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fakes.botapi.client import Client
from fakes.botapi.clock import WorldClock
from fakes.botapi.inline import InlineQuery
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World

Json = dict[str, Any]
WRONG = "can't parse inline query result: Can't find field "


@pytest.fixture
async def bot() -> AsyncIterator[Client]:
    async with FakeBotApi(World(clock=WorldClock(rate=0))) as api, httpx.AsyncClient() as client:
        yield Client(api, client)


def article(identifier: str = "1", text: str = "<b>told</b>", **more: Any) -> Json:
    content = {"message_text": text, "parse_mode": "HTML"}
    return {
        "type": "article",
        "id": identifier,
        "title": f"Story {identifier}",
        "input_message_content": content,
    } | more


async def answer(bot: Client, query: InlineQuery, results: list[Json], **more: Any) -> tuple[int, Any]:
    return await bot("answerInlineQuery", inline_query_id=query.id, results=json.dumps(results), **more)


async def test_a_question_is_answered_once(bot: Client) -> None:
    query = bot.world.person().ask_inline("kazakhstan gas", offset="20")
    _, (update,) = await bot("getUpdates")
    asked = update["inline_query"]
    assert (asked["id"], asked["query"], asked["offset"]) == (query.id, "kazakhstan gas", "20")
    assert not query.answered
    assert await answer(bot, query, [article("1"), article("2")], next_offset="40") == (200, True)
    assert (query.answered, query.titles, query.next_offset) == (True, ["Story 1", "Story 2"], "40")
    again = await answer(bot, query, [])
    assert again == (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )


@pytest.mark.parametrize(
    ("results", "more", "refusal"),
    [
        ([article(str(number)) for number in range(51)], {}, "too many inline query results specified"),
        ([article("x"), article("x")], {}, "RESULT_ID_DUPLICATE"),
        ([article("я" * 33)], {}, "RESULT_ID_INVALID"),
        ([article("")], {}, "RESULT_ID_INVALID"),
        ([article(text="")], {}, "message text is empty"),
        ([article(text="x" * 4097)], {}, "message is too long"),
        ([article(text="<b>")], {}, "can't parse entities: Can't find end tag corresponding to start tag b"),
        ([article(title=" ")], {}, "ARTICLE_TITLE_EMPTY"),
        ([article(input_message_content=None)], {}, f'{WRONG}"message_text"'),
        ([{"type": "article"}], {}, f'{WRONG}"id"'),
        (["x"], {}, "inline query result must be an object"),
        ([], {"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ([], {"button": json.dumps({"text": "x"})}, "InlineQueryResultsButton must have exactly one optional field"),
    ],
)  # fmt: skip
async def test_answers_that_telegram_refuses(
    bot: Client, results: list[Any], more: dict[str, str], refusal: str
) -> None:
    query = bot.world.person().ask_inline("x")
    assert await answer(bot, query, results, **more) == (400, f"Bad Request: {refusal}")
    assert not query.answered
    assert (await answer(bot, query, [article()]))[0] == 200


async def test_an_answer_that_comes_late_is_refused(bot: Client) -> None:
    query = bot.world.person().ask_inline("x")
    bot.world.clock.advance(31)
    assert (await answer(bot, query, []))[0] == 400


async def test_who_asks_the_same_gets_what_is_kept(bot: Client) -> None:
    anna, boris = bot.world.person("Anna"), bot.world.person("Boris")
    await answer(bot, anna.ask_inline("x"), [article()], cache_time=60)
    assert boris.ask_inline("x").titles == ["Story 1"]
    assert not boris.ask_inline("x", offset="1").answered
    await answer(bot, anna.ask_inline("mine"), [article()], cache_time=60, is_personal="true")
    assert anna.ask_inline("mine").from_cache
    assert not boris.ask_inline("mine").answered
    bot.world.clock.advance(61)
    assert not boris.ask_inline("x").answered


async def test_a_choice_puts_the_message_where_it_was_asked_for(bot: Client) -> None:
    anna, group = bot.world.person(), bot.world.group()
    query = anna.ask_inline("x")
    await answer(bot, query, [article()])
    shown = anna.choose(query, "1", group)
    assert (shown.text, shown.entities[0].type, shown.by_bot) == ("told", "bold", False)
    _, updates = await bot("getUpdates")
    chosen, said = updates[-2]["chosen_inline_result"], updates[-1]["message"]
    assert (chosen["result_id"], "inline_message_id" in chosen) == ("1", False)
    assert (said["via_bot"]["id"], said["text"]) == (bot.world.me["id"], "told")
    with pytest.raises(AssertionError, match="no result"):
        anna.choose(query, "2", group)


async def test_a_chosen_message_with_buttons_can_be_edited(bot: Client) -> None:
    anna, group = bot.world.person(), bot.world.group()
    bot.world.inline.feedback = False
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "/more"}]]}
    query = anna.ask_inline("x")
    await answer(bot, query, [article(reply_markup=keyboard)])
    shown = anna.choose(query, "1", group)
    anna.press("More", group)
    _, updates = await bot("getUpdates")
    press = updates[-1]["callback_query"]
    assert "message" not in press
    inline_id = press["inline_message_id"]
    assert await bot("editMessageText", inline_message_id=inline_id, text="more") == (200, True)
    assert (shown.text, shown.buttons, shown.edits) == ("more", [], 1)
    gone = await bot("editMessageText", inline_message_id="nothing", text="x")
    assert gone == (400, "Bad Request: MESSAGE_ID_INVALID")
    assert not [update for update in updates if "chosen_inline_result" in update]


async def test_inline_mode_can_be_off(bot: Client) -> None:
    bot.world.me["supports_inline_queries"] = False
    with pytest.raises(AssertionError, match="inline mode is off"):
        bot.world.person().ask_inline("x")
