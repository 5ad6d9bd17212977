"""The world behind the fake Bot API: people and groups with screens, and the updates that the bot has yet to get.

A chat's ``screen`` is what a person sees now, after all edits; its ``log`` tells what came with a sound.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakes.botapi.chats import ADMINISTRATORS, Chat, Photo, Shown
from fakes.botapi.clock import WorldClock
from fakes.botapi.errors import ApiError, Json
from fakes.botapi.faults import FaultScript
from fakes.botapi.inline import InlineMode
from fakes.botapi.limits import FloodControl, Limits
from fakes.botapi.people import Person
from fakes.botapi.telling import hears, message_json
from fakes.botapi.webhook import Webhook

__all__ = ["ApiError", "Call", "Chat", "Json", "Person", "Shown", "World"]

UPDATE_LIFETIME = 24 * 3600
#: What a bot gets that has never said what it wants.
DEFAULT_UPDATES = frozenset(
    "message edited_message channel_post edited_channel_post inline_query chosen_inline_result callback_query "
    "my_chat_member".split()
)


@dataclass(slots=True)
class Call:
    """A call of the journal. ``result`` is None while it runs and for a call that was not processed."""

    method: str
    params: Json
    result: Any = None
    error: str | None = None
    code: int = 200
    at: float = 0.0
    """When it came, by the world's clock."""
    answered_at: float | None = None


@dataclass(slots=True)
class Press:
    """A pressed button that turns until the bot answers."""

    chat: Chat
    at: float


