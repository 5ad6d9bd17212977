"""Reading a story's words once: terms, names, numbers, ordinals and days, in the order they stand."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import Stemmer

from services.enrich.document_frequency import DocumentFrequencies
from services.enrich.event_days import MONTHS, WEEKDAYS
from services.enrich.numerals import CARDINALS, MULTIPLIERS, ORDINALS, digits_value, joins, unit_after_ten
from services.enrich.sound_keys import sound_key

_TOKEN = re.compile(
    r"(?P<name>[^\W\d_]+-\d+)"
    r"|(?P<digits>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)*)"
    r"(?P<ordinal>st\b|nd\b|rd\b|th\b|-[а-я]{1,3}\b)?"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<possessive>['’]s\b)"
    r"|(?P<stop>[.!?:«“\"„](?=\s|\w)|\n)"
)
_CACHE_LIMIT = 16_384

#: A known word is taken for a name only if it is at least this rare (Putin 7, Kazakhstan 10).
NAME_RARITY: Final = 6.0
#: Words of a text that count as its opening, where a report says what is new.
LEAD_WORDS: Final = 24
#: Terms that weigh no more than this say nothing.
LIGHT: Final = 0.6

WORD, NAME, NUMBER = 0, 1, 2
ALWAYS: Final = 2

Item = tuple[int, int]
"""WORD, NAME or NUMBER, and the hash of what stands there."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """What is known of a spelling, whatever text it stands in."""

    item: Item
    """How it stands in a text: as a word, and (``named``) as a name."""
    named: Item
    naming: int
    """Whether it is a name: 0 never, 1 within a sentence, 2 always."""
    name: int
    """32-bit hash of the sound key."""
    terms: tuple[tuple[int, float], ...]
    """What it counts as when stories are compared, with weights: its stem, and the concepts it is a word for."""
    rarity: float
    plain: bool
    """Whether it is neither a number, nor a day, nor a month, nor part of one."""
    value: float | None = None
    ordinal: int | None = None
    multiplier: float | None = None
    weekday: int | None = None
    month: int | None = None
    one: int = 0
    """Whether it can end a number: 1 as in двадцать один, 2 as in twenty-first."""


@dataclass(slots=True)
class Reading:
    """What was read, of one text or of several."""

    items: list[Item] = field(default_factory=list)
    """Every word, name and number in order."""
    words: dict[Word, int] = field(default_factory=dict)
    """How often each word stands in the text, except numbers, days and months."""
    opening: list[Word] = field(default_factory=list)
    """The words that it opens with."""
    names: dict[int, float] = field(default_factory=dict)
    """Sound key of each name to its rarity, in order."""
    numbers: dict[float, None] = field(default_factory=dict)
    ordinals: dict[int, int] = field(default_factory=dict)
    """n to the term of the noun counted, or 0."""
    weekdays: list[int] = field(default_factory=list)
    dates: set[int] = field(default_factory=set)
    """Month times 100 plus day."""


def weigh(rarity: float) -> float:
    """What a term of this rarity weighs. Damped: the rarest words are often misspelt or beside the point."""
    return float(max(0.0, rarity - 1.5) ** 0.6)


def _folded(term: int, rarity: float, concepts: tuple[int, ...]) -> tuple[tuple[int, float], ...]:
    if not concepts or len(concepts) > 2:
        return ((term, weigh(rarity)),)
    share = 0.5 * weigh(rarity)
    return ((term, share), *((concept, share) for concept in concepts))


class _Pass:
    """The state of reading one text: the number being spelled out and the month waiting for its day."""

    __slots__ = ("capitals", "into", "month", "ordinal", "start", "value")

    def __init__(self, into: Reading, *, capitals: bool) -> None:
        self.into = into
        self.capitals = capitals
        self.start = True
        self.value: float | None = None
        self.ordinal = False
        self.month: int | None = None

    def number(self, value: float, *, ordinal: bool = False) -> None:
        """A number, in digits or as one word of it."""
        if self.month is not None and value <= 31 and self.value is None:
            self.into.dates.add(self.month * 100 + int(value))
            self.month = None
            return
        if self.value is not None and joins(self.value, value):
            value += self.value
            self.value = None
        self.close()
        self.value, self.ordinal = value, ordinal

    def close(self, noun: int = 0) -> None:
        """The number before this word is complete."""
        value, self.value = self.value, None
        if value is None:
            return
        self.into.items.append((NUMBER, hash(value) & 0xFFFFFFFF))
        if self.ordinal:
            self.into.ordinals.setdefault(int(value), noun)
        else:
            self.into.numbers[value] = None

    def word(self, word: Word) -> None:
        """A number word, a day or a month, or any word after a number."""
        if word.value is not None:
            return self.number(word.value)
        if word.ordinal is not None:
            return self.number(float(word.ordinal), ordinal=True)
        if self.value is not None and self._ends_number(word, self.value):
            return None
        self.close(word.item[1])
        self.month = word.month
        if word.weekday is not None:
            self.into.weekdays.append(word.weekday)
        if word.weekday is not None or word.month is not None:
            self.into.items.append(word.item)
        else:
            self.term(word)
        return None

    def _ends_number(self, word: Word, value: float) -> bool:
        if word.multiplier is not None:
            self.value = value * word.multiplier
            return True
        if word.one and joins(value, 1):
            self.value, self.ordinal = value + 1, word.one == 2
            return True
        if word.month is not None and value <= 31:
            self.into.dates.add(word.month * 100 + int(value))
            self.value = None
            return True
        return False

    def term(self, word: Word) -> None:
        """An ordinary word or a name."""
        into = self.into
        into.words[word] = into.words.get(word, 0) + 1
        if len(into.items) < LEAD_WORDS:
            into.opening.append(word)
        if word.naming and self.capitals and (word.naming == ALWAYS or not self.start):
            into.items.append(word.named)
            into.names[word.name] = max(word.rarity, into.names.get(word.name, 0.0))
        else:
            into.items.append(word.item)


class Reader:
    """Reads texts. Remembers what it learnt of each spelling, up to a limit; not for use by two threads."""

    def __init__(self, frequencies: DocumentFrequencies, concepts: Mapping[str, tuple[int, ...]]) -> None:
        self._frequencies = frequencies
        self._concepts = concepts
        self._english = Stemmer.Stemmer("english")
        self._russian = Stemmer.Stemmer("russian")
        self._words: dict[str, Word] = {}

    def read(self, text: str, into: Reading, *, capitals: bool = True) -> None:
        """Add a text to a reading. ``capitals`` is False where they tell nothing (a Title In Title Case)."""
        state = _Pass(into, capitals=capitals)
        words = self._words
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup
            if kind in ("word", "name"):
                token = match.group()
                word = words.get(token) or self._learn(token)
                if word.plain and state.value is None:
                    state.month = None
                    state.term(word)
                else:
                    state.word(word)
                state.start = False
            elif kind == "stop":
                state.close()
                state.start = True
            elif kind != "possessive":
                state.number(digits_value(match.group("digits")), ordinal=kind == "ordinal")
                state.start = False
        state.close()

    def _learn(self, spelling: str) -> Word:
        folded = spelling.casefold().replace("ё", "е")
        cyrillic = not folded.isascii() and folded[0] >= "а"
        if not cyrillic and not folded.isascii():
            plain = unicodedata.normalize("NFKD", folded)
            folded = "".join(letter for letter in plain if not unicodedata.combining(letter))
        word = self._describe(
            spelling, folded, (self._russian if cyrillic else self._english).stemWord(folded)
        )
        if len(self._words) >= _CACHE_LIMIT:
            self._words.clear()
        self._words[spelling] = word
        return word

    def _describe(self, spelling: str, folded: str, stem: str) -> Word:
        rarity, term = self._frequencies.rarity(stem), crc32(stem.encode())
        name = crc32(("=" + sound_key(folded)).encode())
        capital = spelling[0].isupper() or spelling[-1].isdigit()
        strange = capital and not self._frequencies.knows(stem)
        value = CARDINALS.get(folded)
        ordinal, multiplier = ORDINALS.get(folded), MULTIPLIERS.get(folded)
        weekday, month = WEEKDAYS.get(folded), MONTHS.get(folded)
        one = unit_after_ten(folded)
        return Word(
            item=(WORD, term),
            named=(NAME, name if strange else term),
            naming=ALWAYS if strange else int(capital and rarity >= NAME_RARITY),
            name=name,
            terms=((name, weigh(rarity)),)
            if strange
            else _folded(term, rarity, self._concepts.get(stem, ())),
            rarity=rarity,
            plain=not one and value is ordinal is multiplier is weekday is month is None,
            value=None if value is None else float(value),
            ordinal=ordinal,
            multiplier=multiplier,
            weekday=weekday,
            month=month,
            one=one,
        )
