"""What goes into the conversation and what comes out of it, without any transport.

A recipient (``who``) is written ``transport:address``: ``telegram:12345``, ``console:me``, ``script:anna``.
An action (what a button sends) is always a typed command too, so that every flow can be scripted:
``/latest KZ`` typed and a pressed button with the action ``/latest KZ`` are the same thing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from pydantic import TypeAdapter


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
    author: str | None = None
    """Who said it, as the transport names people; None where that is not known. In a group, not ``who``."""
    group: bool = False
    """Said where several people read: only who is allowed to (see ``Permissions``) changes anything there."""
    question: str = ""
    """Names it for its transport: the same when it is put again because its worker died; "" where that cannot be."""


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
    chart: bool = False
    """A drawing in characters of what ``Reply.picture`` shows: left out where the picture is."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button with what pressing it says. ``action`` is at most 64 bytes in UTF-8 (Telegram's limit)."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, shown above the blocks where the transport can."""

    # pydantic reads this: bytes travel in JSON as base64
    __pydantic_config__: ClassVar = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    png: bytes
    alt: str
    """What it shows, in words."""


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
    picture: Picture | None = None
    preview: bool = False
    """The reader wants to see a preview of the first link, where the transport can show one."""

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


_REPLY = TypeAdapter(Reply)


def encode_reply(reply: Reply) -> bytes:
    """Write a reply as JSON (UTF-8)."""
    return _REPLY.dump_json(reply)


def decode_reply(body: bytes) -> Reply:
    """Read a reply from JSON. Raises ``pydantic.ValidationError`` (a ``ValueError``) for anything else."""
    return _REPLY.validate_json(body)
