"""The console messenger: a chat in a terminal, or answers to piped lines."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from services.bot.conversation.cleaning import clean
from services.bot.conversation.commands import COMMANDS
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Incoming
from services.bot.conversation.notices import HINT
from services.bot.conversation.texts import DEFAULT, Speaker, _, later, speaking
from services.bot.messengers.console_render import Letters, hang_up, numbers, show, terminal
from services.bot.messengers.inbox_port import Inbox
from services.bot.messengers.lines import read_lines
from shared.supervision import end

_LEAVE = {"exit", "quit", "bye", "/exit", "/quit", ":q", "выход", "выйти", "пока"}
_HOW_TO_LEAVE = later("A number presses a button, “help” explains, Ctrl-D leaves.")


async def run_console(
    conversation: Conversation,
    inbox: Inbox,
    *,
    who: str,
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    stop: asyncio.Event,
    history: Path | None = None,
    language: str | None = None,
) -> None:
    """Chat until the input ends or ``stop`` is set, showing alerts as they arrive.

    On a terminal there is a prompt with line editing and, with ``history``, a history that lasts. Otherwise each
    line of ``stdin`` is answered on ``stdout``, which then carries answers and alerts only. ``language`` is that of
    the terminal; English ones answer in the language of the question.
    """
    on_terminal = stdin.isatty() and stdout.isatty()
    chat = _Chat(conversation, who, terminal(None if on_terminal else stdout), language)
    with speaking(Speaker(language or DEFAULT)):
        _print(stderr, " ".join(["Dateline.", _(HINT), *([_(_HOW_TO_LEAVE)] if on_terminal else [])]))
    try:
        async with _listening(chat, inbox):
            if on_terminal:
                await _prompt(chat, stop, history)
            else:
                async for line in read_lines(stdin, stop):
                    if not await chat.say(line):
                        break
    except BrokenPipeError:  # whoever read the answers has seen enough
        hang_up(stdout)


async def ask(conversation: Conversation, text: str, *, as_json: bool, who: str = "console:me") -> str:
    """Answer one question, as text or as one JSON object (``services.bot.conversation.machine`` describes it).

    The object has ``question``, ``answer`` (the text) and ``buttons`` besides.
    """
    reply = await conversation.handle(Incoming(who=who, text=text, at=conversation.clock.now()))
    if not as_json:
        out = io.StringIO()
        show(terminal(out), reply)
        return out.getvalue().strip("\n")
    buttons = [{"label": button.label, "action": button.action} for row in reply.buttons for button in row]
    answer = {"question": clean(text), **reply.data, "answer": reply.plain, "buttons": buttons}
    return json.dumps(answer, ensure_ascii=False)


class _Chat:
    """One recipient in front of one screen."""

    def __init__(
        self, conversation: Conversation, who: str, console: Console, language: str | None = None
    ) -> None:
        self._conversation = conversation
        self._who = who
        self._console = console
        self._language = None if language == DEFAULT else language
        self._letters = Letters()

    async def say(self, said: str) -> bool:
        """Answer a line. False when it asks to leave."""
        if said.strip().lower() in _LEAVE:
            return False
        if (alert := self._letters.alert(said)) is not None:
            show(self._console, alert, self._letters.keys(said.strip().lower()))
            self._console.file.flush()
            return True
        action = self._letters.action(said)
        incoming = Incoming(
            who=self._who,
            text=action or said,
            at=self._conversation.clock.now(),
            pressed=action is not None,
            language=self._language,
        )
        reply = await self._conversation.handle(incoming)
        show(self._console, reply, numbers(reply))
        self._console.file.flush()
        return True

    async def listen(self, inbox: Inbox) -> None:
        """Show alerts as they arrive."""
        async for alert in inbox.alerts(self._who):
            letter = self._letters.give(alert)
            show(self._console, alert, self._letters.keys(letter), more=letter)
            self._console.file.flush()


@contextlib.asynccontextmanager
async def _listening(chat: _Chat, inbox: Inbox) -> AsyncIterator[None]:
    listening = asyncio.create_task(chat.listen(inbox))
    try:
        yield
    finally:
        await end(listening)


async def _prompt(chat: _Chat, stop: asyncio.Event, history: Path | None) -> None:
    session: PromptSession[str] = PromptSession(
        "» ",
        history=InMemoryHistory() if history is None else FileHistory(str(history)),
        auto_suggest=AutoSuggestFromHistory(),
        completer=WordCompleter([f"/{name}" for name, _ in COMMANDS], sentence=True),
        complete_while_typing=False,
    )
    leaving = asyncio.create_task(_leave_on(stop, session))
    try:
        with patch_stdout(raw=True):
            while not stop.is_set():
                try:
                    said = await session.prompt_async(handle_sigint=False)
                except EOFError:
                    return
                except KeyboardInterrupt:
                    if not session.default_buffer.text:
                        return
                    continue
                if said.strip() and not await chat.say(said):
                    return
    finally:
        leaving.cancel()


async def _leave_on(stop: asyncio.Event, session: PromptSession[str]) -> None:
    await stop.wait()
    if session.app.is_running:
        session.app.exit(exception=EOFError())


def _print(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()
