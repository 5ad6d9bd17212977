"""The fake's page and its control over HTTP, as a browser and a test in another process use them."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from fakes.botapi.actions import ACTIONS
from fakes.botapi.client import Client
from fakes.botapi.server import FakeBotApi
from fakes.processes import DATELINE
from services.verbs.dev import TESTS, botapi


class Browser(Client):
    """Somebody at the page."""

    async def get(self, path: str) -> Any:
        response = await self.client.get(f"{self.api.url}{path}")
        assert response.status_code == 200
        return response.json()

    async def do(self, action: str, **asked: Any) -> Any:
        response = await self.client.post(f"{self.api.url}/control/{action}", json=asked)
        answer = response.json()
        assert ("error" in answer) == (response.status_code != 200)
        return answer

    async def chat(self, chat_id: int) -> Any:
        world = await self.get("/control/world")
        return next(chat for chat in world["chats"] if chat["id"] == chat_id)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with FakeBotApi() as api, httpx.AsyncClient() as client:
        yield Browser(api, client)


async def test_the_page_needs_nothing_from_elsewhere(browser: Browser) -> None:
    page = (await browser.client.get(f"{browser.api.url}/")).text
    assert "<title>Fake Telegram</title>" in page
    assert "src=" not in page
    assert "http://" not in page.replace("https?://", "")
    for action in (
        "say",
        "edit",
        "press",
        "person",
        "group",
        "membership",
        "migrate",
        "inline",
        "choose",
        "limits",
    ):
        assert f'"{action}"' in page
        assert action in ACTIONS


async def test_a_conversation_through_the_page(browser: Browser) -> None:
    anna = (await browser.do("person", name="Anna"))["person"]
    await browser.do("say", person=anna, text="/latest")
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "/more"}]]}
    body = {"chat_id": anna, "text": "<b>x</b> & y", "parse_mode": "HTML", "reply_markup": keyboard}
    _, sent = await browser.post("sendMessage", json=body)
    asked, answer = (await browser.chat(anna))["screen"]
    assert (asked["text"], asked["bot"], asked["sender_id"]) == ("/latest", False, anna)
    assert (answer["text"], answer["entities"][0]["type"], answer["silent"]) == ("x & y", "bold", False)
    assert "query" in await browser.do("press", person=anna, message=sent["message_id"], row=0, column=0)
    assert "query" in await browser.do("press", person=anna, label="More")
    await browser.do("edit", person=anna, message=asked["id"], text="/latest KZ")
    _, updates = await browser("getUpdates")
    kinds = [next(kind for kind in update if kind != "update_id") for update in updates]
    assert kinds == ["message", "callback_query", "callback_query", "edited_message"]


async def test_a_group_and_what_happens_in_it(browser: Browser) -> None:
    anna = (await browser.do("person", name="Anna"))["person"]
    boris = (await browser.do("person", name="Boris"))["person"]
    made = await browser.do("group", person=anna, title="Desk", forum=True, topics=["KZ"])
    chat = await browser.chat(made["chat"])
    assert chat["members"] == {str(anna): "creator", str(boris): "member"}
    assert [topic["name"] for topic in chat["topics"]] == ["KZ"]
    await browser.do("membership", person=boris, chat=made["chat"], do="promote")
    await browser.do("membership", person=boris, chat=made["chat"], do="kick_bot")
    chat = await browser.chat(made["chat"])
    assert (chat["members"][str(boris)], chat["status"]) == ("administrator", "kicked")
    plain = (await browser.do("group", person=anna, kind="group"))["chat"]
    new = (await browser.do("migrate", chat=plain))["chat"]
    world = await browser.get("/control/world")
    assert [c["id"] for c in world["chats"]] == [anna, boris, made["chat"], new]


async def test_trouble_on_demand(browser: Browser) -> None:
    anna = (await browser.do("person"))["person"]
    message = {"chat_id": anna, "text": "x"}
    await browser.do("faults", method="sendMessage", kind="answer", code=500)
    assert (await browser("sendMessage", **message))[0] == 500
    await browser.do("faults", method="sendMessage", kind="answer", times=5)
    await browser.do("faults", clear=True)
    await browser.do("limits", on=True)
    assert [(await browser("sendMessage", **message))[0] for _ in range(4)] == [200] * 3 + [429]
    await browser.do("clock", advance=60)
    await browser.do("limits", ban=30)
    assert (await browser("sendMessage", **message))[0] == 429
    assert (await browser.get("/control/world"))["refusals"] == 2


async def test_inline_mode_through_the_page(browser: Browser) -> None:
    anna = (await browser.do("person"))["person"]
    query = (await browser.do("inline", person=anna, text="gas"))["query"]
    content = {"message_text": "told"}
    results = [{"type": "article", "id": "1", "title": "Gas", "input_message_content": content}]
    await browser.post("answerInlineQuery", json={"inline_query_id": query, "results": results})
    shown = (await browser.get("/control/world"))["inline"][query]
    assert shown == {"answered": True, "results": [{"id": "1", "title": "Gas", "about": None}], "next": ""}
    await browser.do("choose", person=anna, query=query, result="1")
    assert [message["text"] for message in (await browser.chat(anna))["screen"]] == ["told"]
    assert "no question 7" in (await browser.do("choose", person=anna, query="7", result="1"))["error"]


async def test_the_journal_tells_every_call(browser: Browser) -> None:
    anna = (await browser.do("person"))["person"]
    await browser("sendMessage", chat_id=anna, text="x")
    await browser("sendMessage", chat_id=4711, text="x")
    files = {"photo": ("a.png", b"no picture", "image/png")}
    await browser.post("sendPhoto", data={"chat_id": str(anna)}, files=files)
    told = await browser.get("/control/journal")
    assert [(c["method"], c["code"], c["error"]) for c in told["calls"]] == [
        ("sendMessage", 200, None),
        ("sendMessage", 400, "Bad Request: chat not found"),
        ("sendPhoto", 400, "Bad Request: IMAGE_PROCESS_FAILED"),
    ]
    assert told["calls"][0]["result"]["text"] == "x"
    assert told["calls"][2]["params"]["photo"] == "<file a.png, 10 bytes>"
    assert all(call["answered_at"] >= call["at"] for call in told["calls"])
    later = await browser.get("/control/journal?since=1&method=sendPhoto")
    assert (len(later["calls"]), later["next"]) == (1, 3)


async def test_changes_are_told_as_they_happen(browser: Browser) -> None:
    async with browser.client.stream("GET", f"{browser.api.url}/control/events") as events:
        lines = events.aiter_lines()
        assert await anext(lines) == "data: changed"
        anna = browser.world.person()
        anna.say("x")
        async with asyncio.timeout(10):
            assert [await anext(lines), await anext(lines)] == ["", "data: changed"]


@pytest.mark.parametrize(
    ("action", "asked", "wrong"),
    [
        ("say", {"person": 1, "text": "x"}, "1"),
        ("press", {"person": 1000, "label": "More"}, "no button 'More'"),
        ("press", {"person": 1000, "message": 4711, "row": 0, "column": 0}, "no message 4711"),
        ("faults", {"method": "x"}, "missing"),
        ("dance", {}, "no action 'dance'"),
    ],
)
async def test_what_cannot_be_done_is_said(
    browser: Browser, action: str, asked: dict[str, Any], wrong: str
) -> None:
    browser.world.person(user_id=1000)
    assert wrong in (await browser.do(action, **asked))["error"]


async def test_pages_of_others_cannot_press_buttons_here(browser: Browser) -> None:
    response = await browser.client.post(f"{browser.api.url}/control/limits", content='{"on": true}')
    assert response.status_code == 415
    assert browser.world.flood.limits is None


async def test_a_picture_can_be_looked_at(browser: Browser) -> None:
    picture = b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x11\x08\0\x1e\0\x28" + b"\0" * 12
    anna = browser.world.person()
    await browser.post("sendPhoto", data={"chat_id": "1000"}, files={"photo": ("a.jpg", picture)})
    photo = (await browser.chat(anna.chat.id))["screen"][0]["photo"]
    response = await browser.client.get(f"{browser.api.url}/control/photo/{photo['file_id']}")
    assert (response.headers["content-type"], response.content) == ("image/jpeg", picture)
    assert (await browser.client.get(f"{browser.api.url}/control/photo/none")).status_code == 404


def test_the_verb_starts_it_and_says_how_to_use_it() -> None:
    command = [DATELINE, "dev", "botapi", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(8)]
            words = " ".join(told).split()
            url = words[words.index("page") + 1].rstrip("/")
            token = next(w for w in words if w.startswith("DATELINE_TELEGRAM_TOKEN=")).partition("=")[2]
            assert f"DATELINE_TELEGRAM_BASE_URL={url}" in words
            answer = httpx.get(f"{url}/bot{token}/getMe", timeout=10, trust_env=False).json()
            assert answer["result"]["username"] == "dateline_bot"
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_without_a_checkout_the_verb_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        botapi([], tests=tmp_path)
    assert f"comes with the tests of a checkout, and there are none at {tmp_path}" in capsys.readouterr().err
    assert (TESTS / "fakes" / "botapi" / "page.html").is_file()
