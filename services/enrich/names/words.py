"""A field of a story as words with their offsets, ready for the rules that read names out of it."""

from collections.abc import Iterator
from typing import Literal

from shared.actors.spelling import TOKEN, word_key
from shared.events import Evidence

Field = Literal["title", "text"]

_POSSESSIVE = ("'s", "’s", "'S", "’S")
_JOINTS = " -\u00a0\u2011\u2010"
_ENDS = frozenset(".!?:;")
_QUOTES = frozenset("\"'“”«»‘’()[]|•")
#: A title in which more of the longer words than this begin with a capital is in title case; a text with as many
#: words all in capitals is shouted. Capitals say nothing in either.
_LOUD_SHARE = 0.75
_LOUD_WORD = 4
#: The end of the word before when no name goes on from there.
_NOWHERE = -9


#: Titles that are written with a full stop, which ends no sentence.
ABBREVIATED = frozenset(
    (
        *(
            "mr",
            "mrs",
            "ms",
            "dr",
            "st",
            "gen",
            "lt",
            "col",
            "maj",
            "capt",
            "sgt",
            "cpl",
            "sen",
            "rep",
            "gov",
        ),
        *("prof", "rev", "fr", "hon", "jr", "sr", "adm", "cmdr", "pres", "ald", "det", "supt", "insp"),
    )
)


class Words:
    """The words of one field.

    Parallel lists: ``words`` as written, ``keys`` to look them up by, ``starts`` and ``ends`` in code points (an
    end leaves out a possessive), ``capital`` for words that begin with a capital letter, ``joined`` for words that
    only a space or hyphen parts from the one before.
    """

    __slots__ = ("_runs", "capital", "ends", "field", "joined", "keys", "loud", "starts", "text", "words")

    def __init__(self, field: Field, text: str) -> None:
        self.field: Field = field
        self.text = text
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.joined: list[bool] = []
        previous_end = _NOWHERE
        for match in TOKEN.finditer(text):
            word = match[0]
            start, end = match.span()
            gap = start - previous_end
            self.joined.append(gap == 0 or (gap == 1 and text[previous_end] in _JOINTS))
            previous_end = end
            if word[-1] in "sS" and word.endswith(_POSSESSIVE):
                end -= 2
                word = word[:-2]
                previous_end = _NOWHERE
            self.words.append(word)
            self.starts.append(start)
            self.ends.append(end)
        self.keys: list[str] = [word_key(word) for word in self.words]
        self.capital: list[bool] = [word[0].isupper() for word in self.words]
        self.loud = self._is_loud()
        self._runs: list[tuple[int, int]] | None = None

    def _is_loud(self) -> bool:
        long_words = [word for word in self.words if len(word) >= _LOUD_WORD]
        if self.field == "title":
            loud = sum(word[0].isupper() for word in long_words)
        else:
            loud = sum(map(str.isupper, long_words))
        return len(long_words) > 2 and loud > _LOUD_SHARE * len(long_words)

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, end: int) -> str:
        """Return the text of the words ``first`` to ``end`` (exclusive)."""
        return self.text[self.starts[first] : self.ends[end - 1]]

    def evidence(self, first: int, end: int, kind: str) -> Evidence:
        """Return the words ``first`` to ``end`` as evidence, with offsets into the original text."""
        start, stop = self.starts[first], self.ends[end - 1]
        return Evidence.model_construct(
            field=self.field, start=start, end=stop, text=self.text[start:stop], kind=kind
        )

    def possessive(self, position: int) -> bool:
        """Tell whether the word is written with a possessive ending."""
        end = self.ends[position]
        return self.text[end : end + 2] in _POSSESSIVE

    def hyphenated(self, position: int) -> bool:
        """Tell whether a hyphen ties the word to the one before."""
        return self.joined[position] and self.text[self.starts[position] - 1] in "-‑‐"

    def opens_sentence(self, position: int) -> bool:
        """Tell whether the word begins a sentence, so that its capital says nothing."""
        before = position - 1
        while before >= 0 and self.words[before] in _QUOTES:
            before -= 1
        return before < 0 or self.words[before] in _ENDS

    def runs(self) -> list[tuple[int, int]]:
        """Return the longest stretches of joined capitalised words; an initial's full stop does not end one."""
        if self._runs is None:
            self._runs = list(self._find_runs())
        return self._runs

    def _find_runs(self) -> Iterator[tuple[int, int]]:
        position, size = 0, len(self.words)
        while position < size:
            if not self.capital[position]:
                position += 1
                continue
            end = position + 1
            while end < size and self.joined[end] and (self.capital[end] or self._inside_name(end)):
                end += 1
            while end > position + 1 and not self.capital[end - 1]:
                end -= 1
            yield position, end
            position = end

    def _inside_name(self, position: int) -> bool:
        """Tell whether a mark is part of a name: "J. Smith", "Gen. Li", "Veterans' Council"."""
        before = self.words[position - 1]
        if self.words[position] in "'’":
            return before[-1] == "s" and position + 1 < len(self.words) and self.capital[position + 1]
        if self.words[position] != ".":
            return False
        return len(before) == 1 or before.lower() in ABBREVIATED
