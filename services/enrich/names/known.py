"""Known words in a story: listed actors, countries, offices and titles, found in one walk over the words."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.enrich.names.words import Words
from shared.actors.dataset import ActorData
from shared.actors.model import Organisation, Person
from shared.actors.phrases import PhraseIndex
from shared.actors.spelling import TOKEN, fold, is_latin

Kind = Literal["person", "short", "organisation", "weak", "blocked", "country", "office", "title"]
#: Single words in capitals in a headline of capitals are trusted only from this length on.
_LOUD_NAME = 5


class Sense(NamedTuple):
    """One thing that a phrase may be."""

    kind: Kind
    ref: str
    """The actor's id, the country's code, the office's kind, or the title itself."""
    capitals: tuple[bool, ...]
    """Which words must begin with a capital letter."""
    exact: str = ""
    """An acronym, which counts only when written just so."""


@dataclass(frozen=True, slots=True)
class Known:
    """Words ``first`` to ``end`` that mean something."""

    first: int
    end: int
    senses: tuple[Sense, ...]

    def refs(self, *kinds: Kind) -> list[str]:
        """Return what the phrase refers to in these kinds."""
        return [sense.ref for sense in self.senses if sense.kind in kinds]


@dataclass(slots=True)
class Reading:
    """The known phrases of a field, by first word and by every word."""

    words: Words
    known: list[Known] = field(default_factory=list)
    by_word: dict[int, Known] = field(default_factory=dict)

    def is_a(self, position: int, *kinds: Kind) -> bool:
        """Tell whether the word belongs to a known phrase of one of these kinds."""
        known = self.by_word.get(position)
        return known is not None and any(sense.kind in kinds for sense in known.senses)


def _sense(kind: Kind, ref: str, phrase: str) -> Sense:
    words = TOKEN.findall(phrase)
    acronym = len(words) == 1 and kind in ("organisation", "weak") and any(map(str.isupper, phrase[1:]))
    if is_latin(phrase):
        capitals = tuple(word[0].isupper() for word in words)
    else:
        capitals = (words[0][0].isupper(), *(False for _ in words[1:]))
    return Sense(kind, ref, capitals, words[0] if acronym else "")


class KnownNames:
    """Every phrase that the rules know, compiled once."""

    def __init__(self, data: ActorData, titles: frozenset[str]) -> None:
        self._index: PhraseIndex[Sense] = PhraseIndex()
        for person in data.people.values():
            self._add_person(person)
        for organisation in data.organisations.values():
            self._add_organisation(organisation)
        for phrase in data.blocked:
            self._add("blocked", phrase, phrase)
        for country in data.countries.values():
            for word in country.all:
                if not (len(word) <= 2 and word.islower()):
                    self._add("country", country.code, word)
        for office in {office.kind.id: office.kind for office in data.offices.values()}.values():
            for word in office.words:
                self._add("office", office.id, word)
        for title in titles:
            self._add("title", title, title)

    def _add(self, kind: Kind, ref: str, phrase: str) -> None:
        self._index.add(phrase, _sense(kind, ref, phrase))

    def _add_person(self, person: Person) -> None:
        for alias in person.aliases:
            self._add("person" if len(TOKEN.findall(alias)) > 1 else "short", person.actor.id, alias)
        for name in (*person.called, *person.known_as):
            self._add("short", person.actor.id, name)

    def _add_organisation(self, organisation: Organisation) -> None:
        for alias in organisation.aliases:
            self._add("organisation", organisation.actor.id, alias)
        for alias in organisation.weak:
            self._add("weak", organisation.actor.id, alias)
        for phrase in organisation.blocked:
            self._add("blocked", organisation.actor.id, phrase)

    def read(self, words: Words) -> Reading:
        """Find every known phrase in a field: leftmost, longest, written as its kind demands."""
        reading = Reading(words)
        first_words = self._index.root.then
        keys, position, size = words.keys, 0, len(words)
        while position < size:
            if keys[position] in first_words:
                known = self._best(words, position)
                if known is not None:
                    reading.known.append(known)
                    for word in range(known.first, known.end):
                        reading.by_word[word] = known
                    position = known.end
                    continue
            position += 1
        return reading

    def _best(self, words: Words, position: int) -> Known | None:
        for end, senses in self._index.at(words.keys, position):
            if end - position > 1 and not all(
                words.starts[word] - words.ends[word - 1] <= 3 for word in range(position + 1, end)
            ):
                continue
            fitting = tuple(sense for sense in senses if _written_so(sense, words, position, end))
            if fitting:
                return Known(position, end, fitting)
        return None


def _written_so(sense: Sense, words: Words, first: int, end: int) -> bool:
    if sense.exact:
        return words.words[first] == sense.exact and not (words.loud and _shouted(words, first))
    if sense.kind in ("office", "title"):
        return True
    if (
        end - first == 1
        and words.words[first].isupper()
        and len(words.words[first]) < _LOUD_NAME
        and sense.kind != "country"
    ):
        return words.words[first] == words.words[first].title() or fold(words.words[first]) == sense.ref
    return all(words.capital[first + offset] for offset, needed in enumerate(sense.capitals) if needed)


def _shouted(words: Words, position: int) -> bool:
    """Tell whether the words around are all capitals, so that an acronym looks like any other word."""
    around = words.words[max(0, position - 2) : position] + words.words[position + 1 : position + 3]
    letters = [word for word in around if word.isalpha() and len(word) > 2]
    return bool(letters) and all(word.isupper() for word in letters)
