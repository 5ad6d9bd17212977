"""The conversation itself: something said in, an answer out. It knows no transport and keeps no dialogue state."""

import asyncio
import difflib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.bot.conversation import answers, notices, reading
from services.bot.conversation.asking import command_of, continued
from services.bot.conversation.commands import COMMANDS
from services.bot.conversation.errands import ERRANDS, Handler
from services.bot.conversation.intents import Intent, IntentKind, Reader
from services.bot.conversation.languages import language_of
from services.bot.conversation.machine import Data
from services.bot.conversation.messages import Button, Incoming, Reply
from services.bot.conversation.naming import SpokenActors, SpokenPlaces
from services.bot.conversation.ports import (
    FOLLOW_LIMIT,
    Actors,
    Desk,
    Everybody,
    NothingWaits,
    Permissions,
    Places,
    Recall,
    Turn,
    WaitingDigests,
)
from services.bot.conversation.recall import LocalRecall
from services.bot.conversation.texts import DEFAULT, Speaker, known_language, speaker, speaking
from services.bot.preferences import PreferencesStore
from services.bot.preferences_local import LocalPreferences
from services.bot.reviews import LocalReviews, Reviews
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
        preferences: PreferencesStore | None = None,
        permissions: Permissions | None = None,
        reviews: Reviews | None = None,
        digests: WaitingDigests | None = None,
        zone: tzinfo = UTC,
        patience: float = 10.0,
        follow_limit: int = FOLLOW_LIMIT,
    ) -> None:
        self.clock = clock
        self._desk = Desk(
            archive,
            SpokenPlaces(places),
            SpokenActors(actors),
            subscriptions,
            recall or LocalRecall(),
            clock,
            zone,
            preferences or LocalPreferences(),
            permissions or Everybody(),
            reviews=reviews or LocalReviews(),
            digests=digests or NothingWaits(),
            follow_limit=follow_limit,
        )
        self._patience = patience

    async def handle(self, incoming: Incoming) -> Reply:
        """Answer. Bad input, an unreachable archive and faults of ours are answers too; nothing is raised."""
        told = Speaker(known_language(incoming.language) or language_of(incoming.text) or DEFAULT)
        try:
            async with asyncio.timeout(self._patience):
                before = await self._desk.recall.last(incoming.who)
                told = await self._speaker(incoming, before)
                with speaking(told):
                    return await self._presentable(incoming.who, before, await self._answer(incoming, before))
        except (ArchiveUnavailable, TimeoutError) as error:
            _logger.warning("no answer from the archive: %s", type(error).__name__)
            with speaking(told):
                return notices.unreachable()
        except Exception:
            incident = secrets.token_hex(2)
            _logger.exception("a question could not be answered (id %s)", incident)
            with speaking(told):
                return notices.went_wrong(incident)

    async def _speaker(self, incoming: Incoming, before: Turn) -> Speaker:
        """Return how to speak: as the reader prefers, else as the client does, else as the reader does."""
        preferred = await self._desk.preferences.get(incoming.who)
        said = (preferred.language, incoming.language, language_of(incoming.text), before.language)
        language = next((known for code in said if (known := known_language(code))), DEFAULT)
        return Speaker(language, self._zone(preferred.zone))

    def _zone(self, name: str | None) -> tzinfo:
        """Return the zone of that name; one that is no longer known costs a reader no answer."""
        try:
            return ZoneInfo(name) if name else self._desk.zone
        except (ZoneInfoNotFoundError, ValueError):
            return self._desk.zone

    async def _answer(self, incoming: Incoming, before: Turn) -> Reply:
        reader = Reader(self._desk.places, self._desk.actors, self._desk.clock.now(), speaker().zone)
        for _ in range(MOST_HOPS):
            intent = reader.read(incoming.text)
            if intent.kind not in _REFERRING:
                break
            meant = await self._meant(before, intent)
            if isinstance(meant, Reply):
                return meant
            incoming = replace(incoming, text=meant)
        else:
            return notices.expired()
        if before.asked and (intent.refers or (intent.goes_on and intent.kind in _ASKING)):
            asked = reader.read(before.asked)
            intent = replace(intent, topic=asked.topic) if intent.refers else continued(asked, intent)
        reply = await _HANDLERS[intent.kind](self._desk, incoming, intent)
        if intent.kind in _ASKING | {"trend"}:
            reply = replace(reply, data={**reply.data, "command": command_of(intent)})
        turned = incoming.pressed and (intent.turned or intent.mentions)
        return replace(reply, replaces=True) if turned and reply.data.get("stories") else reply

    async def _meant(self, turn: Turn, intent: Intent) -> str | Reply:
        """Return the command that a number, "more", "yes" or a token stands for, else an answer."""
        match intent.kind:
            case "token":
                return await self._desk.recall.expand(intent.words) or notices.expired()
            case "more" | "back":
                return (turn.more if intent.kind == "more" else turn.asked) or notices.nothing_more()
            case "yes" | "no":
                accepted = turn.offer if intent.kind == "yes" else notices.left_so()
                return accepted if accepted and turn.offer else notices.empty()
        number = int(intent.words)
        if 0 < number <= len(turn.actions):
            return turn.actions[number - 1]
        return notices.no_such_number(intent.words, len(turn.actions))

    async def _presentable(self, who: str, before: Turn, reply: Reply) -> Reply:
        """Shorten long actions, and remember what was shown so that "2", "more" and "why?" can refer to it."""
        rows = tuple([tuple([await self._fitting(button) for button in row]) for row in reply.buttons])
        actions = tuple(button.action for row in rows for button in row)
        if not reply.data.get("confirmed"):  # whoever has been forgotten is not remembered for it
            after = replace(_turn_after(before, reply.data, actions), language=speaker().language)
            await self._desk.recall.remember(who, after)
        return replace(reply, buttons=rows, data={"language": speaker().language, **reply.data})

    async def _fitting(self, button: Button) -> Button:
        if len(button.action.encode()) <= ACTION_BYTES:
            return button
        return replace(button, action=f"/more {await self._desk.recall.shorten(button.action)}")


