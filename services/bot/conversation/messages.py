"""What goes into the conversation and what comes out of it, without any transport.

A recipient (``who``) is written ``transport:address``: ``telegram:12345``, ``console:me``, ``script:anna``.
An action (what a button sends) is always a typed command too, so that every flow can be scripted:
``/latest KZ`` typed and a pressed button with the action ``/latest KZ`` are the same thing.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something that a person said or pressed."""

    who: str
    text: str
    """The typed text, or the action of the pressed button."""
    at: datetime
    """When it was said, UTC."""
    pressed: bool = False
    """True for a button: the reply may then replace the message that carried it (``Reply.replaces``)."""
    language: str | None = None
    """The language that the person's client reports, a default only."""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A run of plain text. Never markup: the renderer escapes it for its transport."""

    text: str
    bold: bool = False
    italic: bool = False
    marked: bool = False
    """Evidence or a search match: shown highlighted where the transport can."""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a story card: lines that belong together. A long message is only ever split between blocks."""

    lines: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button with what pressing it says. ``action`` is at most 64 bytes in UTF-8 (Telegram's limit)."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``data`` is the same answer for machines (``ask --json``, the script messenger)."""

    blocks: tuple[Block, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of buttons."""
    replaces: bool = False
    """True when the answer to a pressed button should take the place of the message with the button."""
    toast: str | None = None
    """A short notice for a pressed button, shown without a message where the transport can."""
    data: dict[str, object] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """The text alone: one line a line, a blank line between blocks."""
        return "\n\n".join(
            "\n".join("".join(span.text for span in line) for line in block.lines) for block in self.blocks
        )


def line(*parts: str | Span) -> tuple[Span, ...]:
    """Make a line of spans; bare strings are plain text."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def block(*lines: str | tuple[Span, ...]) -> Block:
    """Make a block of lines; bare strings are plain lines."""
    return Block(tuple((Span(item),) if isinstance(item, str) else item for item in lines))
