"""Text as it is stored: NFC, without control characters, with the white space of prose."""

import re
import unicodedata

# Controls, zero-width spaces, BOMs, bidi overrides, lone surrogates and non-characters. The joiners U+200C and U+200D
# stay (Persian and emoji need them), and so do tab and line feed.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Return the text in NFC with Unix line ends, no control characters, and no white space around it."""
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def clean_line(text: str) -> str:
    """Like :func:`clean_text`, on one line: every run of white space becomes one space."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def shorten(line: str, limit: int) -> str:
    """Return the line, cut at a word's end and marked with an ellipsis when it is over ``limit`` characters."""
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] or head).rstrip(" ,;:-–—") + "…"