class World:
    """One bot and everybody who talks to it.

    ``first_id`` is where the ids of updates, messages and presses begin: a bot that keeps what it has seen would take
    those of a second world, begun anew, for repetitions.
    """

    def __init__(
        self,
        token: str = "123456:" + "A" * 35,
        username: str = "dateline_bot",
        *,
        clock: WorldClock | None = None,
        limits: Limits | None = None,
        first_id: int = 1,
    ) -> None:
        self.token = token
        self.me: Json = {
            "id": int(token.split(":")[0]), "is_bot": True, "first_name": "Dateline", "username": username,
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True,
        }  # fmt: skip
        self.clock = clock or WorldClock()
        self.flood = FloodControl(self.clock, limits)
        self.faults = FaultScript()
        self.webhook = Webhook(self)
        self.inline = InlineMode(self)
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.photos: dict[str, Photo] = {}
        self.web: dict[str, bytes] = {}
        """What Telegram finds at an address that it is asked to fetch a photo from."""
        self.updates: list[Json] = []
        """What the bot has yet to get; a test may reorder it."""
        self.allowed: frozenset[str] = DEFAULT_UPDATES
        self.journal: list[Call] = []
        self.queries: dict[str, Press] = {}
        self.query_seconds = 30.0
        """How long after a press its answer is taken; the real server's time is not published."""
        self.commands: dict[str, list[Json]] = {}
        self.profile: dict[str, str] = {}
        self.privacy = True
        """Whether the bot hears in groups only what is meant for it (a switch at BotFather's)."""
        self.poll: asyncio.Future[None] | None = None
        self.last_poll: tuple[int, float] = (0, 0.0)
        self._born: dict[int, float] = {}
        # Message 1 would be the general topic of a forum.
        self._message_id, self._update_id, self._query_id = first_id, first_id - 1, first_id - 1
        self._waiting: set[asyncio.Event] = set()

    # --- who is there ---

    def person(
        self, name: str = "Anna", *, language: str = "en", user_id: int | None = None, started: bool = True
    ) -> Person:
        """Let somebody open a private chat with the bot; ``started`` False is somebody who has not yet."""
        return Person(self, user_id or 1000 + len(self.chats), name, language, started=started)

    def group(
        self,
        title: str = "Newsroom",
        *,
        kind: str = "supergroup",
        forum: bool = False,
        owner: Person | None = None,
    ) -> Chat:
        """Make a group with the bot in it, ``kind`` group or supergroup."""
        first = -1_001_000_000_000 if kind == "supergroup" else -5_000_000
        chat = self.add_chat(first - len(self.chats), kind, title)
        chat.is_forum = forum
        if owner:
            chat.add(owner, "creator")
        return chat

    def channel(
        self, title: str = "Dateline", *, username: str | None = None, administrator: bool = True
    ) -> Chat:
        """Make a channel; only as an administrator can the bot write there."""
        chat = self.add_chat(-1_003_000_000_000 - len(self.chats), "channel", title)
        chat.username, chat.status = username, "administrator" if administrator else "left"
        return chat

    def add_chat(self, chat_id: int, kind: str, title: str) -> Chat:
        """Add a chat."""
        chat = self.chats[chat_id] = Chat(self, chat_id, kind, title)
        return chat

    def migrate(self, group: Chat) -> Chat:
        """Make a supergroup of a group, as Telegram does: the old id is dead, and both chats say so."""
        new = self.add_chat(-1_002_000_000_000 - len(self.chats), "supergroup", group.title)
        new.members, new.status = dict(group.members), group.status
        self.service(group, {"migrate_to_chat_id": new.id})
        group.moved_to = new.id
        self.service(new, {"migrate_from_chat_id": group.id})
        return new

    def change_membership(self, chat: Chat, by: Json, status: str) -> None:
        """Change what the bot is in a chat; it is told so."""
        old, chat.status = chat.bot_member.as_json(chat.type), status
        new = chat.bot_member.as_json(chat.type)
        change: Json = {"chat": chat.as_json(), "from": by, "date": self.now()}
        self.push({"my_chat_member": change | {"old_chat_member": old, "new_chat_member": new}})

    # --- messages ---

    def write(
        self, chat: Chat, text: str, sender: Json, *, reply_to: Shown | None = None, thread: int | None = None,
        more: Json | None = None,
    ) -> Shown:  # fmt: skip
        """Put a message that is not the bot's on a screen, and tell the bot if it may hear it."""
        shown = Shown(self.next_message_id(), text, [], [], by_bot=False, sender=sender, at=self.now())
        shown.thread, shown.more = thread, dict(more or {})
        shown.reply_to = reply_to.message_id if reply_to else None
        chat.screen.append(shown)
        if hears(chat, shown):
            self.tell(chat, shown, "message")
        return shown

    def post(self, channel: Chat, text: str, **more: Any) -> Shown:
        """Publish something in a channel, in its own name."""
        shown = Shown(self.next_message_id(), text, [], [], by_bot=False, sender={}, at=self.now())
        shown.more = {"sender_chat": channel.as_json()} | more
        channel.screen.append(shown)
        if channel.status in ADMINISTRATORS:
            self.tell(channel, shown, "channel_post")
        return shown

    def service(
        self, chat: Chat, fields: Json, *, by: Json | None = None, thread: int | None = None
    ) -> Shown:
        """Put a service message on a screen and tell the bot."""
        who = by or next((m.user for m in chat.members.values() if m.status == "creator"), None)
        anybody = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
        shown = Shown(self.next_message_id(), "", [], [], by_bot=False, sender=who or anybody, at=self.now())
        shown.more, shown.thread = fields, thread
        chat.screen.append(shown)
        if chat.status not in {"kicked", "left"}:
            self.tell(chat, shown, "message")
        return shown

    def tell(self, chat: Chat, shown: Shown, kind: str) -> int:
        """Queue a message as an update."""
        return self.push({kind: self.message(chat, shown)})

    def message(self, chat: Chat, shown: Shown) -> Json:
        """Return a message as the Bot API writes it."""
        return message_json(chat, shown)

    # --- updates ---

    def push(self, update: Json) -> int:
        """Queue an update for the bot. Return its id, or 0 when it has not asked for this kind."""
        if not update.keys() & self.allowed:
            return 0
        self._update_id += 1
        self._born[self._update_id] = self.clock.now()
        self.updates.append({"update_id": self._update_id} | update)
        self.changed()
        return self._update_id

    def push_again(self, update: Json) -> None:
        """Queue an update that the bot has had, as Telegram may after a failure on its own side."""
        self.updates.append(update)
        self.updates.sort(key=lambda queued: int(queued["update_id"]))
        self._born.setdefault(int(update["update_id"]), self.clock.now())
        self.changed()

    def confirm(self, below: int) -> None:
        """Forget the updates below an id, and those that nobody has fetched for a day."""
        young = self.clock.now() - UPDATE_LIFETIME
        if not any(u["update_id"] < below or self._born[u["update_id"]] < young for u in self.updates):
            return
        self.updates[:] = [
            u for u in self.updates if u["update_id"] >= below and self._born[u["update_id"]] >= young
        ]

    # --- presses ---

    def open_query(self, chat: Chat) -> str:
        """Return the id of a new press that waits for its answer."""
        query_id = self.next_query_id()
        self.queries[query_id] = Press(chat, self.clock.now())
        return query_id

    def expire_queries(self) -> None:
        """Make every press and every inline question too old to be answered."""
        self.queries.clear()
        self.inline.open.clear()

    def next_query_id(self) -> str:
        """Return an id for a press or an inline question."""
        self._query_id += 1
        return str(self._query_id)

    def next_message_id(self) -> int:
        """Return an id for a message."""
        self._message_id += 1
        return self._message_id

    def now(self) -> int:
        """Return the time in seconds, as messages carry it."""
        return int(self.clock.now())

    # --- watching ---

    def calls(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self.journal if call.method == method]

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        for event in self._waiting:
            event.set()

    def watch(self, event: asyncio.Event) -> None:
        """Set an event at every change from now on, until ``unwatch``."""
        self._waiting.add(event)

    def unwatch(self, event: asyncio.Event) -> None:
        """Leave an event alone."""
        self._waiting.discard(event)

    async def until(self, condition: Callable[[], object], *, seconds: float = 20) -> None:
        """Wait until something is so. Fails, with the end of the journal, when it does not come about.

        ``seconds`` are those of the machine, not of the world's clock.
        """
        event = asyncio.Event()
        self.watch(event)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    event.clear()
                    await event.wait()
        except TimeoutError:
            raise AssertionError(f"did not happen; the last calls: {self.journal[-5:]}") from None
        finally:
            self.unwatch(event)
