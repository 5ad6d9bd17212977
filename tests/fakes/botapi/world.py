"""The world behind the fake Bot API: people and groups with screens, and the updates that the bot has yet to get.

A chat's ``screen`` is what a person sees now, after all edits; ``notifications`` are the sounds that came with it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakes.botapi.entities import Entity
from fakes.botapi.faults import FaultScript

Json = dict[str, Any]


class ApiError(Exception):
    """An error answer of the Bot API."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass(slots=True)
class Shown:
    """A message on a screen."""

    message_id: int
    text: str
    entities: list[Entity]
    buttons: list[list[Json]]
    by_bot: bool
    sender: Json
    silent: bool = False
    edits: int = 0
    reply_to: int | None = None

    @property
    def labels(self) -> list[str]:
        """The labels of the buttons, row by row."""
        return [button["text"] for row in self.buttons for button in row]


@dataclass(slots=True)
class Call:
    """A call of the journal. ``result`` is None while it runs and for a call that was not processed."""

    method: str
    params: Json
    result: Any = None
    error: str | None = None


@dataclass(slots=True)
class Chat:
    """A chat, and what the people in it can do."""

    world: "World"
    id: int
    type: str
    title: str
    status: str = "member"
    """What the bot is in this chat: member, kicked (blocked, in a private chat), left."""
    moved_to: int | None = None
    screen: list[Shown] = field(default_factory=list)
    notifications: list[bool] = field(default_factory=list)
    """For each message of the bot whether it came silently."""
    toasts: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The texts of the bot's messages as they are now."""
        return [shown.text for shown in self.screen if shown.by_bot]

    def as_json(self) -> Json:
        """Return the chat as the Bot API writes it."""
        named = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        return {"id": self.id, "type": self.type, **named}


class Person:
    """Somebody with a Telegram account. The private chat with the bot is ``chat``."""

    def __init__(self, world: "World", user_id: int, name: str, language: str) -> None:
        self._world = world
        self.user: Json = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        self.chat = world.add_chat(user_id, "private", name)

    def say(
        self, text: str, chat: Chat | None = None, *, reply_to: Shown | None = None, **more: Any
    ) -> Shown:
        """Write something, in the private chat unless another is given. ``more`` are further message fields."""
        chat = chat or self.chat
        shown = Shown(self._world.next_message_id(), text, [], [], by_bot=False, sender=self.user)
        chat.screen.append(shown)
        message = self._world.message(chat, shown) | more
        if reply_to:
            message["reply_to_message"] = self._world.message(chat, reply_to)
        if text.startswith("/"):
            name = text.split()[0]
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(name)}]
        self._world.push({"message": message})
        return shown

    def press(self, label: str, chat: Chat | None = None) -> str:
        """Press the newest button with this label. Return the id of the press. Fails when nobody can see one."""
        chat = chat or self.chat
        for shown in reversed(chat.screen):
            for button in (button for row in shown.buttons for button in row):
                if button["text"] == label:
                    return self.press_data(button.get("callback_data"), shown, chat)
        raise AssertionError(
            f"no button {label!r} on the screen, there are {[s.labels for s in chat.screen]}"
        )

    def press_data(self, data: str | None, shown: Shown, chat: Chat | None = None) -> str:
        """Press a button with any data, as an old or a forged client can."""
        query_id = self._world.open_query(chat or self.chat)
        query: Json = {
            "id": query_id, "from": self.user, "chat_instance": "1",
            "message": self._world.message(chat or self.chat, shown),
        }  # fmt: skip
        self._world.push({"callback_query": query | ({"data": data} if data is not None else {})})
        return query_id

    def block(self) -> None:
        """Block the bot."""
        self._world.change_membership(self.chat, self.user, "kicked")

    def unblock(self) -> None:
        """Let the bot in again."""
        self._world.change_membership(self.chat, self.user, "member")


class World:
    """One bot and everybody who talks to it."""

    def __init__(self, token: str = "123456:" + "A" * 35, username: str = "dateline_bot") -> None:
        self.token = token
        self.me: Json = {
            "id": int(token.split(":")[0]), "is_bot": True, "first_name": "Dateline", "username": username,
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        }  # fmt: skip
        self.chats: dict[int, Chat] = {}
        self.updates: list[Json] = []
        self.journal: list[Call] = []
        self.faults = FaultScript()
        self.queries: dict[str, Chat] = {}
        self.commands: dict[str, list[Json]] = {}
        self.webhook = ""
        self.poll: asyncio.Future[None] | None = None
        self._message_id = self._update_id = self._query_id = 0
        self._waiting: set[asyncio.Event] = set()

    def person(self, name: str = "Anna", *, language: str = "en", user_id: int | None = None) -> Person:
        """Let somebody open a private chat with the bot."""
        return Person(self, user_id or 1000 + len(self.chats), name, language)

    def group(self, title: str = "Newsroom", *, kind: str = "supergroup") -> Chat:
        """Make a group with the bot in it."""
        return self.add_chat(-1_001_000_000_000 - len(self.chats), kind, title)

    def add_chat(self, chat_id: int, kind: str, title: str) -> Chat:
        """Add a chat."""
        chat = self.chats[chat_id] = Chat(self, chat_id, kind, title)
        return chat

    def migrate(self, group: Chat) -> Chat:
        """Make a supergroup of a group, as Telegram does: the old id is dead from now on."""
        new = self.add_chat(-1_002_000_000_000 - len(self.chats), "supergroup", group.title)
        group.moved_to = new.id
        return new

    def change_membership(self, chat: Chat, by: Json, status: str) -> None:
        """Change what the bot is in a chat; it is told so."""
        old, chat.status = chat.status, status
        self.push(
            {
                "my_chat_member": {
                    "chat": chat.as_json(), "from": by, "date": self.now(),
                    "old_chat_member": {"user": self.me, "status": old, "until_date": 0},
                    "new_chat_member": {"user": self.me, "status": status, "until_date": 0},
                }
            }
        )  # fmt: skip

    def message(self, chat: Chat, shown: Shown) -> Json:
        """Return a message as the Bot API writes it."""
        answer: Json = {
            "message_id": shown.message_id, "date": self.now(), "chat": chat.as_json(), "from": shown.sender,
            "text": shown.text,
        }  # fmt: skip
        if shown.entities:
            answer["entities"] = [entity.as_json() for entity in shown.entities]
        if shown.buttons:
            answer["reply_markup"] = {"inline_keyboard": shown.buttons}
        return answer

    def push(self, update: Json) -> int:
        """Queue an update for the bot. Return its id."""
        self._update_id += 1
        self.updates.append({"update_id": self._update_id} | update)
        self.changed()
        return self._update_id

    def open_query(self, chat: Chat) -> str:
        """Return the id of a new press that waits for its answer."""
        self._query_id += 1
        self.queries[str(self._query_id)] = chat
        return str(self._query_id)

    def next_message_id(self) -> int:
        """Return an id for a message."""
        self._message_id += 1
        return self._message_id

    def now(self) -> int:
        """Return the time in seconds, as messages carry it."""
        return int(time.time())

    def calls(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self.journal if call.method == method]

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        for event in self._waiting:
            event.set()

    async def until(self, condition: Callable[[], object], *, seconds: float = 20) -> None:
        """Wait until something is so. Fails, with the end of the journal, when it does not come about."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    event.clear()
                    await event.wait()
        except TimeoutError:
            raise AssertionError(f"did not happen; the last calls: {self.journal[-5:]}") from None
        finally:
            self._waiting.discard(event)
