"""People that nobody listed, found by what stands around a capitalised name."""

from collections.abc import Callable, Iterator

from services.enrich.names.known import Reading
from services.enrich.names.mentions import Mention
from services.enrich.names.person_cues import PersonCues
from services.enrich.names.vocabulary import Vocabulary
from services.enrich.names.words import Words

#: What a name of several words, and one of a single word, must score to count as a person.
FULL_NAME_SCORE = 2.0
SINGLE_NAME_SCORE = 2.5
#: A full name with less than it should have still counts in a list with somebody else.
DOUBTFUL_NAME_SCORE = 1.0
_LONGEST_NAME = 6
#: Titles that also stand inside a name: "Khalid Sheikh Mohammed".
_HONORIFIC_NAMES = frozenset(
    ("sheikh", "shaikh", "shah", "sultan", "imam", "khan", "mirza", "sayyid", "guru")
)
_AFTER_HYPHEN = frozenset(("in", "on", "up", "by", "to", "of", "at", "ed", "as", "or", "and", "la", "de"))


class PeopleRules:
    """Cuts capitalised runs into what may be names and has each of them scored."""

    def __init__(self, vocabulary: Vocabulary, is_place: Callable[[str], bool]) -> None:
        """``is_place`` tells, for a name in folded words, whether it is a place's."""
        self._v = vocabulary
        self._cues = PersonCues(vocabulary, is_place)

    def propose(self, reading: Reading, claimed: bytearray) -> list[Mention]:
        """Return what may name a person, scored, in order of the text; words in ``claimed`` are taken."""
        lower = {
            key for key, capital in zip(reading.words.keys, reading.words.capital, strict=True) if not capital
        }
        found = []
        for piece in self._pieces(reading, claimed):
            first, end = self._stripped(reading.words, *piece, lower)
            if first < end and end - first <= _LONGEST_NAME * 2:
                found.append(self._cues.score(reading, first, end, lower))
        return found

    def _pieces(self, reading: Reading, claimed: bytearray) -> Iterator[tuple[int, int]]:
        """Yield the parts of capitalised runs that no other reading claims."""
        for first, end in self._runs(reading.words):
            start = position = first
            while position < end:
                stop = self._barrier(reading, claimed, position, start, end)
                if stop is None:
                    position += 1
                    continue
                if start < position:
                    yield start, position
                start = position = max(stop, position + 1)
                if start < end and reading.words.words[start] == ".":
                    start = position = start + 1
            if start < end:
                yield start, end

    def _runs(self, words: Words) -> Iterator[tuple[int, int]]:
        """Yield capitalised runs, put together over the small words inside names: "Ursula von der Leyen"."""
        pending: tuple[int, int] | None = None
        for first, capital_end in words.runs():
            end = capital_end
            while end < len(words) and self._second_half(words, end):
                end += 1
            if pending is not None:
                between = range(pending[1], first)
                if (
                    len(between) <= 3
                    and words.joined[first]
                    and all(words.joined[word] and words.keys[word] in self._v.particles for word in between)
                ):
                    pending = (pending[0], end)
                    continue
                yield pending
            pending = (first, end)
        if pending is not None:
            yield pending

    def _second_half(self, words: Words, position: int) -> bool:
        """Tell whether a small word ends a name after a hyphen: "Jae-myung", but not "Moscow-backed"."""
        return (
            words.hyphenated(position)
            and not words.capital[position]
            and words.words[position].isalpha()
            and (words.keys[position] not in self._v.common or len(words.words[position]) == 2)
            and words.keys[position] not in _AFTER_HYPHEN
        )

    def _barrier(
        self, reading: Reading, claimed: bytearray, position: int, start: int, end: int
    ) -> int | None:
        """Return where the piece may go on when the word at ``position`` is no part of a person's name."""
        if claimed[position]:
            return position + 1
        known = reading.by_word.get(position)
        if known is None:
            return None
        given_first = position > start and reading.words.keys[start] in self._v.given
        if known.refs("country"):
            alone = known.end - known.first == 1 and known.end < end and not claimed[known.end]
            named = reading.words.keys[position] in self._v.given and known.end not in reading.by_word
            return None if (alone and named) or (given_first and known.end == end) else known.end
        if known.refs("office", "title") and not known.refs("person", "short"):
            if self._first_name(reading, known.first, known.end, end) or (
                given_first and known.end < end and reading.words.keys[position] in _HONORIFIC_NAMES
            ):
                return None
            return None if given_first and known.end == end and known.end - known.first == 1 else known.end
        return None

    def _first_name(self, reading: Reading, first: int, end: int, run_end: int) -> bool:
        """Tell whether a title is a given name here: "Director Emir Baigazin"."""
        return (
            end - first == 1
            and end < run_end
            and reading.words.keys[first] in self._v.given
            and end not in reading.by_word
            and reading.is_a(first - 1, "title", "office")
        )

    def _stripped(self, words: Words, first: int, end: int, lower: set[str]) -> tuple[int, int]:
        """Take off what a sentence puts before a name ("Meanwhile"), and stray marks at the ends."""
        v = self._v
        while first < end and (
            not words.words[first][0].isalnum()
            or (words.keys[first] in v.particles and not words.capital[first])
        ):
            first += 1
        while (
            first < end
            and end - first > 1
            and words.keys[first] not in v.given
            and (
                words.keys[first] in v.common
                or words.keys[first] in lower
                or words.keys[first] in v.not_names
            )
            and (words.opens_sentence(first) or words.keys[first + 1] in v.given)
        ):
            first += 1
        while end - first > 1 and words.keys[end - 1] in v.calendar:
            end -= 1
        while end > first and (
            not words.words[end - 1][0].isalnum()
            or (words.keys[end - 1] in v.particles and not words.capital[end - 1])
        ):
            end -= 1
        return first, end
