"""The fake delivers updates to a webhook as the real server does: in order, with the secret, again and again."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import h11
import httpx
import pytest

from fakes.botapi.client import Client
from fakes.botapi.clock import WorldClock
from fakes.botapi.limits import Limits
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World

Answer = tuple[int, dict[str, str], bytes]


class Receiver:
    """A web server that a bot could be. ``answers`` are given one after another, then 200."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], Any]] = []
        self.answers: list[Answer] = []
        self.gate: dict[int, asyncio.Event] = {}
        self.decide: Callable[[Any], asyncio.Event | None] = lambda _update: None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        headers: dict[str, str] = {}
        body = b""
        while (event := connection.next_event()) is not h11.PAUSED:
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                headers, body = {k.decode().lower(): v.decode() for k, v in event.headers}, b""
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                writer.write(await self.answer(connection, headers, json.loads(body)))
                connection.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                break
        writer.close()

    async def answer(self, connection: h11.Connection, headers: dict[str, str], update: Any) -> bytes:
        self.requests.append((headers, update))
        if gate := self.decide(update):
            await gate.wait()
        status, more, payload = self.answers.pop(0) if self.answers else (200, {}, b"")
        head = h11.Response(
            status_code=status, headers=[*more.items(), ("content-length", str(len(payload)))], reason=b"Said"
        )
        return b"".join(
            connection.send(part) or b"" for part in (head, h11.Data(data=payload), h11.EndOfMessage())
        )


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()


@pytest.fixture
async def bot() -> AsyncIterator[Client]:
    """A bot in a world where time passes a thousand times faster."""
    async with FakeBotApi(World(clock=WorldClock(rate=1000))) as api, httpx.AsyncClient() as client:
        yield Client(api, client)


async def test_updates_arrive_with_the_secret_and_are_gone_then(bot: Client, receiver: Receiver) -> None:
    anna = bot.world.person()
    anna.say("before")
    assert await bot("setWebhook", url=receiver.url, secret_token="s3cret_-", max_connections=7) == (
        200,
        True,
    )
    anna.say("after")
    await bot.world.until(lambda: not bot.world.updates)
    assert receiver.texts == ["before", "after"]
    assert {headers["x-telegram-bot-api-secret-token"] for headers, _ in receiver.requests} == {"s3cret_-"}
    _, info = await bot("getWebhookInfo")
    assert info == {
        "url": receiver.url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 7,
        "ip_address": "<unknown>",
    }


