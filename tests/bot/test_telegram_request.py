"""The HTTP client under the Telegram library: what has surely not left is told from what may have."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.abc import AbstractStreamWriter
from telegram.error import NetworkError, TimedOut

from fakes.botapi.faults import Fault
from fakes.botapi.server import FakeBotApi
from services.bot.conversation.messages import Picture, Reply, block
from services.bot.messengers.port import NotSent, Sent, Uncertain
from services.bot.messengers.telegram.client import TelegramMessenger, telegram_bot
from services.bot.messengers.telegram.request import LeanRequest

HELLO = Reply((block("hello"),))
PICTURE = Reply((block("a day"),), picture=Picture(b"\x89PNG\r\n\x1a\n" + b"\0" * 100_000, "a day"))


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


async def test_who_may_not_leave_sends_nothing(api: FakeBotApi) -> None:
    asked = []

    async def refuse(method: str) -> None:
        asked.append(method)
        if len(asked) != 2:
            raise RuntimeError("stay")

    anna = api.world.person()
    messenger = TelegramMessenger(telegram_bot(api.world.token, api.url, leaving=refuse))
    # Over a new connection, over one that was kept, and again.
    outcomes = [await messenger.deliver(f"telegram:{anna.chat.id}", HELLO) for _ in range(4)]
    await messenger.close()
    assert [type(each) for each in outcomes] == [Uncertain, Sent, Uncertain, Uncertain]
    assert anna.chat.texts == ["hello"]
    assert asked == ["sendMessage"] * 4


async def test_between_leave_to_go_and_the_first_byte_nothing_else_is_done(
    api: FakeBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever came in between would be time in which a kill leaves it open whether the message has left."""
    done, done_before = [], []
    write = aiohttp.BytesPayload.write_with_length

    async def spy(body: aiohttp.BytesPayload, writer: AbstractStreamWriter, length: int | None) -> None:
        done_before.append(len(done))
        await write(body, writer, length)

    async def leave(_method: str) -> None:
        asyncio.get_running_loop().call_soon(done.append, "a turn of the loop")

    monkeypatch.setattr(aiohttp.BytesPayload, "write_with_length", spy)
    anna = api.world.person()
    messenger = TelegramMessenger(telegram_bot(api.world.token, api.url, leaving=leave))
    assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", HELLO), Sent)
    await messenger.close()
    assert done_before == [0]


async def test_an_answer_that_does_not_come_may_have_been_one(api: FakeBotApi) -> None:
    api.world.faults.add(Fault("getMe", "hang"))
    request = LeanRequest(1)
    with pytest.raises(TimedOut):
        await request.do_request(f"{api.url}/bot{api.world.token}/getMe", "POST", read_timeout=0.05)
    await request.shutdown()


async def test_without_a_free_connection_nothing_has_left(
    api: FakeBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.bot.messengers.telegram.request.CONNECT_SECONDS", 0.05)
    monkeypatch.setattr("services.bot.messengers.telegram.client._CONNECTIONS", 1)
    anna = api.world.person()
    api.world.faults.add(Fault("sendMessage", "hang_after"))
    messenger = TelegramMessenger(telegram_bot(api.world.token, api.url))
    hanging = asyncio.create_task(messenger.deliver(f"telegram:{anna.chat.id}", HELLO))
    await api.world.until(lambda: anna.chat.texts)
    assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", HELLO), NotSent)
    await messenger.close()
    assert isinstance(await hanging, Uncertain)
    assert anna.chat.texts == ["hello"]


async def test_the_proxy_of_the_environment_is_used_where_it_shall_be(
    api: FakeBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    anna = api.world.person()
    for exempt, outcome in (("", NotSent), ("127.0.0.1", Sent)):
        monkeypatch.setenv("no_proxy", exempt)
        messenger = TelegramMessenger(telegram_bot(api.world.token, api.url))
        assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", HELLO), outcome)
        await messenger.close()


async def test_a_picture_travels_whole(api: FakeBotApi) -> None:
    anna = api.world.person()
    messenger = TelegramMessenger(telegram_bot(api.world.token, api.url))
    assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", PICTURE), Sent)
    await messenger.close()
    assert anna.chat.screen[-1].text == "a day"


async def test_after_its_end_there_are_no_requests(api: FakeBotApi) -> None:
    request = LeanRequest(1)
    await request.shutdown()
    with pytest.raises(NetworkError):
        await request.do_request(f"{api.url}/bot{api.world.token}/getMe", "POST")
