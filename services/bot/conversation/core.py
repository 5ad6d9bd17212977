"""The conversation itself: something said in, an answer out. It knows no transport and keeps no dialogue state."""

import asyncio
import difflib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, tzinfo

from services.bot.conversation import answers, following, notices, phrases, reading
from services.bot.conversation.intents import Intent, IntentKind, Reader
from services.bot.conversation.machine import Data
from services.bot.conversation.messages import Button, Incoming, Reply
from services.bot.conversation.ports import Actors, Desk, Places, Recall, Turn
from services.bot.conversation.recall import LocalRecall
from services.bot.subscriptions import Subscriptions
from shared.archive.port import ArchiveUnavailable, StoryArchive
from shared.clock import Clock

#: Telegram's limit for what a button sends, bytes in UTF-8.
ACTION_BYTES = 64

#: A number stands for a button, whose action may stand for a longer command.
MOST_HOPS = 3

#: Buttons under a message that is too long to be a question.
MOST_OFFERS = 3

_logger = logging.getLogger(__name__)
_Handler = Callable[[Incoming, Intent], Awaitable[Reply]]


class Conversation:
    """Answers whatever is said. Safe to share between any number of recipients and tasks.

    ``patience`` is how many seconds an answer may take before the archive counts as unreachable.
    """

    def __init__(
        self,
        *,
        archive: StoryArchive,
        places: Places,
        actors: Actors,
        subscriptions: Subscriptions,
        clock: Clock,
        recall: Recall | None = None,
        zone: tzinfo = UTC,
        patience: float = 10.0,
    ) -> None:
        recall = LocalRecall() if recall is None else recall
        self.clock = clock
        self._desk = Desk(archive, places, actors, subscriptions, recall, clock, zone)
        self._patience = patience
        self._handlers = self._table()

    async def handle(self, incoming: Incoming) -> Reply:
        """Answer. Bad input, an unreachable archive and faults of ours are answers too; nothing is raised."""
        try:
            async with asyncio.timeout(self._patience):
                reply = await self._answer(incoming)
                return await self._presentable(incoming.who, reply)
        except (ArchiveUnavailable, TimeoutError) as error:
            _logger.warning("no answer from the archive: %s", type(error).__name__)
            return notices.unreachable()
        except Exception:
            incident = secrets.token_hex(2)
            _logger.exception("a question could not be answered (id %s)", incident)
            return notices.went_wrong(incident)

    async def _answer(self, incoming: Incoming) -> Reply:
        reader = Reader(self._desk.places, self._desk.actors, self._desk.clock.now(), self._desk.zone)
        for _ in range(MOST_HOPS):
            intent = reader.read(incoming.text)
            if intent.kind not in {"press", "more", "token"}:
                break
            meant = await self._meant(incoming, intent)
            if isinstance(meant, Reply):
                return meant
            incoming = replace(incoming, text=meant)
        else:
            return notices.expired()
        reply = await self._handlers[intent.kind](incoming, intent)
        turned = incoming.pressed and (intent.turned or intent.mentions)
        return replace(reply, replaces=True) if turned and reply.data.get("stories") else reply

    async def _meant(self, incoming: Incoming, intent: Intent) -> str | Reply:
        """Return the command that a number, "more" or a token stands for, or an answer when there is none."""
        if intent.kind == "token":
            return await self._desk.recall.expand(intent.words) or notices.expired()
        turn = await self._desk.recall.last(incoming.who)
        if intent.kind == "more":
            return turn.more or notices.nothing_more()
        number = int(intent.words)
        if 0 < number <= len(turn.actions):
            return turn.actions[number - 1]
        return notices.no_such_number(intent.words, len(turn.actions))

    async def _presentable(self, who: str, reply: Reply) -> Reply:
        """Shorten long actions, and remember what was shown so that "2", "more" and "why?" can refer to it."""
        rows = tuple([tuple([await self._fitting(button) for button in row]) for row in reply.buttons])
        actions = tuple(button.action for row in rows for button in row)
        if reply.data.get("intent") != "forget":
            before = await self._desk.recall.last(who)
            await self._desk.recall.remember(who, _turn_after(before, reply.data, actions))
        return replace(reply, buttons=rows)

    async def _fitting(self, button: Button) -> Button:
        if len(button.action.encode()) <= ACTION_BYTES:
            return button
        return replace(button, action=f"/more {await self._desk.recall.shorten(button.action)}")

    def _table(self) -> dict[IntentKind, _Handler]:
        desk = self._desk
        return {
            "empty": _fixed(lambda _: notices.empty()),
            "long": _long,
            "unknown_command": lambda _, intent: _unknown_command(intent),
            "latest": lambda _, intent: answers.latest(desk, intent),
            "search": lambda _, intent: answers.search(desk, intent),
            "lookup": lambda _, intent: answers.search(desk, intent),
            "story": lambda said, intent: reading.story(desk, said.who, intent),
            "why": lambda said, intent: reading.why(desk, said.who, intent),
            "follow": lambda said, intent: following.follow(desk, said.who, intent),
            "unfollow": lambda said, intent: following.unfollow(desk, said.who, intent, pressed=said.pressed),
            "following": lambda said, _: following.following(desk, said.who),
            "forget": lambda said, intent: following.forget(desk, said.who, intent.words),
            "help": _fixed(lambda _: notices.usage()),
            "start": _fixed(lambda _: notices.welcome()),
            "greeting": _fixed(lambda said: notices.greeting(said.name)),
            "thanks": _fixed(lambda _: notices.thanks()),
        }


def _fixed(make: Callable[[Incoming], Reply]) -> _Handler:
    async def handler(incoming: Incoming, _: Intent) -> Reply:
        return make(incoming)

    return handler


async def _long(incoming: Incoming, intent: Intent) -> Reply:
    offers = [(topic, f"/latest {topic.terms[0]}") for topic in intent.topic.each()[:MOST_OFFERS]]
    return notices.too_long(len(incoming.text), offers)


async def _unknown_command(intent: Intent) -> Reply:
    names = [name for name, _ in phrases.COMMANDS]
    similar = difflib.get_close_matches(intent.words, names, n=1)
    return notices.unknown_command(intent.words, similar[0] if similar else None)


def _turn_after(before: Turn, data: Data, actions: tuple[str, ...]) -> Turn:
    """Return what "2", "more" and "why?" refer to next: opening a story keeps its list."""
    after = replace(before, actions=actions or before.actions)
    stories = data.get("stories")
    ids = tuple(str(story["id"]) for story in stories) if isinstance(stories, list) else ()
    if not ids:
        return after
    if data.get("intent") in {"story", "why"}:
        return replace(after, opened=ids[0])
    more = data.get("more")
    return Turn(after.actions, ids, None, more if isinstance(more, str) else None)
