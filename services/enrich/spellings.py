"""What is known of the spelling of a word: what it counts as, whether it is a name, a number, a day."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zlib import crc32

import Stemmer

from services.enrich.document_frequency import DocumentFrequencies
from services.enrich.event_days import MONTHS, WEEKDAYS
from services.enrich.numerals import CARDINALS, ENDS_NUMBER, MULTIPLIERS, ORDINALS, digits_value
from services.enrich.sound_keys import sound_key

_DIGITS = re.compile(r"[\d.,\s\u00a0\u202f]*\d")
#: So many spellings, and as many that were known before them, are remembered.
_CACHE_LIMIT = 12_288

#: A known word is taken for a name only if it is at least this rare (Putin 7, Kazakhstan 10).
NAME_RARITY: Final = 6.0
#: Terms that weigh no more than this say nothing.
LIGHT: Final = 0.6

#: What an item of a text is stands above the 24 bits of its hash: few enough to keep the index small, and enough
#: to tell the few hundred features of two stories apart.
HASH: Final = 0xFFFFFF
NAME: Final = 1 << 24
NUMBER: Final = 2 << 24
ALWAYS: Final = 2


class Special(NamedTuple):
    """What is special about a word: a stop, a number or part of one, a day or a month."""

    stop: bool = False
    silent: bool = False
    """Whether it is an ending that stands for nothing."""
    value: float | None = None
    ordinal: int | None = None
    multiplier: float | None = None
    weekday: int | None = None
    month: int | None = None
    one: int = 0
    """Whether it can end a number: 1 as in двадцать один, 2 as in twenty-first."""


ORDINARY: Final = Special()


@cache
def special_words() -> dict[str, Special]:
    """Every word, folded, that is a number, a part of one, a day or a month."""
    tables = (CARDINALS, ORDINALS, MULTIPLIERS, WEEKDAYS, MONTHS, ENDS_NUMBER)
    return {
        word: Special(
            value=CARDINALS.get(word),
            ordinal=ORDINALS.get(word),
            multiplier=MULTIPLIERS.get(word),
            weekday=WEEKDAYS.get(word),
            month=MONTHS.get(word),
            one=ENDS_NUMBER.get(word, 0),
        )
        for word in set().union(*tables)
    }


@dataclass(slots=True, eq=False)
class Word:
    """What is known of a spelling, whatever text it stands in. Never changed once made."""

    item: int
    """The hash of how it stands in a text as a word."""
    terms: tuple[int, ...] = ()
    """What it counts as when stories are compared: its stem, and the concepts it is a word for; none when they are
    too light to say anything."""
    weights: tuple[float, ...] = ()
    """What each of the terms weighs."""
    special: Special = ORDINARY
    plain: bool = False
    """Whether it is an ordinary word and never a name."""
    naming: int = 0
    """Whether it is a name: 0 never, 1 within a sentence, 2 always."""
    name: int = 0
    """24-bit hash of the sound key of a name."""
    named: int = 0
    """The hash of how it stands in a text as a name."""
    rarity: float = 0.0
    """How rare a name is."""


@lru_cache(maxsize=1_024)
def weigh(rarity: float, concepts: int = 0) -> tuple[float, ...]:
    """What a term of this rarity weighs, and each of the concepts it is a word for; nothing when that is too light.

    Damped: the rarest words are often misspelt or beside the point.
    """
    weight = float(max(0.0, rarity - 1.5) ** 0.6) * (0.5 if concepts else 1.0)
    return (weight,) * (1 + concepts) if weight > LIGHT else ()


def _terms(term: int, rarity: float, concepts: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    if len(concepts) > _MOST_CONCEPTS:
        concepts = ()
    weights = weigh(rarity, len(concepts))
    return ((term, *concepts), weights) if weights else ((), ())


#: A word for more things than this says none of them.
_MOST_CONCEPTS: Final = 2
#: A longer one is no number, whatever else it is.
_LONGEST_NUMBER: Final = 20
_LARGEST_ORDINAL: Final = 1e6
#: Numbers of so many characters come again and are kept.
_SHORT_NUMBER: Final = 4
_STOP: Final = Special(stop=True)
_ENDING: Final = Special(silent=True)


def _number(token: str) -> Word:
    digits = _DIGITS.match(token)
    text = digits.group() if digits is not None else token
    if len(text) > _LONGEST_NUMBER:
        return Word(item=0, special=_ENDING)
    value = digits_value(text)
    ordinal = text != token and value < _LARGEST_ORDINAL
    return Word(item=0, special=Special(ordinal=int(value)) if ordinal else Special(value=value))


def _name(folded: str) -> int:
    return crc32(("=" + sound_key(folded)).encode()) & HASH


class Spellings:
    """Learns spellings and remembers them, up to a limit."""

    def __init__(self, frequencies: DocumentFrequencies, concepts: Mapping[str, tuple[int, ...]]) -> None:
        self._frequencies = frequencies
        self._concepts = concepts
        # What they are asked for is remembered here: no cache of their own.
        self._english = Stemmer.Stemmer("english", 0)
        self._russian = Stemmer.Stemmer("russian", 0)
        self.words: dict[str, Word] = {}
        """By spelling. What is not in it, ``learn`` tells."""
        self._older: dict[str, Word] = {}
        """What was known before ``words`` was begun anew: common words come back from there."""

    def learn(self, token: str) -> Word:
        """What is known of a token that ``words`` does not hold."""
        word = self._older.get(token)
        if word is None:
            if token[0].isdecimal():
                word = _number(token)
                if len(token) > _SHORT_NUMBER:
                    return word  # there is no end of them
            elif token[0].isalnum():
                word = self._describe(token)
            else:
                word = Word(item=0, special=_ENDING if len(token) > 1 else _STOP)
        if len(self.words) >= _CACHE_LIMIT:
            self._older, self.words = self.words, {}
        self.words[token] = word
        return word

    def _describe(self, spelling: str) -> Word:
        folded = spelling.casefold().replace("ё", "е")
        stem = self._stem(folded)
        rarity, term = self._frequencies.rarity(stem), crc32(stem.encode()) & HASH
        special = special_words().get(folded, ORDINARY)
        if not (spelling[0].isupper() or spelling[-1].isdigit()):
            return Word(
                term, *_terms(term, rarity, self._concepts.get(stem, ())), special, special is ORDINARY
            )
        if not self._frequencies.knows(stem):
            name = _name(folded)
            return Word(term, *_terms(name, rarity, ()), special, False, ALWAYS, name, NAME | name, rarity)
        terms, weights = _terms(term, rarity, self._concepts.get(stem, ()))
        if rarity < NAME_RARITY:
            return Word(term, terms, weights, special, special is ORDINARY)
        return Word(term, terms, weights, special, False, 1, _name(folded), NAME | term, rarity)

    def _stem(self, folded: str) -> str:
        if folded.isascii():
            return str(self._english.stemWord(folded))
        if folded[0] >= "а":
            return str(self._russian.stemWord(folded))
        plain = unicodedata.normalize("NFKD", folded)
        return str(self._english.stemWord("".join(one for one in plain if not unicodedata.combining(one))))
