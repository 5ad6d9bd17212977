"""Organisations that no head word with "of" gives away: teams, clubs, foreign forms, and banks in one word."""

from collections.abc import Callable, Iterator

from services.enrich.names.known import Reading
from services.enrich.names.mentions import Mention
from services.enrich.names.vocabulary import Vocabulary
from services.enrich.names.words import Words

_SURE, _LIKELY = 0.7, 0.6
_LONGEST_NAME = 3


class ShapeRules:
    """Finds "AS Monaco", "Radio Almaz", "Boston Bruins" and "Ecobank"; ``is_place`` knows places' names."""

    def __init__(self, vocabulary: Vocabulary, is_place: Callable[[str], bool]) -> None:
        self._v = vocabulary
        self._is_place = is_place

    def find(self, reading: Reading, claimed: bytearray) -> Iterator[Mention]:
        """Yield what the field's unclaimed capitalised runs show."""
        for first, end in reading.words.runs():
            if not any(claimed[first:end]):
                mention = self._read(reading, first, end)
                if mention is not None:
                    yield mention

    def _read(self, reading: Reading, first: int, end: int) -> Mention | None:
        words = reading.words
        for position in range(first, end):
            key = words.keys[position]
            if key in self._v.lead and position + 1 < end and self._leads(words, position, key):
                return Mention(
                    words, position, self._name_end(reading, position, end), "head", _SURE, self._v.lead[key]
                )
            if key in self._v.teams and position > first and self._place_before(words, first, position):
                return Mention(words, first, position + 1, "team", _SURE, "organisation")
            if key.endswith("bank") and len(key) > len("xxbank") and key not in self._v.surnames:
                return self._bank(reading, first, position, end)
        return None

    def _leads(self, words: Words, position: int, key: str) -> bool:
        """Tell whether a word such as "Radio" or "AS" begins a name; the short ones only in capitals."""
        return len(key) > 3 or words.words[position].isupper()

    def _name_end(self, reading: Reading, position: int, end: int) -> int:
        last = position + 1
        while last + 1 < min(end, position + _LONGEST_NAME) and not reading.is_a(last + 1, "office", "title"):
            last += 1
        return last + 1

    def _place_before(self, words: Words, first: int, position: int) -> bool:
        return any(self._is_place(" ".join(words.keys[start:position])) for start in range(first, position))

    def _bank(self, reading: Reading, first: int, position: int, end: int) -> Mention | None:
        """Return "Ecobank Ghana" whole, "Sberbank" out of more; a family name such as Eubank is none."""
        if position > first and reading.words.keys[position - 1] in self._v.given:
            return None
        whole = end - first <= _LONGEST_NAME and not any(
            reading.is_a(word, "office", "title", "country") for word in range(first, position)
        )
        start, stop = (first, end) if whole else (position, position + 1)
        return Mention(reading.words, start, stop, "head", _LIKELY, "company")