def _fixed(make: Callable[[], Reply]) -> Handler:
    async def handler(_desk: Desk, _incoming: Incoming, _intent: Intent) -> Reply:
        return make()

    return handler


async def _long(_desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    offers = [(topic, f"/latest {topic.terms[0]}") for topic in intent.topic.each()[:MOST_OFFERS]]
    return notices.too_long(len(incoming.text), offers)


async def _unknown_command(_desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    names = [name for name, _does in COMMANDS]
    similar = difflib.get_close_matches(intent.words, names, n=1)
    rest = " ".join(incoming.text.split()[1:])
    return notices.unknown_command(intent.words, f"{similar[0]} {rest}".strip() if similar else None)


async def _greeting(_desk: Desk, incoming: Incoming, _intent: Intent) -> Reply:
    return notices.greeting(incoming.name)


async def _future(_desk: Desk, _incoming: Incoming, intent: Intent) -> Reply:
    return notices.future(intent.topic)


async def _latest(desk: Desk, _incoming: Incoming, intent: Intent) -> Reply:
    return await answers.latest(desk, intent)


async def _search(desk: Desk, _incoming: Incoming, intent: Intent) -> Reply:
    return await answers.search(desk, intent)


async def _story(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    return await reading.story(desk, incoming.who, intent)


async def _why(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    return await reading.why(desk, incoming.who, intent)


#: Questions for stories, which the next one may go on from.
_ASKING: frozenset[IntentKind] = frozenset({"latest", "search", "lookup"})
#: What refers to the answer before.
_REFERRING: frozenset[IntentKind] = frozenset({"press", "more", "token", "back", "yes", "no"})

_HANDLERS: Mapping[IntentKind, Handler] = {
    "empty": _fixed(notices.empty),
    "long": _long,
    "unknown_command": _unknown_command,
    "latest": _latest,
    "search": _search,
    "lookup": _search,
    "story": _story,
    "why": _why,
    "help": _fixed(notices.usage),
    "start": _fixed(notices.welcome),
    "greeting": _greeting,
    "thanks": _fixed(notices.thanks),
    "chat": _fixed(notices.chat),
    "future": _future,
    **ERRANDS,
}


def _turn_after(before: Turn, data: Data, actions: tuple[str, ...]) -> Turn:
    """Return what "2", "more" and "why?" refer to next: opening a story keeps its list."""
    command = data.get("command")
    after = replace(
        before,
        actions=actions or before.actions,
        # what made no sense is nothing to go on from
        asked=command if isinstance(command, str) and data.get("error") != "unknown_name" else before.asked,
        offer=_offered(data, actions),
    )
    stories = data.get("stories")
    ids = tuple(str(story["id"]) for story in stories) if isinstance(stories, list) else ()
    if not ids:
        return after
    if data.get("intent") in {"story", "why"}:
        return replace(after, opened=ids[0])
    more = data.get("more")
    return replace(after, stories=ids, opened=None, more=more if isinstance(more, str) else None)


def _offered(data: Data, actions: tuple[str, ...]) -> str | None:
    """Return what "yes" stands for after an answer: the one thing that it asked about."""
    suggestions = data.get("suggestions")
    asked_once = (
        data.get("confirmed") is False
        or data.get("error") == "unknown_command"
        or (isinstance(suggestions, list) and len(suggestions) == 1)
    )
    return actions[0] if asked_once and actions else None
