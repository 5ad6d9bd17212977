"""The search grammar, and its parser.

A reader may type ``words`` (all must occur), ``"a phrase"``, ``-word`` or ``NOT word`` (must not occur),
``this OR that``, and ``prefix*``. OR binds tighter than the rest, as in web search: ``gas OR oil Baku`` asks for
Baku and one of the two. Nothing else has a meaning: no field names, no regular expressions, no brackets.

The text is parsed once, here, into a ``Query``; each archive renders that into its own language with every word
quoted, so that what somebody types can neither reach another field nor upset the engine.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.archive.port import BadQuery

#: Longer questions are refused: a search of thousands of words keeps a server busy for seconds.
MAX_CHARACTERS = 200
MAX_WORDS = 16
#: A shorter prefix would match a good part of the archive; such a star is ignored.
MIN_PREFIX = 3

_EXAMPLE = "for example: election fraud"


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed, to be tokenised as the archive tokenises its texts; with ``prefix``, a beginning."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand next to each other, in this order."""

    text: str


Atom = Word | Phrase


@dataclass(frozen=True, slots=True)
class Query:
    """Every group of ``required`` must match with at least one of its atoms; no atom of ``excluded`` may."""

    required: tuple[tuple[Atom, ...], ...]
    excluded: tuple[Atom, ...] = ()


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞", '"') | {"−": "-"})
_PIECE = re.compile(r'(?P<minus>-*)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')

_CYRILLIC = re.compile(r"[\u0400-\u04ff]+")
#: The alphabets whose words change their endings but which have no stemmer in the archives. Scripts written
#: without spaces are left alone: their tokens are not words.
_INFLECTED = ("GREEK", "ARMENIAN", "GEORGIAN", "HEBREW", "ARABIC", "DEVANAGARI", "BENGALI")
#: Russian and Ukrainian case endings, longest first; what is left must still tell words apart.
_ENDINGS = re.compile(
    r"(?:(?<=.{5})(?:иями|ями|ами|иях|ого|его|ому|ему|ыми|ими|ой|ей|ый|ий|ая|яя|ое|ее|ые|ие|ою|ею"
    r"|ов|ев|ів|їв|ом|ем|ам|ям|ах|ях|ым|им|ую|юю)|(?<=.{4})[аяоеёиыуюьйії])$"
)
_MIN_STEM = 4


def parse_query(text: str) -> Query:
    """Parse what a reader typed. Raises ``BadQuery``, and nothing else, when there is nothing to look for."""
    if len(text) > MAX_CHARACTERS:
        raise BadQuery(f"That is too long to search for. Please keep it under {MAX_CHARACTERS} characters.")
    cleaned = _clean(text)
    if not cleaned:
        raise BadQuery(f"Tell me what to look for, {_EXAMPLE}")
    required: list[tuple[Atom, ...]] = []
    excluded: list[Atom] = []
    negate = joined = operators = False
    for minus, content, is_phrase in _pieces(cleaned):
        if not is_phrase and content in {"AND", "OR", "NOT"}:
            operators = True
            joined = content == "OR"
            negate = content == "NOT"
            continue
        atom = _atom(content, is_phrase=is_phrase)
        if atom is None:
            continue
        if minus or negate:
            excluded.append(atom)
        elif joined and required:
            required[-1] = (*required[-1], atom)
        else:
            required.append((atom,))
        negate = joined = False
    if not required:
        raise BadQuery(_why_nothing(excluded=bool(excluded), operators=operators))
    _refuse_too_many([*(atom for group in required for atom in group), *excluded])
    return Query(tuple(required), tuple(excluded))


def atoms_of(words: Iterable[str]) -> tuple[Atom, ...]:
    """Read words and phrases that stand for themselves: no signs, no OR. What has no letters is left out."""
    read = (_atom(cleaned, is_phrase=" " in cleaned) for each in words if (cleaned := _clean(each)))
    return tuple(atom for atom in read if atom is not None)


def _clean(text: str) -> str:
    """Compose accents, straighten quotes, drop invisible marks, and put a space for what is no text at all."""
    kept = []
    for character in unicodedata.normalize("NFC", text.translate(_QUOTES)):
        category = unicodedata.category(character)
        if category == "Cf" and character not in "\u200c\u200d":
            continue  # soft hyphens and direction marks come along with pasted text; joiners spell words
        kept.append(" " if category in {"Cc", "Cs", "Co", "Cn"} else character)
    return " ".join("".join(kept).split())


def _pieces(text: str) -> Iterator[tuple[bool, str, bool]]:
    """Yield (negated, content, is a phrase). A quote that is never closed runs to the end."""
    for match in _PIECE.finditer(text):
        phrase = match["phrase"]
        yield bool(match["minus"]), match["word"] if phrase is None else phrase, phrase is not None


def _atom(content: str, *, is_phrase: bool) -> Atom | None:
    if not any(character.isalnum() for character in content):
        return None
    if is_phrase:
        return Phrase(content.strip())
    bare = content.rstrip("*")
    if len(bare) < len(content) and sum(character.isalnum() for character in bare) >= MIN_PREFIX:
        return Word(bare, prefix=True)
    return _stemmed(bare)


def _stemmed(word: str) -> Word:
    """Ask for the stem of a word whose language inflects and for which the archives have no stemmer."""
    lowered = word.lower()
    if _CYRILLIC.fullmatch(lowered):
        stem = _ENDINGS.sub("", lowered)
        return Word(stem, prefix=True) if len(stem) >= _MIN_STEM else Word(word)
    inflected = word.isalpha() and unicodedata.name(word[0], "").startswith(_INFLECTED)
    return Word(word, prefix=inflected and len(word) >= _MIN_STEM)


def _why_nothing(*, excluded: bool, operators: bool) -> str:
    if excluded:
        return "I need at least one word to look for, not only words to leave out."
    if operators:
        return f"AND, OR and NOT only join words. Add a word to look for, {_EXAMPLE}"
    return f"I found no letters or digits in that to look for. Try words, {_EXAMPLE}"


def _refuse_too_many(atoms: list[Atom]) -> None:
    if sum(len(re.findall(r"\w+", atom.text)) for atom in atoms) > MAX_WORDS:
        raise BadQuery(f"That is a lot to search for at once. Please use at most {MAX_WORDS} words.")
