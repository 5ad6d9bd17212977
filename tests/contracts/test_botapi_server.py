"""The fake Bot API behaves as the real one is documented and read to behave, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fakes.botapi.faults import Fault, flood
from fakes.botapi.server import FakeBotApi

Answer = tuple[int, Any]


class Client:
    """A bot without a library."""

    def __init__(self, api: FakeBotApi, client: httpx.AsyncClient) -> None:
        self.api, self.client = api, client

    async def __call__(self, method: str, token: str | None = None, **params: Any) -> Answer:
        return await self.post(method, token, data=params)

    async def post(self, method: str, token: str | None = None, **body: Any) -> Answer:
        url = f"{self.api.url}/bot{token or self.api.world.token}/{method}"
        response = await self.client.post(url, **body, timeout=10)
        answer = response.json()
        assert answer["ok"] == (response.status_code == 200)
        assert answer["ok"] or answer["error_code"] == response.status_code
        return response.status_code, answer["result"] if answer["ok"] else answer["description"]


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
