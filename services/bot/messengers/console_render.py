"""Replies as terminal text. Whatever a story holds, it is shown as text: no markup, no escape sequences."""

import os
import string
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from services.bot.conversation.cleaning import clean
from services.bot.conversation.messages import Button, Reply, Span
from services.bot.conversation.texts import DEFAULT, Speaker, _, known_language, speaking

#: Columns of output that goes to no terminal: long lines stay whole for whatever reads them.
_PIPE_WIDTH = 10_000


class _Console(Console):
    """A console whose reader may go away, as ``head`` does: ``BrokenPipeError`` then, and no end of the process."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        raise BrokenPipeError


def hang_up(stream: TextIO) -> None:
    """Send what a stream still holds nowhere, so that the interpreter does not complain at its end."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # not a file
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def terminal(stream: TextIO | None) -> Console:
    """Return a console on a stream: with colours on a terminal, plain in a pipe. None is ``sys.stdout``, live."""
    on_terminal = stream is None or stream.isatty()
    return _Console(
        file=stream,
        force_terminal=on_terminal,
        color_system="auto" if on_terminal else None,
        width=None if on_terminal else _PIPE_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
    )


def show(console: Console, reply: Reply, keys: Sequence[str] = ()) -> None:
    """Print a reply and an empty line. ``keys`` are what to type for its buttons, in order; none hides them."""
    for block in reply.blocks:
        for line in block.lines:
            console.print(_text(line, plain=not console.is_terminal), soft_wrap=not console.is_terminal)
            if not console.is_terminal:
                _show_links(console, line)
        console.print()
    with speaking(Speaker(known_language(str(reply.data.get("language"))) or DEFAULT)):
        hint = _hint([button for row in reply.buttons for button in row], keys)
    if hint:
        console.print(Text(hint, style="dim"), soft_wrap=not console.is_terminal)
        console.print()


def _text(line: Sequence[Span], *, plain: bool) -> Text:
    text = Text()
    for span in line:
        shown = clean(span.text)
        if span.marked and plain:
            text.append(f"[{shown}]")
            continue
        style = Style(
            bold=span.bold or None,
            italic=span.italic or None,
            reverse=span.marked or None,
            link=clean(span.href) if span.href and not plain else None,
        )
        text.append(shown, style)
    return text


def _show_links(console: Console, line: Sequence[Span]) -> None:
    """Write links out where nothing can be clicked."""
    for span in line:
        if span.href and clean(span.href) != clean(span.text):
            console.print(Text(f"   {clean(span.href)}"), soft_wrap=True)


def _hint(buttons: Sequence[Button], keys: Sequence[str]) -> str:
    """Say what to type: "[1-5] open, [6] More". Buttons whose label is their key stand together."""
    pairs = list(zip(keys, buttons, strict=False))
    stories = [key for key, button in pairs if button.label == key]
    parts = []
    if stories:
        keys_shown = f"[{stories[0]}-{stories[-1]}]" if len(stories) > 1 else f"[{stories[0]}]"
        parts.append(_("{keys} open", keys=keys_shown))
    parts += [f"[{key}] {clean(button.label)}" for key, button in pairs if button.label != key]
    return "  ".join(parts)


def numbers(reply: Reply) -> list[str]:
    """Return the numbers that the conversation itself takes for the buttons of its last reply."""
    return [str(number) for number, _ in enumerate(_flat(reply), start=1)]


class Letters:
    """Letters for the buttons of alerts, which come between replies and must not take their numbers.

    They go round the alphabet, so that a new alert does not change what a letter just read stands for.
    """

    def __init__(self) -> None:
        self._actions: dict[str, str] = {}
        self._next = 0

    def give(self, reply: Reply) -> list[str]:
        """Assign a letter to each button of an alert."""
        letters = []
        for button in _flat(reply):
            letter = string.ascii_lowercase[self._next % len(string.ascii_lowercase)]
            self._next += 1
            self._actions[letter] = button.action
            letters.append(letter)
        return letters

    def action(self, said: str) -> str | None:
        """Return the action of a letter, None when it stands for nothing."""
        return self._actions.get(said.strip().lower())


def _flat(reply: Reply) -> list[Button]:
    return [button for row in reply.buttons for button in row]
