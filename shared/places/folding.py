"""Folding: text made comparable without losing where each character came from.

Case, accents and punctuation are ironed out one character for one character, so a position in the folded text
is a position in the original. Runs of spaces between words and invisible marks do change the length; ``Folded``
keeps the segments that lead back. An indented line stays as it is: no name reaches from one paragraph to the next.
"""

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

_DECOMPOSED = ("LATIN", "GREEK", "CYRILLIC")
_SPECIAL = str.maketrans(
    {
        "ß": "s", "æ": "a", "œ": "o", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "t", "ə": "e",
        "ŧ": "t", "ħ": "h", "ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي",
        "ک": "ك", "ة": "ه", "ۀ": "ه",
    }
)  # fmt: skip
#: What vanishes: combining marks of Latin and Cyrillic, Arabic vowel signs and tatweel, invisible format marks.
_MARKS = (
    "\u0300-\u036f\u0610-\u061a\u0640\u064b-\u0652\u0670\u00ad\u034f\u061c\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
)
_MARK = re.compile(f"[{_MARKS}]")
_CHANGES_LENGTH = re.compile(rf"[{_MARKS}]+|\s{{2,}}")
_RUN = re.compile(" +\\n?")
_LETTERS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc"))
#: Modifier letters that stand for an apostrophe in Uzbek, Hawaiian or transliterated names.
_APOSTROPHES = frozenset("ʻʼʽʾʿˈˊˋ")


def _fold_character(character: str) -> str:
    if character in _APOSTROPHES or unicodedata.category(character) not in _LETTERS:
        return " "
    lowered = character.lower()[0].translate(_SPECIAL)
    if unicodedata.name(lowered, "").startswith(_DECOMPOSED) or "\uff00" <= lowered <= "\uffef":
        base = unicodedata.normalize("NFKD", lowered)[0].lower()
        return base.translate(_SPECIAL) if base.isalnum() else lowered
    return lowered


class _Table(dict[int, str]):
    """Code point to folded character, worked out when first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


_TABLE = _Table()
#: The same for plain ASCII, by which bytes are folded three times as fast as text.
_ASCII = bytes(ord(_fold_character(chr(code))) if code < 128 else code for code in range(256))


def _plain(text: str) -> str:
    return text.encode("ascii").translate(_ASCII).decode("ascii")


class Folded(NamedTuple):
    """A folded text and the way back to the original.

    ``starts[i]`` is where segment ``i`` begins in ``text`` and ``shifts[i]`` what to add there to get a position
    in the original.
    """

    text: str
    cased: str
    """The same characters before folding: ``cased[i]`` became ``text[i]``."""
    original: str
    starts: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def origin(self, position: int) -> int:
        """Return where the folded character at ``position`` stands in the original."""
        if not self.starts:
            return position
        return position + self.shifts[bisect_right(self.starts, position) - 1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the folded ``start:end``, with the marks that belong to its last letter."""
        if not self.starts:
            return start, end
        first, last = self.origin(start), self.origin(end - 1) + 1
        while last < len(self.original) and _MARK.match(self.original, last):
            last += 1
        return first, last


def _changes(text: str) -> list[tuple[int, int]]:
    """Return the spans that vanish or shrink to a space: marks, and runs of space that do not end a paragraph."""
    spans = [match.span() for match in _CHANGES_LENGTH.finditer(text)]
    return [(begin, end) for begin, end in spans if "\n" not in text[begin : end - 1]]


def _gaps(text: str) -> list[tuple[int, int]]:
    """Do the same for plain ASCII, where most texts have none, faster than a pattern could."""
    if "\t" in text or "\r" in text:
        return _changes(text)
    if "  " not in text or "  " not in text.replace(
        "\n    ", "\n"
    ):  # nothing but the indented lines of a newswire
        return []
    spans = []
    begin = text.find("  ")
    while begin >= 0:
        end = _RUN.match(text, begin).end()  # type: ignore[union-attr]  # two spaces stand there
        if begin == 0 or text[begin - 1] != "\n":
            spans.append((begin, end))
        begin = text.find("  ", end)
    return spans


def fold(text: str) -> Folded:
    """Fold a text for matching, in linear time; any string is fine, unpaired surrogates included."""
    ascii_only = text.isascii()
    spans = _gaps(text) if ascii_only else _changes(text)
    if not spans:
        return Folded(_plain(text) if ascii_only else text.translate(_TABLE), text, text)
    pieces: list[str] = []
    starts: list[int] = [0]
    shifts: list[int] = [0]
    length = done = 0
    for begin, end in spans:
        piece = text[done:begin] + (" " if text[begin].isspace() else "")
        pieces.append(piece)
        length += len(piece)
        done = end
        starts.append(length)
        shifts.append(end - length)
    pieces.append(text[done:])
    cased = "".join(pieces)
    return Folded(cased.translate(_TABLE), cased, text, tuple(starts), tuple(shifts))


def fold_name(name: str) -> str:
    """Fold a name to the form that names are kept and looked up in: single spaces, none at the ends."""
    # In plain ASCII nothing vanishes, and ``split`` sees to the runs of spaces.
    folded = _plain(name) if name.isascii() else fold(name).text
    return " ".join(folded.split())
