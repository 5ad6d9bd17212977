"""How updates come in and what the bot says of itself: webhooks, inline questions, menus, and a secret token."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from starlette.applications import Starlette

from fakes.botapi.faults import Fault
from fakes.telegram_desk import COMMANDS, Desk, opened_desk
from services.bot.conversation.messages import Reply, block
from services.bot.messengers.telegram.client import telegram_bot
from services.bot.messengers.telegram.front_end import TelegramFrontEnd
from services.bot.messengers.telegram.inline import ANYBODY
from services.bot.messengers.telegram.menus import announce
from services.bot.messengers.telegram.queue import QueueFull
from services.bot.messengers.telegram.webhook import secret_for, webhook_route
from shared.endpoints import listen, make_endpoints, serve_http
from shared.observe import configure_logging

STORY = {
    "id": "story-1",
    "headline": 'Dam <b>"opened"</b> & <<more>>',
    "url": "https://e.org/?a=1&b=2",
    "source": {"id": "s", "name": "The <Source>"},
    "published_at": "2026-11-09T12:00:00+00:00",
    "first_seen_at": "2026-11-09T12:00:00+00:00",
    "countries": [{"code": "KZ", "role": "subject"}, {"code": "UZ", "role": "mentioned"}],
}


@pytest.fixture
async def desk(redis: Redis) -> AsyncIterator[Desk]:
    async with opened_desk(redis) as desk:
        yield desk


@asynccontextmanager
async def served(desk: Desk, secret: str | None = None) -> AsyncIterator[tuple[TelegramFrontEnd, str]]:
    """Run a front end with a webhook, over the HTTP server that every service has."""
    bound = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/telegram/updates"
    stop = asyncio.Event()
    front = desk.front_end(webhook=(url, secret))
    app = make_endpoints({}, front.routes, redis=desk.redis, metrics=desk.metrics)
    serving = asyncio.create_task(serve_http(app, bound, stop))
    running = asyncio.create_task(front.run(stop))
    try:
        yield front, url
    finally:
        stop.set()
        await running
        await serving


# --- webhooks ---


@pytest.mark.parametrize("secret", [None, "my-own-secret"])
async def test_questions_by_webhook_are_answered_and_nobody_polls(desk: Desk, secret: str | None) -> None:
    async with served(desk, secret) as (front, _url):
        await desk.world.until(lambda: desk.world.calls("setWebhook"))
        desk.anna.say("one")
        desk.anna.say("two")
        await desk.world.until(lambda: len(desk.anna.chat.texts) == 2)
        assert front.trouble == ""
    assert desk.anna.chat.texts == ["you said one", "you said two"]
    assert not desk.world.calls("getUpdates")
    assert {delivery.status for delivery in desk.world.webhook.deliveries} == {200}


async def test_the_endpoint_takes_updates_from_telegram_alone(desk: Desk) -> None:
    update = {"update_id": 5, "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}}
    right = {"x-telegram-bot-api-secret-token": secret_for(desk.world.token, None)}
    async with served(desk) as (_front, url), httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(url, json=update)).status_code == 403
        wrong = {"x-telegram-bot-api-secret-token": "wrong"}
        assert (await client.post(url, json=update, headers=wrong)).status_code == 403
        assert (await client.post(url, content=b"no JSON", headers=right)).status_code == 400
        assert (await client.post(url, json={"update_id": "5"}, headers=right)).status_code == 400
        assert (await client.post(url, content=b"x" * 2_000_000, headers=right)).status_code == 413
        assert (await client.get(url)).status_code == 405
        assert (await client.post(url, json=update, headers=right)).status_code == 200
        assert (await client.post(url, json=update, headers=right)).status_code == 200
    assert desk.echo.heard == []


@pytest.mark.parametrize("fault", [RedisConnectionError, QueueFull])
async def test_what_cannot_be_kept_telegram_brings_again(fault: type[Exception]) -> None:
    async def away(_updates: Any) -> None:
        raise fault

    app = Starlette(routes=[webhook_route("https://e.org/hook", "secret", away)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://e.org") as client:
        given = {"x-telegram-bot-api-secret-token": "secret"}
        answer = await client.post("/hook", json={"update_id": 1}, headers=given)
    assert answer.status_code == 503


async def test_going_back_to_polling_takes_the_webhook_back_and_loses_nothing(desk: Desk) -> None:
    async with served(desk):
        await desk.world.until(lambda: desk.world.calls("setWebhook"))
    desk.anna.say("while nobody listened")
    async with desk.running():
        await desk.world.until(lambda: desk.anna.chat.texts)
    assert desk.anna.chat.texts == ["you said while nobody listened"]


async def test_a_webhook_that_cannot_be_set_is_trouble(desk: Desk) -> None:
    desk.world.faults.add(
        Fault("setWebhook", "answer", 400, "Bad Request: bad webhook: HTTPS url must be provided")
    )
    async with served(desk) as (front, _url):
        await desk.until(lambda: front.trouble)
        assert "https url must be provided" in front.trouble


async def test_while_too_many_wait_polling_rests_and_nothing_is_lost(desk: Desk) -> None:
    desk.echo.gate.clear()
    async with desk.running(most_waiting=1) as front:
        desk.anna.say("one")
        await desk.until(lambda: desk.echo.heard)
        desk.anna.say("two")
        await desk.until(lambda: "wait for an answer already" in front.trouble)
        desk.echo.gate.set()
        await desk.world.until(lambda: len(desk.anna.chat.texts) == 2)
        await desk.until(lambda: not front.trouble)
    assert desk.anna.chat.texts == ["you said one", "you said two"]


# --- inline mode ---


async def test_stories_are_offered_inline_and_what_is_posted_is_well_formed(desk: Desk) -> None:
    desk.echo.answers["/latest kazakhstan"] = Reply((block("x"),), data={"stories": [STORY]})
    async with desk.running():
        query = desk.anna.ask_inline("kazakhstan")
        await desk.world.until(lambda: query.answered)
        assert query.titles == ['🇰🇿 Dam <b>"opened"</b> & <<more>>']
        posted = desk.anna.choose(query, "story-1", desk.world.group())
        assert posted.text == '🇰🇿 Dam <b>"opened"</b> & <<more>>\nThe <Source> · 2026-11-09'
        await desk.handled(desk.world._update_id)
    assert {heard.who for heard in desk.echo.heard} == {ANYBODY}


@pytest.mark.parametrize("text", ["/follow Kazakhstan", "follow Kazakhstan", "/forget yes", "uranium"])
async def test_an_inline_question_only_ever_reads(desk: Desk, text: str) -> None:
    async with desk.running():
        query = desk.anna.ask_inline(text)
        await desk.world.until(lambda: query.answered)
    asked = text.lstrip("/")
    assert desk.echo.texts == [f"/latest {asked}", f"/search {asked}"]
    assert query.results == []
    assert query.button == {"text": "Спросить меня лично", "start_parameter": "inline"}


async def test_an_inline_question_that_is_too_old_is_nobodys_fault(desk: Desk) -> None:
    async with desk.running() as front:
        desk.anna.ask_inline("")
        desk.world.expire_queries()
        desk.anna.say("next")
        await desk.world.until(lambda: desk.anna.chat.texts and len(desk.echo.heard) == 2)
        assert front.trouble == ""
    assert desk.anna.chat.texts == ["you said next"]


# --- menus ---


async def test_menus_are_set_for_every_kind_of_chat_and_language_and_only_when_they_change(
    desk: Desk,
) -> None:
    async with telegram_bot(desk.world.token, desk.api.url) as bot:
        await announce(bot, desk.redis, COMMANDS)
        calls = len(desk.world.calls("setMyCommands"))
        await announce(bot, desk.redis, COMMANDS)
        assert len(desk.world.calls("setMyCommands")) == calls
        await announce(bot, desk.redis, (*COMMANDS, ("today", "what happened today")))
        assert len(desk.world.calls("setMyCommands")) == 2 * calls
    menus = {
        (json.loads(call.params["scope"])["type"], call.params.get("language_code", "")): [
            command["command"] for command in json.loads(call.params["commands"])
        ]
        for call in desk.world.calls("setMyCommands")[:calls]
    }
    scopes = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
    assert set(menus) == {(scope, language) for scope in scopes for language in ("", "ru")}
    assert menus["all_group_chats", "ru"] == ["latest", "help"]
    assert menus["all_chat_administrators", ""] == ["latest", "follow", "help"]


async def test_a_menu_that_cannot_be_set_keeps_nobody_from_being_answered(desk: Desk) -> None:
    desk.world.faults.add(Fault("setMyCommands", "answer", 429, "Too Many Requests: retry after 30"))
    async with desk.running():
        desk.anna.say("hello")
        await desk.world.until(lambda: desk.anna.chat.texts)


# --- the token ---


async def test_the_token_is_in_no_log_and_no_traceback(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    secret = desk.world.token.partition(":")[2]
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure_logging("DEBUG")
    try:
        desk.world.faults.add(
            Fault("getUpdates", "page", 502), Fault("getUpdates", "drop"), Fault("sendMessage", "drop_after"),
            Fault("sendMessage", "page", 500), Fault("setMyCommands", "page", 500), Fault("getMe", "drop"),
        )  # fmt: skip
        async with desk.running():
            for text in ("one", "two", "boom", "three"):
                desk.anna.say(text)
            await desk.world.until(lambda: "you said three" in desk.anna.chat.texts)
        await desk.api.stop()
        async with desk.running() as front:
            await desk.until(lambda: front.trouble)
    finally:
        root.handlers[:], root.level = before, level
    written = "".join(capfd.readouterr())
    assert "Traceback" in written
    assert "Telegram does not answer" in written
    assert secret not in written
