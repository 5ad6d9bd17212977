"""From a reply to what Telegram takes: HTML texts within its limits, and rows of buttons. Pure.

Telegram counts 4,096 UTF-16 units after its markup is parsed, 32,768 bytes before, and honours 100 entities.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import category
from urllib.parse import urlsplit

from services.bot.conversation.messages import Block, Button, Reply, Span

UNITS_LIMIT = 4096
CAPTION_UNITS = 1024
BYTES_LIMIT = 32_000
ENTITIES_LIMIT = 100
ACTION_LIMIT = 64
BUTTONS_IN_ROW = 8
ROWS_LIMIT = 12

# A span longer than this is cut into slices before packing. Small enough to fill messages well.
_SLICE_UNITS = 1000
_HREF_LIMIT = 2048
_SCHEMES = frozenset({"http", "https", "tg", "mailto"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Text:
    """A message, or a part of one: as HTML, and as plain text for when the markup should be refused."""

    html: str
    plain: str
    entities: int = 0

    @property
    def fits(self) -> bool:
        """Return whether Telegram takes it as one message."""
        return (
            utf16_units(self.plain) <= UNITS_LIMIT
            and len(self.html.encode()) <= BYTES_LIMIT
            and self.entities <= ENTITIES_LIMIT
        )

    @property
    def visible(self) -> bool:
        """Return whether there is anything to see; Telegram refuses a message of blanks."""
        return any(
            category(character) not in _INVISIBLE and character not in _BLANK_LETTERS
            for character in self.plain
        )


def render(reply: Reply) -> list[Text]:
    """Write a reply as messages, split between blocks; within a block only where it alone is too long."""
    parts = [part for block in reply.blocks for part in _block(block)]
    return [text for text in _packed(parts, "\n\n") if text.visible]


def keyboard(reply: Reply) -> list[list[Button]]:
    """Return the rows of buttons that Telegram takes: a button with too long an action is left out."""
    rows = [
        [
            Button(label, button.action)
            for button in row
            if (label := clean(button.label).strip()) and 1 <= len(button.action.encode()) <= ACTION_LIMIT
        ][:BUTTONS_IN_ROW]
        for row in reply.buttons
    ]
    return [row for row in rows if row][:ROWS_LIMIT]


def utf16_units(text: str) -> int:
    """Count a text's length as Telegram does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Take out what cannot be sent: control characters and halves of surrogate pairs."""
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text))


def _block(block: Block) -> list[Text]:
    lines = [_line(line) for line in block.lines]
    whole = _joined([_joined(pieces, "") for pieces in lines], "\n")
    return (
        [whole] if whole.fits else _packed([part for pieces in lines for part in _packed(pieces, "")], "\n")
    )


def _line(spans: Sequence[Span]) -> list[Text]:
    return [_piece(span, text) for span in spans for text in _slices(clean(span.text))]


def _piece(span: Span, text: str) -> Text:
    html, entities = escape(text, quote=False), 0
    if not text.strip():
        return Text(html, text)
    for wanted, tag in ((span.marked, "u"), (span.italic, "i"), (span.bold, "b")):
        if wanted:
            html, entities = f"<{tag}>{html}</{tag}>", entities + 1
    href = clean(span.href or "").strip()
    if href and len(href) <= _HREF_LIMIT and _safe(href):
        html, entities = f'<a href="{escape(href)}">{html}</a>', entities + 1
    return Text(html, text, entities)


def _safe(href: str) -> bool:
    try:
        return urlsplit(href).scheme in _SCHEMES
    except ValueError:
        return False


def _joined(parts: Sequence[Text], separator: str) -> Text:
    return Text(
        separator.join(part.html for part in parts),
        separator.join(part.plain for part in parts),
        sum(part.entities for part in parts),
    )


def _packed(parts: Sequence[Text], separator: str) -> list[Text]:
    """Join neighbours as long as they fit into one message."""
    packed: list[Text] = []
    for part in parts:
        joined = _joined([packed[-1], part], separator) if packed else part
        if packed and joined.fits:
            packed[-1] = joined
        else:
            packed.append(part)
    return packed


def _slices(text: str) -> Iterator[str]:
    """Cut a text into slices: after a blank if there is one, never inside an emoji, a flag or a letter's accents."""
    while utf16_units(text) > _SLICE_UNITS:
        head = text.encode("utf-16-le")[: _SLICE_UNITS * 2].decode("utf-16-le", "ignore")
        at = _cut(text, len(head))
        yield text[:at]
        text = text[at:]
    yield text


def _cut(text: str, longest: int) -> int:
    blank = max(text.rfind(" ", longest // 2, longest), text.rfind("\n", longest // 2, longest))
    if blank >= 0:
        return blank + 1
    at = longest
    while at > longest // 2 and _sticks(text, at):
        at -= 1
    return at if at > longest // 2 else longest


def _sticks(text: str, at: int) -> bool:
    """Return whether the characters before and after a place belong together."""
    before, after = text[at - 1], text[at]
    if _is_flag_half(before) and _is_flag_half(after):
        run = at
        while run > 0 and _is_flag_half(text[run - 1]):
            run -= 1
        return (at - run) % 2 == 1
    return (
        category(after) in {"Mn", "Me", "Mc", "Cf"}
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
