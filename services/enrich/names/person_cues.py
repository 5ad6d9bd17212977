"""What speaks for and against a capitalised name being a person's: each cue has points and, when it proves, a name."""

import re
from collections.abc import Callable, Iterator

from services.enrich.names.known import Reading
from services.enrich.names.mentions import Mention
from services.enrich.names.titles import Before, read_before
from services.enrich.names.vocabulary import Vocabulary
from services.enrich.names.words import Words

Cue = tuple[float, str]

_FAMILY_ENDING = re.compile(
    r"(?:ov|ev|ova|eva|[eo]vich|[eo]vic|sky|skiy|skyy|skaya|ski|enko|chuk|yan|ian|shvili|dze|zad[ae]h?|zod[ae]|oglu|ogly"
    r"|uulu|kyzy|bek|bayev|pour|nejad|sson|dottir|berg|stein|mann|opoulos|idis|akis|escu|auskas|wicz|czyk|ini|elli|etti"
    r"|ez|ff|ов|ев|ин|ск|енк|ян|швил|дзе|зод|оглы|кызы|уулу|бек)$"
)
_AUXILIARIES = frozenset(("did", "does", "has", "had", "was", "is", "will", "would", "could"))
_PLACE_BEFORE = frozenset(
    (
        "in",
        "at",
        "near",
        "outside",
        "around",
        "across",
        "through",
        "into",
        "inside",
        "via",
        "toward",
        "towards",
    )
)
_BIRTH = frozenset(("born", "b", "c", "died", "d", "aged", "nee"))
_WHO = frozenset(("who", "whose", "whom"))
_HE = frozenset(("he", "she", "his", "her", "him", "himself", "herself"))
_ADVERBS = frozenset(
    (
        "also",
        "later",
        "then",
        "once",
        "reportedly",
        "recently",
        "first",
        "again",
        "already",
        "has",
        "had",
        "now",
    )
)
_SAID_BEFORE = frozenset(("said", "says", "adds", "added", "told", "according"))
_TAKES_PERSON = frozenset(
    (
        "by",
        "starring",
        "featuring",
        "named",
        "called",
        "alongside",
        "succeeded",
        "replaced",
        "replacing",
        "against",
    )
)
#: How many words on a "he" or "she" still speaks for the name being a person's.
_PRONOUN_WITHIN = 18
_MOST_WORDS = 4


