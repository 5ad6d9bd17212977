"""The same conversation behind a console, a script and Telegram: each driven as a person would drive it."""

import asyncio
import io
import json
import queue
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from fakes.telegram_desk import Desk
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Incoming, Reply
from services.bot.messengers.console import run_console
from services.bot.messengers.script import run_script


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees after a turn: the text that is new, and what can be pressed."""

    text: str
    labels: tuple[str, ...]


class Surface(Protocol):
    """Somebody in front of something."""

    async def say(self, text: str) -> Seen:
        """Write something."""

    async def press(self, label: str) -> Seen:
        """Press a button of what was seen last."""


class Typed:
    """Standard input that is typed into, line by line."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()

    def isatty(self) -> bool:
        return False

    def type(self, line: str | None) -> None:
        """Type a line; None ends the input."""
        self._lines.put(line)

    def __iter__(self) -> Iterator[str]:
        while (line := self._lines.get()) is not None:
            yield f"{line}\n"


class Silent:
    """An inbox without alerts."""

    async def alerts(self, who: str) -> AsyncIterator[Reply]:
        await asyncio.Event().wait()
        yield Reply()


class Overheard:
    """A conversation that also says when everything before has been shown: it is asked for the next only then."""

    PROBE = "(is that all?)"

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self.clock = conversation.clock
        self.shown: asyncio.Queue[None] = asyncio.Queue()
        self.last = Reply()

    async def handle(self, incoming: Incoming) -> Reply:
        if incoming.text == self.PROBE:
            self.shown.put_nowait(None)
            return Reply()
        self.last = await self._conversation.handle(incoming)
        return self.last


class OnConsole:
    """A chat in a terminal (here a pipe): buttons are pressed by typing their number."""

    def __init__(self, conversation: Conversation) -> None:
        self._heard = Overheard(conversation)
        self._typed, self._out = Typed(), io.StringIO()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["OnConsole"]:
        conversation: Any = self._heard
        stdin: Any = self._typed
        running = asyncio.create_task(
            run_console(
                conversation, Silent(), who="console:me", stdin=stdin, stdout=self._out, stderr=io.StringIO(),
                stop=asyncio.Event(),
            )
        )  # fmt: skip
        yield self
        self._typed.type(None)
        await running

    async def say(self, text: str) -> Seen:
        before = len(self._out.getvalue())
        self._typed.type(text)
        self._typed.type(Overheard.PROBE)
        await self._heard.shown.get()
        labels = tuple(button.label for row in self._heard.last.buttons for button in row)
        shown = self._out.getvalue()[before:].replace("[", "").replace("]", "")
        return Seen(shown, tuple(label for label in labels if label.isdecimal() or label in shown))

    async def press(self, label: str) -> Seen:
        labels = [button.label for row in self._heard.last.buttons for button in row]
        return await self.say(str(labels.index(label) + 1))


class OnScript:
    """JSON lines in and out: buttons are pressed by sending their action."""

    def __init__(self, conversation: Conversation, language: str) -> None:
        self._heard = Overheard(conversation)
        self._language = language
        self._typed, self._out = Typed(), io.StringIO()
        self._actions: dict[str, str] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["OnScript"]:
        conversation: Any = self._heard
        stdin: Any = self._typed
        running = asyncio.create_task(
            run_script(conversation, Silent(), stdin=stdin, stdout=self._out, stop=asyncio.Event())
        )
        yield self
        self._typed.type(None)
        await running

    async def say(self, text: str) -> Seen:
        return await self._turn({"text": text})

    async def press(self, label: str) -> Seen:
        return await self._turn({"action": self._actions[label]})

    async def _turn(self, said: dict[str, str]) -> Seen:
        before = len(self._out.getvalue())
        self._typed.type(json.dumps({"who": "anna", "language": self._language, **said}))
        self._typed.type(json.dumps({"who": "anna", "text": Overheard.PROBE}))
        await self._heard.shown.get()
        reply = json.loads(self._out.getvalue()[before:].splitlines()[0])["reply"]
        buttons = [button for row in reply["buttons"] for button in row]
        if buttons:
            self._actions = {button["label"]: button["action"] for button in buttons}
        return Seen(reply["text"], tuple(button["label"] for button in buttons))


class OnTelegram:
    """A private chat on the fake Telegram."""

    def __init__(self, desk: Desk, conversation: Conversation, language: str) -> None:
        self._desk, self._conversation = desk, conversation
        self._person = desk.world.person("Boris", language=language)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["OnTelegram"]:
        async with self._desk.running(conversation=self._conversation):
            yield self

    async def say(self, text: str) -> Seen:
        return await self._new(lambda: self._person.say(text))

    async def press(self, label: str) -> Seen:
        return await self._new(lambda: self._person.press(label))

    async def _new(self, act: Any) -> Seen:
        before = {(each.message_id, each.edits) for each in self._screen()}
        act()
        await self._desk.until(
            lambda: any((each.message_id, each.edits) not in before for each in self._screen())
        )
        async with asyncio.timeout(10):
            while await self._desk.waiting():
                await asyncio.sleep(0)
        new = [each for each in self._screen() if (each.message_id, each.edits) not in before]
        return Seen(
            "\n\n".join(each.text for each in new), tuple(label for each in new for label in each.labels)
        )

    def _screen(self) -> list[Any]:
        return [each for each in self._person.chat.screen if each.by_bot]
