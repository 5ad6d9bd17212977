"""Text from feeds and people made safe to show: nothing here can move a cursor or reverse a line."""

import re
import unicodedata

ELLIPSIS = "…"

#: Bidirectional embeddings, overrides and isolates: invisible, and able to turn the rest of a screen around.
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return text as one line without control, surrogate or bidirectional formatting characters."""
    spaced = _SPACES.sub(" ", text)
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(
        char for char in spaced if char not in _BIDI and unicodedata.category(char) not in _DROPPED
    )


#: Control characters, lone surrogates (not encodable) and private use (our own marks for search matches).
_DROPPED = {"Cc", "Cs", "Co"}


def shorten(text: str, limit: int) -> str:
    """Cut text to at most ``limit`` characters, at a word where there is one, with an ellipsis when cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    kept = at_word if len(at_word) > limit // 2 else cut
    return kept.rstrip(" ,;:—–-") + ELLIPSIS


def fold(text: str) -> str:
    """Return text in the form in which words are compared: composed, caseless, with a plain apostrophe."""
    return unicodedata.normalize("NFC", text).casefold().replace("’", "'").replace("ё", "е")