class PersonCues:
    """Scores a name by its own words and by what stands before and after it."""

    def __init__(self, vocabulary: Vocabulary, is_place: Callable[[str], bool]) -> None:
        self._v = vocabulary
        self._is_place = is_place

    def score(self, reading: Reading, first: int, end: int, lower: set[str]) -> Mention:
        """Return the words as a mention with its score; ``lower`` are words that the field also writes small."""
        words = reading.words
        before = read_before(reading, first)
        names = [word for word in range(first, end) if words.words[word][0].isalpha()]
        cues = [self._titled(words, before, first), *self._cues(reading, first, end, names, lower)]
        score = sum(points for points, _ in cues)
        _, how = max((cue for cue in cues if cue[1]), default=(0.0, ""))
        return Mention(words, first, end, how or "name", score, "person", before.offices, before.place)

    def _titled(self, words: Words, before: Before, first: int) -> Cue:
        if before.titled:
            return (2.0 if before.comma else 3.0), "title"
        if first and words.keys[first - 1] in self._v.kin:
            return 2.5, "family"
        return 0.0, ""

    def _cues(
        self, reading: Reading, first: int, end: int, names: list[int], lower: set[str]
    ) -> Iterator[Cue]:
        words = reading.words
        for position in names:
            yield self._word(words, names, position, end, lower), ""
        if len(names) > 1:
            yield from self._full_name(words, first, end, names)
        elif words.possessive(end - 1) and end < len(words) and words.capital[end]:
            yield -1.5, ""
        if end < len(words):
            yield self._after(reading, end, len(names))
        if not _HE.isdisjoint(words.keys[end : end + _PRONOUN_WITHIN]):
            yield 0.5, ""
        if first:
            yield self._ahead(words.keys[first - 1], len(names))
        yield from self._places(reading, first, end, names)

    def _word(self, words: Words, names: list[int], position: int, end: int, lower: set[str]) -> float:
        """Return what one word of the name speaks for or against a person."""
        v, key, word = self._v, words.keys[position], words.words[position]
        several = len(names) > 1
        alone = not several and (key in v.last or key in v.suffixes)
        if key in v.calendar or key in v.not_names or alone:
            return -0.5 if key in v.given else -3.0
        if len(word) == 1 and several and position < end - 1:
            return 1.8 if words.words[position + 1] == "." else 0.5
        if word.isupper() and len(word) > 2 and key not in v.suffixes:
            return -1.5
        if not words.capital[position]:
            return 1.0 if key in v.particles else 0.0
        if (key in v.common or key in lower) and not (key in v.given and position == names[0]):
            return self._plain_word(words, names, position, in_text=key in lower)
        return 0.0

    def _plain_word(self, words: Words, names: list[int], position: int, *, in_text: bool) -> float:
        """Return what an ordinary word takes away; after a given name it may be a family name: "Paul Fish"."""
        if len(names) > 1 and position == names[-1] and words.keys[names[0]] in self._v.given:
            return -0.6 if in_text else 0.0
        return -1.5 if in_text or len(names) == 1 else -0.8

    def _full_name(self, words: Words, first: int, end: int, names: list[int]) -> Iterator[Cue]:
        v, last = self._v, words.keys[names[-1]]
        if words.keys[names[0]] in v.given:
            yield 2.0, "given name"
        if any(
            len(words.words[position]) == 1 and words.words[position + 1] == "." for position in names[:-1]
        ):
            yield 0.0, "initial"
        if last in v.surnames or _FAMILY_ENDING.search(last):
            yield 1.2, "family name"
        if any(words.words[position][0].isdigit() for position in range(first, end)):
            yield -3.0, ""
        if len(names) > _MOST_WORDS:
            yield -1.5, ""
        elif all(self._nameable(words, position) for position in names):
            yield 1.3, ""

    def _nameable(self, words: Words, position: int) -> bool:
        """Tell whether nothing is known of a word that would keep it from being a name."""
        key, word = words.keys[position], words.words[position]
        return len(word) > 1 and not word[1:].isupper() and key not in self._v.never_alone

    def _after(self, reading: Reading, end: int, count: int) -> Cue:
        words = reading.words
        keys = words.keys[end : end + 3]
        if words.words[end] == ",":
            return self._after_comma(reading, end)
        following = keys[1] if len(keys) > 1 else ""
        if words.words[end] == "(":
            year = following.isdigit() and len(following) == 4
            return (2.0, "dates") if year or following in _BIRTH else (0.0, "")
        if keys[0] in _WHO:
            return 1.5, "who"
        if keys[0] in self._v.speech or (keys[0] in _ADVERBS and following in self._v.speech):
            return (1.6 if count > 1 else 2.0), "verb"
        if count > 1 and words.joined[end] and not words.capital[end]:
            return self._after_full_name(reading, end)
        return 0.0, ""

    def _after_full_name(self, reading: Reading, end: int) -> Cue:
        key = reading.words.keys[end]
        if key.endswith("ed"):
            return 1.0, "verb"
        if key in _AUXILIARIES:
            return 0.6, "verb"
        if key == "of" and self._of_body(reading, end + 1):
            return 1.2, "of an organisation"
        return 0.0, ""

    def _after_comma(self, reading: Reading, end: int) -> Cue:
        words = reading.words
        keys = words.keys[end + 1 : end + 3]
        if len(keys) > 1 and keys[0].isdigit() and len(keys[0]) <= 2 and words.words[end + 2] == ",":
            return 3.0, "age"
        if keys and keys[0] in _WHO:
            return 2.0, "who"
        for position in range(end + 1, min(end + 7, len(words))):
            if words.words[position] in ",.;:()":
                break
            if reading.is_a(position, "title", "office"):
                return 1.6, "apposition"
        return 0.0, ""

    def _of_body(self, reading: Reading, position: int) -> bool:
        """Tell whether an organisation's name begins here: "Ko Wen-je of the People's Party"."""
        words = reading.words
        article = position < len(words) and words.keys[position] == "the"
        position += article
        if position >= len(words):
            return False
        named = article and words.capital[position] and not reading.is_a(position, "country")
        return named or reading.is_a(position, "organisation")

    def _ahead(self, key: str, count: int) -> Cue:
        if key == "the":
            return -3.0, ""
        if key in _SAID_BEFORE:
            return 1.0, "verb"
        if key in _TAKES_PERSON:
            return 0.7, ""
        if key in _PLACE_BEFORE:
            return (-1.0 if count > 1 else -2.0), ""
        return 0.0, ""

    def _places(self, reading: Reading, first: int, end: int, names: list[int]) -> Iterator[Cue]:
        words, v = reading.words, self._v
        last = words.keys[names[-1]] if names else ""
        if len(names) > 1 and last in v.place_heads:
            yield (-1.5 if last in v.surnames else -4.0), ""
        if words.keys[first] in v.before_place:
            yield -1.5, ""
        if self._is_place(" ".join(words.keys[first:end])):
            yield -2.0, ""
        elif len(names) == 1 and words.keys[first] in v.given:
            yield 0.3, ""
        after = reading.by_word.get(end + 1) if end < len(words) and words.words[end] == "," else None
        if after is not None and after.refs("country") and not reading.is_a(after.end, "office", "title"):
            yield -1.5, ""