async def test_a_failed_delivery_is_repeated_until_it_succeeds(bot: Client, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b""), (403, {}, b""), (503, {"retry-after": "77"}, b""), (204, {}, b"")]
    await bot("setWebhook", url=receiver.url)
    bot.world.person().say("x")
    await bot.world.until(lambda: not bot.world.updates)
    assert receiver.texts == ["x"] * 4
    assert [delivery.status for delivery in bot.world.webhook.deliveries] == [500, 403, 503, 204]
    at = [delivery.at for delivery in bot.world.webhook.deliveries]
    assert at[2] - at[1] >= 2
    assert at[3] - at[2] >= 77
    _, info = await bot("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Said"
    assert info["last_error_date"] >= int(at[2])


async def test_one_chat_waits_for_itself_and_for_no_other(bot: Client, receiver: Receiver) -> None:
    anna, boris, held = bot.world.person("Anna"), bot.world.person("Boris"), asyncio.Event()
    receiver.decide = lambda update: held if update["message"]["text"] == "a1" else None
    await bot("setWebhook", url=receiver.url)
    for person, text in ((anna, "a1"), (anna, "a2"), (boris, "b1"), (boris, "b2")):
        person.say(text)
    await bot.world.until(lambda: len(bot.world.updates) == 2)
    assert sorted(receiver.texts) == ["a1", "b1", "b2"]
    held.set()
    await bot.world.until(lambda: not bot.world.updates)
    assert receiver.texts[-1] == "a2"


async def test_nobody_there_is_an_error_that_is_told_and_nothing_is_lost(bot: Client) -> None:
    await bot("setWebhook", url="http://127.0.0.1:9/hook")
    bot.world.person().say("x")
    await bot.world.until(lambda: len(bot.world.webhook.deliveries) >= 3)
    _, info = await bot("getWebhookInfo")
    assert (info["last_error_message"], info["pending_update_count"]) == ("Connection refused", 1)
    assert await bot("deleteWebhook") == (200, True)
    _, updates = await bot("getUpdates")
    assert [update["message"]["text"] for update in updates] == ["x"]


async def test_a_day_is_the_longest_that_an_update_waits(bot: Client) -> None:
    await bot("setWebhook", url="http://127.0.0.1:9/hook")
    bot.world.person().say("x")
    await bot.world.until(lambda: len(bot.world.webhook.deliveries) >= 2)
    bot.world.clock.advance(24 * 3600)
    await bot.world.until(lambda: not bot.world.updates)


async def test_an_update_can_come_twice(bot: Client, receiver: Receiver) -> None:
    await bot("setWebhook", url=receiver.url)
    bot.world.person().say("x")
    await bot.world.until(lambda: not bot.world.updates)
    bot.world.push_again(receiver.requests[0][1])
    await bot.world.until(lambda: len(receiver.requests) == 2)
    assert receiver.requests[0][1] == receiver.requests[1][1]


async def test_an_answer_may_carry_a_method(bot: Client, receiver: Receiver) -> None:
    anna = bot.world.person()
    said = json.dumps({"method": "sendMessage", "chat_id": anna.chat.id, "text": "at once"}).encode()
    receiver.answers = [(200, {"content-type": "application/json"}, said)]
    await bot("setWebhook", url=receiver.url)
    anna.say("x")
    await bot.world.until(lambda: anna.chat.texts == ["at once"])


async def test_a_webhook_and_polling_exclude_each_other(bot: Client, receiver: Receiver) -> None:
    bot.world.clock.rate = 1
    poll = asyncio.create_task(bot("getUpdates", timeout=50))
    await bot.world.until(lambda: bot.world.poll)
    await bot("setWebhook", url=receiver.url)
    assert await poll == (409, "Conflict: terminated by setWebhook request")
    assert await bot("getUpdates") == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    await bot("setWebhook", url="")
    assert (await bot("getUpdates", offset=1))[0] == 200


async def test_what_waits_is_dropped_when_asked_to(bot: Client, receiver: Receiver) -> None:
    bot.world.person().say("old")
    await bot("setWebhook", url=receiver.url, drop_pending_updates="true")
    assert bot.world.updates == []
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("params", "local", "refusal"),
    [
        ({"url": "http://localhost/", "secret_token": "a b"}, True, "secret token contains unallowed characters"),
        ({"url": "https://example.org/", "secret_token": "x" * 257}, True, "secret token is too long"),
        ({"url": "ftp://example.org/"}, True, "invalid webhook URL specified"),
        ({"url": "http://example.org/"}, False, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.org:9000/"},
            False,
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
    ],
)  # fmt: skip
async def test_addresses_that_telegram_refuses(
    bot: Client, params: dict[str, str], local: bool, refusal: str
) -> None:
    bot.world.webhook.local = local
    assert await bot("setWebhook", **params) == (400, f"Bad Request: {refusal}")
    assert (await bot("getWebhookInfo"))[1]["url"] == ""


async def test_replicas_that_all_set_it_at_once_are_slowed_down(bot: Client, receiver: Receiver) -> None:
    bot.world.clock.rate = 0
    bot.world.flood.enforce(Limits())
    assert (await bot("setWebhook", url=receiver.url))[0] == 200
    assert await bot("setWebhook", url=receiver.url) == (429, "Too Many Requests: retry after 1")


async def test_deliveries_go_on_after_the_server_was_away(bot: Client, receiver: Receiver) -> None:
    await bot("setWebhook", url=receiver.url)
    await bot.api.stop()
    bot.world.person().say("meanwhile")
    assert receiver.requests == []
    await bot.api.start()
    await bot.world.until(lambda: receiver.texts == ["meanwhile"])
