"""Replies as terminal text. Whatever a story holds, it is shown as text: no markup, no escape sequences."""

import os
import re
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

#: Buttons of an alert that are named under it, besides those of numbered stories.
MOST_NAMED = 2


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


def show(console: Console, reply: Reply, keys: Sequence[str] = (), *, more: str | None = None) -> None:
    """Print a reply and an empty line. ``keys`` are what to type for its buttons, in order; none hides them.

    With ``more`` only the first buttons are named, and that key for the rest.
    """
    for block in reply.blocks:
        for line in block.lines:
            console.print(_text(line, plain=not console.is_terminal), soft_wrap=not console.is_terminal)
            if not console.is_terminal:
                _show_links(console, line)
        console.print()
    with speaking(Speaker(known_language(str(reply.data.get("language"))) or DEFAULT)):
        hint = _hint([button for row in reply.buttons for button in row], keys, more)
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


def _hint(buttons: Sequence[Button], keys: Sequence[str], more: str | None) -> str:
    """Say what to type: "[1-5] open, [6] More". Buttons of numbered stories stand together."""
    pairs = list(zip(keys, buttons, strict=False))
    stories = [key for key, button in pairs if _number(button.label) == _number(key)]
    others = [pair for pair in pairs if pair[0] not in stories]
    hidden = len(others) > MOST_NAMED + 1 if more else False
    parts = []
    if stories:
        keys_shown = f"[{stories[0]}-{stories[-1]}]" if len(stories) > 1 else f"[{stories[0]}]"
        parts.append(_("{keys} open", keys=keys_shown))
    parts += [f"[{key}] {clean(button.label)}" for key, button in (others[:MOST_NAMED] if hidden else others)]
    return "  ".join([*parts, *([_("[{key}] more", key=more)] if hidden else [])])


def _number(label: str) -> str | None:
    """Return the number that a label or a key is, whatever letter or picture stands before it."""
    found = re.fullmatch(r"[^\w\s]*\s?[a-z]?(\d+)", label)
    return found[1] if found else None


def numbers(reply: Reply) -> list[str]:
    """Return the numbers that the conversation itself takes for the buttons of its last reply."""
    return [str(number) for number, _ in enumerate(_flat(reply), start=1)]


class Letters:
    """A letter for each alert, which comes between replies and must not take their numbers: "a2" is its second button.

    They go round the alphabet, so that a new alert does not change what a letter just read stands for. A letter alone
    shows its alert again, with all its buttons.
    """

    def __init__(self) -> None:
        self._alerts: dict[str, Reply] = {}
        self._next = 0

    def give(self, alert: Reply) -> str:
        """Assign a letter to an alert."""
        letter = string.ascii_lowercase[self._next % len(string.ascii_lowercase)]
        self._next += 1
        self._alerts[letter] = alert
        return letter

    def keys(self, letter: str) -> list[str]:
        """Return what to type for the buttons of an alert, in order."""
        return [f"{letter}{number}" for number, _ in enumerate(_flat(self._alerts[letter]), start=1)]

    def alert(self, said: str) -> Reply | None:
        """Return the alert of a letter that stands alone, None when it has none."""
        return self._alerts.get(said.strip().lower())

    def action(self, said: str) -> str | None:
        """Return the action of a button such as "a2", None when there is none."""
        key = said.strip().lower()
        alert = self._alerts.get(key[:1])
        if alert is None or key not in (keys := self.keys(key[0])):
            return None
        return _flat(alert)[keys.index(key)].action


def _flat(reply: Reply) -> list[Button]:
    return [button for row in reply.buttons for button in row]
