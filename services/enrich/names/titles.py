"""What stands before a name: titles, offices and whose they are."""

from dataclasses import dataclass

from services.enrich.names.known import Reading
from services.enrich.names.words import ABBREVIATED

_PAST = frozenset("former ex late then outgoing ousted deposed exiled imprisoned jailed".split())
_ARTICLES = frozenset(("of", "the", "for"))


@dataclass(frozen=True, slots=True)
class Before:
    """The titles before a name: ``offices`` are kinds of office, ``place`` the country or organisation they are of."""

    offices: tuple[str, ...] = ()
    place: str | None = None
    titled: bool = False
    comma: bool = False
    past: bool = False
    first: int = 0
    """Where the titles begin; the name's own first word when there are none."""


def read_before(reading: Reading, position: int) -> Before:
    """Read the titles that end just before the word at ``position``: "Kazakh President", "President of China"."""
    words = reading.words.words
    at = position - 1
    if at > 0 and words[at] == "." and words[at - 1].lower() in ABBREVIATED:
        at -= 1
    comma = at > 0 and words[at] == ","
    if comma:
        at -= 1
    offices: list[str] = []
    place, at = _of_place(reading, at)
    titled = False
    while at >= 0 and (known := reading.by_word.get(at)) is not None and reading.is_a(at, "office", "title"):
        offices += known.refs("office")
        titled = True
        at = known.first - 1
        abbreviated = at > 0 and words[at] == "." and words[at - 1].lower() in ABBREVIATED
        if abbreviated or (at > 0 and words[at] in (",", "and") and reading.is_a(at - 1, "title", "office")):
            at -= 1
    if not titled:
        return Before(first=position)
    if place is None and at >= 0:
        place = _place_at(reading, at)
    past = any(reading.words.keys[word] in _PAST for word in range(max(0, at - 1), at + 1))
    return Before(tuple(offices), place, True, comma, past, at + 1)


def _place_at(reading: Reading, at: int) -> str | None:
    known = reading.by_word.get(at)
    found = known.refs("country", "organisation") if known else []
    return found[0] if found else None


def _of_place(reading: Reading, at: int) -> tuple[str | None, int]:
    """Step over "of China" so that the office before it is seen."""
    known = reading.by_word.get(at) if at >= 0 else None
    place = _place_at(reading, at)
    if known is None or place is None:
        return None, at
    before = known.first - 1
    while before >= 0 and reading.words.keys[before] in _ARTICLES:
        before -= 1
    if before < known.first - 1 and before >= 0 and reading.is_a(before, "office", "title"):
        return place, before
    return None, at
