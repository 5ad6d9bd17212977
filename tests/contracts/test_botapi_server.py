"""The fake Bot API behaves as the real one is documented and read to behave, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from fakes.botapi.client import Client
from fakes.botapi.clock import WorldClock
from fakes.botapi.faults import Fault, flood
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World


@pytest.fixture
async def bot() -> AsyncIterator[Client]:
    async with FakeBotApi() as api, httpx.AsyncClient() as client:
        yield Client(api, client)


async def test_it_knows_its_bots_and_methods(bot: Client) -> None:
    assert (await bot("getMe"))[1]["username"] == "dateline_bot"
    assert (await bot("GETME"))[0] == 200
    assert await bot("getMe", token="654321:nobody") == (401, "Unauthorized")
    assert await bot("getMe", token="garbage") == (404, "Not Found")
    assert await bot("flyToTheMoon") == (404, "Not Found: method not found")


async def test_forms_multipart_and_json_mean_the_same(bot: Client) -> None:
    anna = bot.api.world.person()
    params = {"chat_id": str(anna.chat.id), "text": "Тәжікстан <b>&amp;</b>", "parse_mode": "HTML"}
    await bot.post("sendMessage", data=params)
    await bot.post("sendMessage", json=params)
    await bot.post("sendMessage", files={name: (None, value) for name, value in params.items()})
    assert anna.chat.texts == ["Тәжікстан &"] * 3


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n\u200b\u3164"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "&amp;" * 7000, "parse_mode": "HTML"}, "text is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag corresponding"),
        ({"text": "x", "parse_mode": "Markdone"}, "unsupported parse_mode"),
        ({"text": "x", "chat_id": "4711"}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
    ],
)
async def test_messages_that_telegram_refuses(bot: Client, params: dict[str, str], refusal: str) -> None:
    anna = bot.api.world.person()
    code, description = await bot("sendMessage", **({"chat_id": anna.chat.id} | params))
    assert code == 400
    assert description.startswith(f"Bad Request: {refusal}")
    assert anna.chat.screen == []


async def test_the_limit_counts_what_is_seen(bot: Client) -> None:
    anna = bot.api.world.person()
    text = f"<b>{'&lt;' * 4096}</b>"
    assert (await bot("sendMessage", chat_id=anna.chat.id, text=text, parse_mode="HTML"))[0] == 200


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        ({"text": "x", "callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "", "callback_data": "a"}, "can't parse inline keyboard button"),
        ({"text": "x", "url": "not an address"}, "inline keyboard button URL 'not an address' is invalid"),
    ],
)
async def test_buttons_that_telegram_refuses(bot: Client, button: dict[str, str], refusal: str) -> None:
    anna = bot.api.world.person()
    body = {"chat_id": anna.chat.id, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}}
    code, description = await bot.post("sendMessage", json=body)
    assert (code, refusal in description) == (400, True)


async def test_editing_changes_the_screen_and_not_the_number_of_messages(bot: Client) -> None:
    anna = bot.api.world.person()
    _, message = await bot("sendMessage", chat_id=anna.chat.id, text="one")
    where = {"chat_id": anna.chat.id, "message_id": message["message_id"]}
    assert (await bot("editMessageText", **where, text="two"))[0] == 200
    assert anna.chat.texts == ["two"]
    assert (await bot("editMessageText", **where, text="two"))[1].startswith(
        "Bad Request: message is not modified"
    )
    gone = {"chat_id": anna.chat.id, "message_id": 999, "text": "x"}
    assert await bot("editMessageText", **gone) == (400, "Bad Request: message to edit not found")
    own = anna.say("hello")
    theirs = {"chat_id": anna.chat.id, "message_id": own.message_id, "text": "x"}
    assert await bot("editMessageText", **theirs) == (400, "Bad Request: message can't be edited")


async def test_a_press_is_answered_once(bot: Client) -> None:
    anna = bot.api.world.person()
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "/more"}]]}
    await bot.post("sendMessage", json={"chat_id": anna.chat.id, "text": "x", "reply_markup": keyboard})
    query = anna.press("More")
    _, updates = await bot("getUpdates")
    assert updates[-1]["callback_query"]["data"] == "/more"
    assert await bot("answerCallbackQuery", callback_query_id=query, text="ok") == (200, True)
    assert anna.chat.toasts == ["ok"]
    code, description = await bot("answerCallbackQuery", callback_query_id=query)
    assert (code, "query is too old" in description) == (400, True)
    with pytest.raises(AssertionError, match="no button"):
        anna.press("Less")


async def test_updates_come_until_their_successor_is_asked_for(bot: Client) -> None:
    anna = bot.api.world.person()
    for word in ("one", "two", "three"):
        anna.say(word)
    _, updates = await bot("getUpdates")
    assert [update["message"]["text"] for update in updates] == ["one", "two", "three"]
    assert len((await bot("getUpdates", limit=1))[1]) == 1
    _, rest = await bot("getUpdates", offset=updates[1]["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["three"]
    assert len((await bot("getUpdates"))[1]) == 1


async def test_a_long_poll_answers_when_something_happens(bot: Client) -> None:
    poll = asyncio.create_task(bot("getUpdates", timeout=30))
    await bot.api.world.until(lambda: bot.api.world.calls("getUpdates"))
    bot.api.world.person().say("hello")
    _, updates = await poll
    assert updates[0]["message"]["text"] == "hello"


async def test_a_newer_poll_ends_the_older(bot: Client) -> None:
    older = asyncio.create_task(bot("getUpdates", timeout=30))
    await bot.api.world.until(lambda: len(bot.api.world.calls("getUpdates")) == 1)
    newer = asyncio.create_task(bot("getUpdates", timeout=30))
    code, description = await older
    assert (code, description.startswith("Conflict: terminated by other getUpdates request")) == (409, True)
    bot.api.world.person().say("hello")
    assert len((await newer)[1]) == 1


async def test_a_webhook_forbids_polling(bot: Client) -> None:
    await bot("setWebhook", url="https://example.org/hook")
    assert (await bot("getUpdates"))[0] == 409
    await bot("deleteWebhook")
    assert (await bot("getUpdates"))[0] == 200


async def test_who_blocked_the_bot_gets_nothing(bot: Client) -> None:
    anna, group = bot.api.world.person(), bot.api.world.group()
    anna.block()
    bot.api.world.change_membership(group, anna.user, "kicked")
    blocked = await bot("sendMessage", chat_id=anna.chat.id, text="x")
    kicked = await bot("sendMessage", chat_id=group.id, text="x")
    assert blocked == (403, "Forbidden: bot was blocked by the user")
    assert kicked == (403, "Forbidden: bot was kicked from the supergroup chat")
    _, updates = await bot("getUpdates")
    assert [update["my_chat_member"]["new_chat_member"]["status"] for update in updates] == ["kicked"] * 2
    anna.unblock()
    assert (await bot("sendMessage", chat_id=anna.chat.id, text="x"))[0] == 200


async def test_a_group_that_became_a_supergroup_names_its_new_id(bot: Client) -> None:
    group = bot.api.world.group(kind="group")
    new = bot.api.world.migrate(group)
    url = f"{bot.api.url}/bot{bot.api.world.token}/sendMessage"
    answer = (await bot.client.post(url, data={"chat_id": group.id, "text": "x"})).json()
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}


async def test_the_command_menu_is_checked(bot: Client) -> None:
    good = [{"command": "latest", "description": "the newest"}]
    assert await bot.post("setMyCommands", json={"commands": good}) == (200, True)
    assert (await bot("getMyCommands"))[1] == good
    for bad, refusal in (
        ({"command": "Latest"}, "BOT_COMMAND_INVALID"),
        ({"command": "x"}, "DESCRIPTION_INVALID"),
    ):
        code, description = await bot.post("setMyCommands", json={"commands": [bad]})
        assert (code, refusal in description) == (400, True)


async def test_faults_strike_as_scripted(bot: Client) -> None:
    world = bot.api.world
    anna, boris = world.person("Anna"), world.person("Boris")
    world.faults.add(
        flood("sendMessage", 38, chat=anna.chat.id, skip=1),
        Fault("sendMessage", "page", 502, chat=boris.chat.id),
        Fault("getMe", "drop"),
    )
    assert (await bot("sendMessage", chat_id=anna.chat.id, text="1"))[0] == 200
    assert await bot("sendMessage", chat_id=anna.chat.id, text="2") == (
        429,
        "Too Many Requests: retry after 38",
    )
    assert (await bot("sendMessage", chat_id=anna.chat.id, text="3"))[0] == 200
    page = await bot.client.post(
        f"{bot.api.url}/bot{world.token}/sendMessage", data={"chat_id": boris.chat.id, "text": "x"}
    )
    assert (page.status_code, page.headers["content-type"], boris.chat.texts) == (502, "text/html", [])
    with pytest.raises(httpx.RemoteProtocolError):
        await bot("getMe")
    assert world.calls("getMe") == []
    world.faults.add(Fault("sendMessage", "drop_after"))
    with pytest.raises(httpx.RemoteProtocolError):
        await bot("sendMessage", chat_id=anna.chat.id, text="4")
    assert anna.chat.texts == ["1", "3", "4"]


async def test_a_call_that_hangs_has_been_processed(bot: Client) -> None:
    anna = bot.api.world.person()
    bot.api.world.faults.add(Fault("sendMessage", "hang_after"))
    calling = asyncio.create_task(bot("sendMessage", chat_id=anna.chat.id, text="x"))
    await bot.api.world.until(lambda: anna.chat.texts)
    assert not calling.done()
    calling.cancel()
    assert (await bot("getMe"))[0] == 200


async def test_sounds_are_heard_only_when_not_silent(bot: Client) -> None:
    anna = bot.api.world.person()
    await bot("sendMessage", chat_id=anna.chat.id, text="loud")
    await bot("sendMessage", chat_id=anna.chat.id, text="soft", disable_notification="true")
    assert anna.chat.notifications == [False, True]


async def test_who_asks_again_at_once_is_slowed_down() -> None:
    world = World(clock=WorldClock(rate=0))
    async with FakeBotApi(world) as api, httpx.AsyncClient() as client:
        bot = Client(api, client)
        assert await bot("getUpdates", offset=1) == (200, [])
        again = asyncio.create_task(bot("getUpdates", offset=1))
        await world.until(lambda: world.poll)
        world.clock.advance(2.9)
        assert not again.done()
        world.clock.advance(0.1)
        assert await again == (200, [])
        anna = world.person()
        anna.say("one"), anna.say("two")
        world.clock.advance(3)
        assert [len((await bot("getUpdates", offset=1))[1]) for _ in range(2)] == [2, 1]
        world.clock.advance(0.5)
        assert len((await bot("getUpdates", offset=1))[1]) == 2


async def test_an_update_that_nobody_fetches_is_gone_after_a_day(bot: Client) -> None:
    anna = bot.world.person()
    anna.say("old")
    bot.world.clock.advance(24 * 3600 + 1)
    anna.say("new")
    _, updates = await bot("getUpdates")
    assert [update["message"]["text"] for update in updates] == ["new"]


async def test_a_negative_offset_forgets_all_but_the_last(bot: Client) -> None:
    anna = bot.world.person()
    for text in ("one", "two", "three"):
        anna.say(text)
    _, updates = await bot("getUpdates", offset=-1)
    assert [update["message"]["text"] for update in updates] == ["three"]


async def test_a_bot_gets_the_kinds_of_update_that_it_asks_for(bot: Client) -> None:
    anna = bot.world.person()
    await bot("getUpdates", allowed_updates='["callback_query"]')
    said = anna.say("not wanted")
    anna.press_data("/more", said)
    await bot("getUpdates", offset=1, allowed_updates="[]")
    anna.say("wanted again")
    _, updates = await bot("getUpdates", offset=2)
    assert [sorted(update)[0] for update in updates] == ["message"]
    assert updates[0]["message"]["text"] == "wanted again"


async def test_an_edited_message_comes_as_one(bot: Client) -> None:
    anna = bot.world.person()
    said = anna.say("/latest KZ")
    anna.edit(said, "/latest UZ")
    _, (first, second) = await bot("getUpdates")
    assert first["message"]["text"] == "/latest KZ"
    edited = second["edited_message"]
    assert (edited["text"], edited["message_id"], "edit_date" in edited) == (
        "/latest UZ",
        said.message_id,
        True,
    )


async def test_a_press_grows_too_old(bot: Client) -> None:
    anna = bot.world.person()
    said = anna.say("x")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    query = anna.press_data("/more", said)
    bot.world.clock.advance(bot.world.query_seconds + 1)
    assert await bot("answerCallbackQuery", callback_query_id=query) == (400, too_old)
    query = anna.press_data("/more", said)
    bot.world.expire_queries()
    assert await bot("answerCallbackQuery", callback_query_id=query) == (400, too_old)
    query = anna.press_data("/more", said)
    code, description = await bot("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    assert (code, description) == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert await bot("answerCallbackQuery", callback_query_id=query, text="x" * 200, show_alert="true") == (
        200,
        True,
    )
    assert anna.chat.alerts == ["x" * 200]


async def test_a_reply_needs_its_message(bot: Client) -> None:
    anna = bot.world.person()
    asked = anna.say("x")
    where = {"chat_id": anna.chat.id, "text": "y"}
    _, sent = await bot("sendMessage", **where, reply_parameters=f'{{"message_id": {asked.message_id}}}')
    assert sent["reply_to_message"]["text"] == "x"
    gone = await bot("sendMessage", **where, reply_parameters='{"message_id": 4711}')
    assert gone == (400, "Bad Request: message to be replied not found")
    lenient = '{"message_id": 4711, "allow_sending_without_reply": true}'
    assert (await bot("sendMessage", **where, reply_parameters=lenient))[0] == 200


async def test_messages_are_deleted_while_they_are_young(bot: Client) -> None:
    anna = bot.world.person()
    sent = [(await bot("sendMessage", chat_id=anna.chat.id, text=text))[1]["message_id"] for text in "abcd"]
    assert await bot("deleteMessage", chat_id=anna.chat.id, message_id=sent[0]) == (200, True)
    assert await bot("deleteMessage", chat_id=anna.chat.id, message_id=sent[0]) == (
        400,
        "Bad Request: message to delete not found",
    )
    assert await bot("deleteMessages", chat_id=anna.chat.id, message_ids=f"[{sent[1]}, 4711]") == (200, True)
    bot.world.clock.advance(48 * 3600 + 1)
    old = await bot("deleteMessage", chat_id=anna.chat.id, message_id=sent[2])
    assert old == (400, "Bad Request: message can't be deleted")
    assert anna.chat.texts == ["c", "d"]


async def test_only_the_buttons_can_change(bot: Client) -> None:
    anna = bot.world.person()
    _, sent = await bot("sendMessage", chat_id=anna.chat.id, text="x")
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "/more"}]]}
    body = {"chat_id": anna.chat.id, "message_id": sent["message_id"], "reply_markup": keyboard}
    assert (await bot.post("editMessageReplyMarkup", json=body))[1]["reply_markup"] == keyboard
    assert anna.chat.screen[0].labels == ["More"]
    assert (await bot.post("editMessageReplyMarkup", json=body))[0] == 400


async def test_the_bot_is_seen_typing(bot: Client) -> None:
    anna = bot.world.person()
    assert await bot("sendChatAction", chat_id=anna.chat.id, action="typing") == (200, True)
    wrong = await bot("sendChatAction", chat_id=anna.chat.id, action="thinking")
    assert wrong == (400, "Bad Request: wrong parameter action in request")
    assert anna.chat.actions == ["typing"]


async def test_a_link_shows_a_preview_unless_it_is_switched_off(bot: Client) -> None:
    anna = bot.world.person()
    link = {"chat_id": anna.chat.id, "text": '<a href="https://example.org">x</a>', "parse_mode": "HTML"}
    await bot("sendMessage", **link)
    await bot("sendMessage", **link, link_preview_options='{"is_disabled": true}')
    await bot("sendMessage", chat_id=anna.chat.id, text="no link")
    assert [shown.preview for shown in anna.chat.screen] == [True, False, False]


async def test_faults_before_anything_happens(bot: Client) -> None:
    anna = bot.world.person()
    bot.world.faults.add(Fault("sendMessage", "hang"), Fault("sendMessage", "slow", seconds=60))
    url = f"{bot.api.url}/bot{bot.world.token}/sendMessage"
    data = {"chat_id": anna.chat.id, "text": "x"}
    with pytest.raises(httpx.ReadTimeout):
        await bot.client.post(url, data=data, timeout=0.2)
    bot.world.clock.rate = 1000
    assert (await bot("sendMessage", **data))[0] == 200
    assert (anna.chat.texts, bot.world.faults.pending) == (["x"], ())


async def test_several_bots_have_nothing_to_do_with_each_other() -> None:
    ours, theirs = World(), World("654321:" + "B" * 35, "other_bot")
    async with FakeBotApi(ours, theirs) as api, httpx.AsyncClient() as client:
        bot, anna = Client(api, client), theirs.person()
        assert (await bot("sendMessage", chat_id=anna.chat.id, text="x"))[0] == 400
        assert (await bot("sendMessage", theirs.token, chat_id=anna.chat.id, text="x"))[0] == 200
        assert (await bot("test/getMe", theirs.token))[1]["username"] == "other_bot"
        assert (len(ours.journal), len(theirs.journal)) == (1, 2)


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"commands": [{"command": "x", "description": "y"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": "latest"}, "can't parse commands JSON object"),
        ({"commands": ["latest"]}, "can't parse BotCommand: expected an Object"),
        ({"commands": [], "language_code": "russian"}, "LANGUAGE_CODE_INVALID"),
        ({"commands": [], "scope": {"type": "everybody"}}, "can't parse BotCommandScope: unsupported type specified"),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 4711}}, "chat not found"),
    ],
)  # fmt: skip
async def test_menus_that_telegram_refuses(bot: Client, params: dict[str, object], refusal: str) -> None:
    assert await bot.post("setMyCommands", json=params) == (400, f"Bad Request: {refusal}")


async def test_a_world_begun_anew_repeats_no_id() -> None:
    first, second = World(), World(first_id=1_700_000_000)
    seen = []
    for world in (first, second):
        anna = world.person()
        query = anna.press_data("/more", anna.say("x"))
        seen.append(
            {*(update["update_id"] for update in world.updates), anna.chat.screen[0].message_id, int(query)}
        )
    assert not seen[0] & seen[1]
    assert min(seen[1]) >= 1_700_000_000


@pytest.mark.parametrize(
    ("sent", "shown", "entities"),
    [
        ("\n <b>bold</b> and more \n", "bold and more", [(0, 4)]),
        (" <b> \n both 😀 \n</b>", "both 😀", [(0, 7)]),
        ("x <b> \n</b>", "x", []),
    ],
)
async def test_space_at_the_ends_is_taken_off(
    bot: Client, sent: str, shown: str, entities: list[tuple[int, int]]
) -> None:
    anna = bot.world.person()
    _, message = await bot("sendMessage", chat_id=anna.chat.id, text=sent, parse_mode="HTML")
    assert message["text"] == shown
    assert [(e["offset"], e["length"]) for e in message.get("entities", [])] == entities
    where = {"chat_id": anna.chat.id, "message_id": message["message_id"], "parse_mode": "HTML"}
    assert "is not modified" in (await bot("editMessageText", **where, text=f"{sent}\n"))[1]


async def test_a_call_that_breaks_the_fake_is_answered_and_written_down(bot: Client) -> None:
    anna = bot.world.person()
    body = {"chat_id": anna.chat.id, "message_ids": [[]]}
    bot.world.chats[anna.chat.id].screen = None  # type: ignore[assignment]  # as a fault of the fake would
    code, description = await bot.post("deleteMessages", json=body)
    assert (code, description.startswith("Internal Server Error: TypeError")) == (500, True)
    assert bot.world.journal[-1].code == 500


async def test_a_message_can_be_copied(bot: Client) -> None:
    anna, boris = bot.world.person("Anna"), bot.world.person("Boris")
    said = anna.say("hello")
    where = {"chat_id": boris.chat.id, "from_chat_id": anna.chat.id}
    _, copied = await bot("copyMessage", **where, message_id=said.message_id)
    assert boris.chat.screen[0].message_id == copied["message_id"]
    assert boris.chat.texts == ["hello"]
    gone = await bot("copyMessage", **where, message_id=4711)
    assert gone == (400, "Bad Request: message to copy not found")


async def test_a_keyboard_has_a_hundred_buttons_at_most(bot: Client) -> None:
    anna = bot.world.person()
    keys = [[{"text": "x", "callback_data": "a"}]]
    body = {"chat_id": anna.chat.id, "text": "x"}
    assert (await bot.post("sendMessage", json=body | {"reply_markup": {"inline_keyboard": keys * 100}}))[
        0
    ] == 200
    refused = await bot.post("sendMessage", json=body | {"reply_markup": {"inline_keyboard": keys * 101}})
    assert refused == (400, "Bad Request: reply markup is too long")
