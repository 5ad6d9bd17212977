"""Organisations that nobody listed: head words, words beside a name, and acronyms that the story explains."""

from collections.abc import Callable, Iterator

from services.enrich.names.known import Kind, Reading
from services.enrich.names.mentions import Mention
from services.enrich.names.vocabulary import Vocabulary
from services.enrich.names.words import Words

_LONGEST_TAIL = 9
_FIRST_LINKS = frozenset(("of", "for", "on", "de", "del", "des", "du", "di", "da", "fur"))
_LONGEST_ACRONYM = 8
_LONGEST_BARE = 5
#: How many other words may stand between two head words of one name: "Bank Negara Malaysia Trust".
_BETWEEN_HEADS = 3
_NO_ORGANISATIONS = (["soviet", "union"], ["united", "states"], ["prime", "time"])
_NO_NAMES: tuple[Kind, ...] = ("country", "office", "title", "person", "short")
_HEAD, _TAIL, _BESIDE, _DEFINED, _ACRONYM = 0.75, 0.75, 0.65, 0.9, 0.5


class OrganisationRules:
    """Finds names of organisations among capitalised words."""

    def __init__(self, vocabulary: Vocabulary, is_place: Callable[[str], bool]) -> None:
        """``is_place`` tells, for a name in folded words, whether it is a place's."""
        self._v = vocabulary
        self._is_place = is_place
        self._plain = vocabulary.not_acronyms | vocabulary.common | vocabulary.given | vocabulary.calendar
        self._ends_something_else = vocabulary.not_organisations | vocabulary.place_heads

    def acronyms(self, reading: Reading) -> tuple[list[Mention], dict[str, Mention | None]]:
        """Return the names that the field gives an acronym for, and what each acronym means.

        "European Space Agency (ESA)". None means that the acronym stands for something that is no organisation,
        such as a forum or a treaty.
        """
        words = reading.words
        found: list[Mention] = []
        meanings: dict[str, Mention | None] = {}
        for position in range(1, len(words) - 2):
            if words.words[position] != "(" or words.words[position + 2] != ")":
                continue
            acronym = words.words[position + 1]
            if not (
                2 <= len(acronym) <= _LONGEST_ACRONYM
                and acronym[0].isupper()
                and sum(map(str.isupper, acronym)) >= 2
            ):
                continue
            first = self._spelled_out(words, position, acronym)
            if first is None:
                continue
            kind = self._kind(words, first, position)
            if kind is None:
                meanings[acronym] = None
                continue
            mention = Mention(words, first, position, "acronym", _DEFINED, kind)
            found.append(mention)
            meanings[acronym] = mention
        return found, meanings

    def _spelled_out(self, words: Words, end: int, acronym: str) -> int | None:
        """Return where the words begin whose initials make the acronym, or None."""
        letters = [letter.casefold() for letter in acronym if letter.isalpha()]
        position, first = end - 1, None
        while position >= 0 and letters and end - position <= len(acronym) + 5:
            key, capital = words.keys[position], words.capital[position]
            if capital and key[:1] == letters[-1]:
                letters.pop()
                first = position
            elif not capital and key in self._v.links:
                if (
                    key[:1] == letters[-1]
                    and len(letters) > 1
                    and self._initials_left(words, position, letters)
                ):
                    letters.pop()
            elif not capital:
                return None
            position -= 1
        return first if not letters and first is not None and end - first > 1 else None

    def _initials_left(self, words: Words, position: int, letters: list[str]) -> bool:
        """Tell whether a small word's letter is in the acronym ("DoJ") rather than left out of it."""
        before = position - 1
        return before >= 0 and words.keys[before][:1] == letters[-2]

    def _kind(self, words: Words, first: int, end: int) -> str | None:
        """Return the kind of organisation that a spelled-out name is, None when it is something else."""
        keys = words.keys[first:end]
        plain = sum(key in self._v.common for key in keys)
        if (
            keys[0] in self._v.titles
            or keys[-1] in self._v.not_organisations
            or (plain * 2 > len(keys) and not self._v.last.keys() & keys)
        ):
            return None
        for key in reversed(keys):
            if key in self._v.last:
                return self._v.last[key]
        return "organisation"

    def by_head(self, reading: Reading, claimed: bytearray) -> list[Mention]:
        """Return names that say what they are: "Ferghana Cotton Bank", "Institute for War Studies"."""
        found: list[Mention] = []
        words = reading.words
        done = 0
        for first, end in words.runs():
            for head in range(max(first, done), end):
                if head < done or claimed[head]:
                    continue
                mention = self._headed(reading, claimed, max(first, done), head, end)
                if mention is not None:
                    found.append(mention)
                    done = mention.end
        return found

    def _headed(
        self, reading: Reading, claimed: bytearray, first: int, head: int, end: int
    ) -> Mention | None:
        words, v = reading.words, self._v
        key = words.keys[head]
        if key in v.first and head + 2 < len(words):
            tail = self._tail(words, head + 1)
            if tail is not None:
                start = self._start(reading, claimed, first, head)
                if words.keys[tail - 1] in v.not_organisations:
                    return None
                return Mention(words, start, tail, "head", _TAIL, v.last.get(key, v.first[key]))
        if key not in v.last or head == first:
            return None
        start = self._start(reading, claimed, first, head)
        last = self._furthest_head(reading, claimed, head, end)
        if last + 1 < end and words.keys[last + 1] in self._ends_something_else:
            return None
        if (
            words.keys[start : last + 1] in _NO_ORGANISATIONS
            or start == head
            or not any(self._telling(reading, word) for word in range(start, last))
        ):
            return None
        return Mention(words, start, last + 1, "head", _HEAD, v.last[words.keys[last]])

    def _furthest_head(self, reading: Reading, claimed: bytearray, head: int, end: int) -> int:
        """Return the last head word of the name: "Nikko Securities Co Ltd", "Gas and Electric Co"."""
        words, v = reading.words, self._v
        last = reached = head
        while reached + 1 < end and reached - last < _BETWEEN_HEADS and not claimed[reached + 1]:
            reached += 1
            if words.keys[reached] in v.given or reading.is_a(reached, "title", "office", "person", "short"):
                break
            if words.keys[reached] in v.last:
                last = reached
        if last + 2 < len(words) and last + 1 == end and words.words[end] in ("and", "&"):
            for further in range(end + 1, min(end + 4, len(words))):
                if not words.capital[further] or not words.joined[further] or claimed[further]:
                    break
                if (
                    v.last.get(words.keys[further]) == v.last[words.keys[last]] == "company"
                    and further > end + 1
                ):
                    return further
        return last

    def _telling(self, reading: Reading, position: int) -> bool:
        """Tell whether a word before the head can make a name of it: not a title, not a mark."""
        return reading.words.words[position][0].isalnum() and not reading.is_a(position, "title")

    def _start(self, reading: Reading, claimed: bytearray, first: int, head: int) -> int:
        """Return where a name that ends at its head begins: not before a title, a claimed name or an opening word."""
        words, v = reading.words, self._v
        start = head
        while start > first and not claimed[start - 1] and words.words[start - 1] != ".":
            start -= 1
        while start < head and (
            (
                words.opens_sentence(start)
                and words.keys[start] in v.common
                and words.keys[start] not in v.last
            )
            or words.keys[start] == "the"
            or reading.is_a(start, "title")
        ):
            start += 1
        return self._first_half(words, claimed, start)

    def _first_half(self, words: Words, claimed: bytearray, start: int) -> int:
        """Return where "Defence and" begins before "Security Committee", so long as it is made of ordinary words."""
        before = start - 2
        if before < 0 or words.words[start - 1] not in ("and", "&") or not words.joined[start]:
            return start
        first = before + 1
        while (
            first > 0
            and words.capital[first - 1]
            and words.keys[first - 1] in self._v.common
            and not claimed[first - 1]
            and (first == before + 1 or words.joined[first])
        ):
            first -= 1
        return start if first == before + 1 or words.opens_sentence(first) else first

    def _tail(self, words: Words, position: int) -> int | None:
        """Return the end of "of the Interior and Trade" after a head word, or None when nothing follows."""
        end, reached = position, None
        if words.keys[end] not in _FIRST_LINKS:
            return None
        while end < len(words) and end - position < _LONGEST_TAIL and words.joined[end]:
            if words.capital[end]:
                reached = end + 1
            elif (
                (words.keys[end] in ("on", "in", "to") and self._no_name(words, end + 1))
                or words.keys[end] not in self._v.links
                or (reached is not None and words.keys[end] in ("on", "in", "to"))
                or (reached is not None and words.keys[end] == "and" and not self._goes_on(words, end))
            ):
                break
            end += 1
        return reached

    def _no_name(self, words: Words, position: int) -> bool:
        """Tell whether a day or month stands there: "Parliament on Friday"."""
        return position < len(words) and words.keys[position] in self._v.calendar

    def _goes_on(self, words: Words, position: int) -> bool:
        """Tell whether "and" joins two parts of one name ("Trade and Industry") rather than two names."""
        return (
            position + 1 < len(words)
            and words.capital[position + 1]
            and words.keys[position + 1] not in self._v.given
        )

    def beside(self, reading: Reading, claimed: bytearray) -> list[Mention]:
        """Return names beside a word that says what they are: "the band Killing Frost"."""
        words = reading.words
        found: list[Mention] = []
        for first, end in words.runs():
            if not first or words.capital[first - 1] or not words.joined[first] or any(claimed[first:end]):
                continue
            kind = self._v.near.get(words.keys[first - 1])
            if kind and self._may_be_beside(reading, first, end):
                found.append(Mention(words, first, end, "beside", _BESIDE, kind))
        return found

    def _may_be_beside(self, reading: Reading, first: int, end: int) -> bool:
        """Tell whether nothing says that the name beside "company" or "party" is a person's, a place's or a word."""
        key = reading.words.keys[first]
        if end - first > 1:
            return key not in self._v.given and not reading.is_a(first, *_NO_NAMES)
        return key not in self._plain and key not in self._v.not_names and not reading.is_a(first, *_NO_NAMES)

    def bare_acronyms(self, reading: Reading, claimed: bytearray) -> Iterator[Mention]:
        """Yield capitals that nothing explains: likely an organisation, with little confidence."""
        words = reading.words
        if words.loud:
            return
        for position, word in enumerate(words.words):
            if 3 <= len(word) <= _LONGEST_BARE and word.isupper() and word.isalpha():
                known = (
                    claimed[position] or position in reading.by_word or words.keys[position] in self._plain
                )
                if (
                    not known
                    and not self._among_capitals(words, position)
                    and not self._is_place(words.keys[position])
                ):
                    yield Mention(words, position, position + 1, "capitals", _ACRONYM, "organisation")

    def _among_capitals(self, words: Words, position: int) -> bool:
        """Tell whether a neighbour is all capitals too, or a dateline begins here: "LONDON - ..."."""
        before = position > 0 and words.joined[position] and words.words[position - 1].isupper()
        after = (
            position + 1 < len(words) and words.joined[position + 1] and words.words[position + 1].isupper()
        )
        dateline = position == 0 and len(words) > 1 and words.words[1] in ",-–—(/"
        return before or after or dateline
