"""The page for people and the control of the world over HTTP, for browsers and for tests in other processes.

GET  /                        the page
GET  /control/world           everybody and everything on their screens
GET  /control/events          server-sent events, one at each change
GET  /control/journal         ?since=N&method=sendMessage: the calls of the bot from the N-th on
GET  /control/photo/<id>      a picture as it was uploaded
POST /control/<action>        a JSON object; the actions are in actions.py
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fakes.botapi.actions import ACTIONS
from fakes.botapi.chats import Chat, Shown
from fakes.botapi.errors import Json
from fakes.botapi.inline import InlineQuery
from fakes.botapi.menus import menu_for
from fakes.botapi.params import Upload
from fakes.botapi.world import Call, World

PAGE = Path(__file__).with_name("page.html")
#: The most messages of a chat, and calls, that the page is sent.
SHOWN, CALLS = 200, 60
#: Changes so close together, in seconds, are told as one.
BREATH = 0.05

Answer = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on."""

    kind: str
    chunks: AsyncGenerator[bytes, None]


class Control:
    """What is asked for outside the Bot API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, method: str, path: str, query: str, kind: str, body: bytes) -> Answer | Stream:
        """Answer a request. What cannot be done is said in a sentence, with the status 400."""
        if method == "POST":
            return self._act(path.removeprefix("/control/"), kind, body)
        if path == "/":
            return 200, "text/html; charset=utf-8", PAGE.read_bytes()
        if path == "/control/events":
            return Stream("text/event-stream", self._events())
        if path == "/control/world":
            return _json(200, world_json(self._world))
        if path == "/control/journal":
            asked = {name: values[-1] for name, values in parse_qs(query).items()}
            return _json(200, journal_json(self._world, int(asked.get("since", 0)), asked.get("method")))
        photo = self._world.photos.get(path.removeprefix("/control/photo/"))
        return (200, photo.kind, photo.data) if photo else _json(404, {"error": f"there is no {path}"})

    def _act(self, name: str, kind: str, body: bytes) -> Answer:
        # A page of another origin cannot send this type without being asked first.
        if not kind.startswith("application/json"):
            return _json(415, {"error": "send application/json"})
        if name not in ACTIONS:
            return _json(404, {"error": f"there is no action {name!r}, only {', '.join(ACTIONS)}"})
        try:
            result = ACTIONS[name](self._world, json.loads(body or b"{}"))
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            return _json(400, {"error": str(error) or type(error).__name__})
        self._world.changed()
        return _json(200, result or {})

    async def _events(self) -> AsyncGenerator[bytes, None]:
        event = asyncio.Event()
        self._world.watch(event)
        try:
            while True:
                event.clear()
                yield b"data: changed\n\n"
                await event.wait()
                await asyncio.sleep(BREATH)
        finally:
            self._world.unwatch(event)


def _json(status: int, answer: Any) -> Answer:
    return status, "application/json", json.dumps(answer, default=str).encode()


# --- what is told ---


def journal_json(world: World, since: int = 0, method: str | None = None) -> Json:
    """Return the calls from the ``since``-th on; ``next`` is where to go on."""
    calls = [call_json(call) for call in world.journal[since:] if method in {None, call.method}]
    return {"next": len(world.journal), "calls": calls}


def call_json(call: Call) -> Json:
    """Return a call for readers: files by their size."""
    params = {
        name: f"<file {value.name}, {len(value.data)} bytes>" if isinstance(value, Upload) else value
        for name, value in call.params.items()
    }
    return {
        "method": call.method, "params": params, "code": call.code, "error": call.error,
        "result": call.result, "at": call.at, "answered_at": call.answered_at,
    }  # fmt: skip


def world_json(world: World) -> Json:
    """Return what the page shows."""
    calls = [call for call in world.journal[-10 * CALLS :] if call.method.lower() != "getupdates"][-CALLS:]
    return {
        "bot": world.me, "now": world.clock.now(), "rate": world.clock.rate,
        "listening": _listening(world), "limits": world.flood.limits is not None,
        "refusals": len(world.flood.refusals), "faults": [str(fault) for fault in world.faults.pending],
        "pending": len(world.updates),
        "people": [person.user | {"chat": person.chat.id} for person in world.people.values()],
        "chats": [chat_json(chat) for chat in world.chats.values() if chat.moved_to is None],
        "menus": {f"{c.id}:{p.user['id']}": _menu(world, c, p.user) for c, p in _seats(world)},
        "inline": {query.id: _asked_json(query) for query in list(world.inline.asked.values())[-5:]},
        "calls": [call_json(call) | {"result": None} for call in calls],
    }  # fmt: skip


def _seats(world: World) -> list[tuple[Chat, Any]]:
    return [
        (chat, person)
        for chat in world.chats.values()
        for person in world.people.values()
        if chat is person.chat or person.user["id"] in chat.members
    ]


def _menu(world: World, chat: Chat, user: Json) -> list[Json]:
    return menu_for(world, chat.id, user["id"], str(user.get("language_code", "")))


def _asked_json(query: InlineQuery) -> Json:
    shown = [{"id": r["id"], "title": r.get("title"), "about": r.get("description")} for r in query.results]
    return {"answered": query.answered, "results": shown, "next": query.next_offset}


def _listening(world: World) -> str:
    """Say how the bot gets its updates at the moment."""
    if world.webhook:
        return f"webhook {world.webhook.url}"
    return "polling" if world.poll and not world.poll.done() else "nobody asks for updates"


def chat_json(chat: Chat) -> Json:
    """Return a chat with its screen."""
    return {
        "id": chat.id, "type": chat.type, "title": chat.title, "status": chat.status, "forum": chat.is_forum,
        "members": {str(user_id): member.status for user_id, member in chat.members.items()},
        "topics": [{"id": t.id, "name": t.name, "closed": t.closed} for t in chat.topics.values()],
        "toasts": chat.toasts, "acted_at": chat.acted_at, "spoke_at": chat.log[-1].at if chat.log else 0,
        "action": chat.actions[-1] if chat.actions else None,
        "screen": [shown_json(shown) for shown in chat.screen[-SHOWN:]],
    }  # fmt: skip


def shown_json(shown: Shown) -> Json:
    """Return a message with everything that can be seen of it."""
    return {
        "id": shown.message_id, "text": shown.text, "entities": [e.as_json() for e in shown.entities],
        "buttons": shown.buttons, "bot": shown.by_bot, "sender": shown.sender.get("first_name", ""),
        "sender_id": shown.sender.get("id"), "silent": shown.silent, "edits": shown.edits, "at": shown.at,
        "reply_to": shown.reply_to, "thread": shown.thread, "preview": shown.preview,
        "photo": shown.photo.as_json() if shown.photo else None,
        "service": shown.more,
    }  # fmt: skip
