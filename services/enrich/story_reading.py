"""Reading a story's words once: terms, names, numbers, ordinals and days, in the order they stand.

It is the greater part of what a signature costs, so what is known of a spelling is kept, and an ordinary word takes
the short way through the loop.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from services.enrich.numerals import joins
from services.enrich.spellings import ALWAYS, HASH, NUMBER, ORDINARY, Special, Spellings, Word

#: A name with a number, a number (with its ending, if it is an ordinal), a word, a possessive, or a stop.
_TOKEN = re.compile(
    r"[^\W\d_]+(?:-\d+)?"
    r"|(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)*)(?:st\b|nd\b|rd\b|th\b|-[а-я]{1,3}\b)?"
    r"|['’]s\b"
    r"|[.!?:«“\"„](?=\s|\w)|\n"
)
#: Words of a text that count as its opening, where a report says what is new.
LEAD_WORDS: Final = 24


@dataclass(slots=True)
class Reading:
    """What was read, of one text or of several."""

    items: list[int] = field(default_factory=list)
    """Every word, name (plus ``NAME``) and number (plus ``NUMBER``) in order, as hashes."""
    words: list[Word] = field(default_factory=list)
    """Every word in order, except numbers, days and months."""
    names: dict[int, float] = field(default_factory=dict)
    """Sound key of each name to its rarity, in order."""
    numbers: dict[float, None] = field(default_factory=dict)
    ordinals: dict[int, int] = field(default_factory=dict)
    """n to the term of the noun counted, or 0."""
    weekdays: list[int] = field(default_factory=list)
    dates: set[int] = field(default_factory=set)
    """Month times 100 plus day."""

    def name(self, word: Word) -> None:
        """Take a word as a name."""
        self.items.append(word.named)
        self.names[word.name] = max(word.rarity, self.names.get(word.name, 0.0))


class _Pass:
    """The state of reading one text: the number being spelled out and the month waiting for its day."""

    __slots__ = ("into", "month", "ordinal", "pending", "value")

    def __init__(self, into: Reading) -> None:
        self.into = into
        self.value: float | None = None
        self.ordinal = False
        self.month: int | None = None
        self.pending = False
        """Whether a number or a month is waiting for what comes next."""

    def number(self, value: float, *, ordinal: bool = False) -> None:
        """A number, in digits or as one word of it."""
        self.pending = True
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
        self.into.items.append(NUMBER | hash(value) & HASH)
        if self.ordinal:
            self.into.ordinals.setdefault(int(value), noun)
        else:
            self.into.numbers[value] = None

    def takes(self, word: Word) -> bool:
        """Take a number word, a day or a month, or the word after one; False for a word that stands for itself."""
        told = word.special
        if told.value is not None:
            self.number(told.value)
            return True
        if told.ordinal is not None:
            self.number(float(told.ordinal), ordinal=True)
            return True
        if self.value is not None and self._ends_number(told, self.value):
            return True
        self.close(word.item)
        self.month = told.month
        self.pending = told.month is not None
        if told.weekday is not None:
            self.into.weekdays.append(told.weekday)
        if told.weekday is not None or told.month is not None:
            self.into.items.append(word.item)
            return True
        return False

    def _ends_number(self, word: Special, value: float) -> bool:
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


class Reader:
    """Reads texts, in words that it has learnt; not for use by two threads."""

    def __init__(self, spellings: Spellings) -> None:
        self._spellings = spellings

    def read(self, text: str, into: Reading, *, capitals: bool = True) -> None:
        """Add a text to a reading. ``capitals`` is False where they tell nothing (a Title In Title Case)."""
        state = _Pass(into)
        items, words = into.items, into.words
        start, pending = True, False
        known, learn = self._spellings.words.get, self._spellings.learn
        for token in _TOKEN.findall(text):
            word = known(token) or learn(token)
            if word.plain and not pending:
                words.append(word)
                items.append(word.item)
                start = False
                continue
            told = word.special
            if told.silent:
                continue
            if told.stop:
                state.close()
                start, pending = True, False
                continue
            if (pending or told is not ORDINARY) and state.takes(word):
                start, pending = False, state.pending
                continue
            pending = False
            words.append(word)
            if word.naming and capitals and (word.naming == ALWAYS or not start):
                into.name(word)
            else:
                items.append(word.item)
            start = False
        state.close()

    def spelled(self, text: str) -> Iterator[tuple[str, Word]]:
        """Every word of a text as it is spelled, with what is known of it."""
        for token in _TOKEN.findall(text):
            yield token, self._spellings.words.get(token) or self._spellings.learn(token)
