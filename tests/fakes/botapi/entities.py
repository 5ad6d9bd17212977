"""Telegram's HTML as its server reads it: strict, with its own error texts.

The rules are those of ``parse_html`` in tdlib: a fixed set of tags, four named entities and numeric ones, anything
else after ``&`` taken literally, and offsets in the error texts counted in bytes.
"""

import re
from dataclasses import dataclass

TAGS = frozenset("a b strong i em s strike del u ins tg-spoiler tg-emoji span pre code blockquote".split())
_NAMED = {b"lt": ord("<"), b"gt": ord(">"), b"amp": ord("&"), b"quot": ord('"')}
_SPACE = b" \t\r\n\0\x0b"
_ALNUM = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "tg-emoji": "custom_emoji", "a": "text_link", "pre": "pre", "code": "code",
    "blockquote": "blockquote",
}  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")
BROKEN_UNICODE = "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched"
BROKEN_UNICODE += " surrogate code units"


class EntityError(ValueError):
    """Markup that Telegram refuses; the message is Telegram's."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted stretch; offset and length in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the entity as the Bot API writes it."""
        answer: dict[str, object] = {"type": self.type, "offset": self.offset, "length": self.length}
        return answer | ({"url": self.url} if self.url else {})


def utf16_units(text: str) -> int:
    """Count the UTF-16 units of a text, as Telegram does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int


class _Parser:
    def __init__(self, source: str) -> None:
        # A zero byte at the end, as in the original: it stops every scan.
        self.source = source.encode() + b"\0"
        self.end = len(self.source) - 1
        self.at = 0
        self.out = bytearray()
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        while self.at < self.end:
            byte = self.source[self.at]
            if byte == ord("&") and (decoded := self._reference()) is not None:
                self.out += decoded
            elif byte != ord("<"):
                self.out.append(byte)
                self.at += 1
            elif self.source[self.at + 1] != ord("/"):
                self._start_tag()
            else:
                self._end_tag()
        if self.open:
            raise EntityError(f"Can't find end tag corresponding to start tag {self.open[-1].tag}")
        text = self.out.decode("utf-8", "surrogatepass")
        if _SURROGATE.search(text):
            raise EntityError(BROKEN_UNICODE)
        return text, sorted(self.entities, key=lambda e: (e.offset, -e.length, e.type))

    def _units(self) -> int:
        return utf16_units(self.out.decode("utf-8", "surrogatepass"))

    def _reference(self) -> bytes | None:
        """Read an entity reference at the cursor; None leaves the ampersand as text."""
        source, at = self.source, self.at + 1
        if source[at] == ord("#"):
            at += 1
            hexadecimal = source[at] in b"xX"
            at += hexadecimal
            digits = b"0123456789abcdefABCDEF" if hexadecimal else b"0123456789"
            begin = at
            while source[at] in digits:
                at += 1
            code = int(source[begin:at], 16 if hexadecimal else 10) if at > begin else 0
            if code == 0 or code >= 0x10FFFF or at - self.at >= 10:
                return None
        else:
            begin = at
            while source[at : at + 1].isalpha():
                at += 1
            code = _NAMED.get(source[begin:at], 0)
            if code == 0:
                return None
        self.at = at + 1 if source[at] == ord(";") else at
        return chr(code).encode("utf-8", "surrogatepass")

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        while self.source[self.at] not in _SPACE + b">":
            self.at += 1
        if self.at >= self.end:
            raise EntityError(f"Unclosed start tag at byte offset {begin}")
        tag = self.source[begin + 1 : self.at].decode("utf-8", "replace").lower()
        if tag not in TAGS:
            raise EntityError(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while self.source[self.at] != ord(">"):
            self._blanks()
            if self.source[self.at] == ord(">"):
                break
            name, value = self._attribute(tag, begin)
            if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id")}:
                argument = value
            elif (tag, name) == ("blockquote", "expandable"):
                argument = "1"
            elif tag == "span" and name == "class" and value.startswith("tg-"):
                argument = value[3:]
        if tag == "span" and argument != "spoiler":
            raise EntityError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.at += 1
        self.open.append(_Open(tag, argument, self._units()))

    def _blanks(self) -> None:
        while self.at < self.end and self.source[self.at] in _SPACE:
            self.at += 1

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        start = self.at
        ends = _SPACE + (b"=>" if tag == "blockquote" else b"=")
        while self.source[self.at] not in ends:
            self.at += 1
        name = self.source[start : self.at].decode("utf-8", "replace")
        if not name:
            raise EntityError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._blanks()
        if (tag, name) == ("blockquote", "expandable") and self.source[self.at] != ord("="):
            return name, "1"
        if self.source[self.at] != ord("="):
            raise EntityError(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {begin}'
            )
        self.at += 1
        self._blanks()
        if self.at >= self.end:
            raise EntityError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._quoted() if self.source[self.at] in b"'\"" else self._token()
        if self.at >= self.end:
            raise EntityError(f"Unclosed start tag at byte offset {begin}")
        return name, value

    def _token(self) -> str:
        start = self.at
        while self.source[self.at] in _ALNUM + b".-":
            self.at += 1
        if self.source[self.at] not in _SPACE + b">":
            raise EntityError(f"Unexpected end of name token at byte offset {start}")
        return self.source[start : self.at].decode().lower()

    def _quoted(self) -> str:
        quote, value = self.source[self.at], bytearray()
        self.at += 1
        while self.source[self.at] not in (quote, 0):
            if self.source[self.at] == ord("&") and (decoded := self._reference()) is not None:
                value += decoded
            else:
                value.append(self.source[self.at])
                self.at += 1
        if self.source[self.at] == quote:
            self.at += 1
        return value.decode("utf-8", "replace")

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise EntityError(f"Unexpected end tag at byte offset {begin}")
        while self.source[self.at] not in _SPACE + b">":
            self.at += 1
        tag = self.source[begin + 2 : self.at].decode("utf-8", "replace").lower()
        self._blanks()
        if self.source[self.at] != ord(">"):
            raise EntityError(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            raise EntityError(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        length = self._units() - opened.offset
        url = opened.argument if opened.tag == "a" else None
        if length > 0 and (opened.tag != "a" or _is_link(url or "")):
            kind = (
                "expandable_blockquote"
                if opened.tag == "blockquote" and opened.argument
                else _TYPES[opened.tag]
            )
            self.entities.append(Entity(kind, opened.offset, length, url))


def _is_link(url: str) -> bool:
    """Return whether Telegram makes a link of it. One that it does not know is dropped without a word."""
    return url.startswith(("http://", "https://", "tg://", "mailto:")) and not set(url) & set(" \n\t")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return the text and the entities of some HTML. Raises ``EntityError`` with Telegram's words."""
    return _Parser(source).run()
