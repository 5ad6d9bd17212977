"""Offices named in words: "president of Kazakhstan", "Kazakh president", «президент Казахстана»."""

from collections.abc import Iterator, Sequence
from datetime import date

from shared.actors.dataset import ActorData
from shared.actors.model import Office, Person
from shared.actors.phrases import PhraseIndex
from shared.actors.spelling import TOKEN, name_keys, word_key

_LINKS = frozenset(("of", "the", "for"))


class Offices:
    """Finds offices by their words and holders by their dates."""

    def __init__(self, data: ActorData) -> None:
        self._offices = data.offices
        self._as_of = data.as_of
        self._places: PhraseIndex[str] = PhraseIndex()
        self._words: dict[tuple[str, ...], list[str]] = {}
        self._holders: dict[str, list[Person]] = {}
        self._longest = 1
        for country in data.countries.values():
            for word in country.all:
                self._places.add(word, country.code)
        bodies = {office.body for office in data.offices.values() if office.body}
        for body in bodies & data.organisations.keys():
            for alias in data.organisations[body].aliases:
                self._places.add(alias, body)
        for office in data.offices.values():
            for word in office.kind.words:
                keys = tuple(key for key in name_keys(word) if key not in _LINKS)
                self._words.setdefault(keys, []).append(office.kind.id)
                self._longest = max(self._longest, len(keys))
        for person in data.people.values():
            for tenure in person.tenures:
                self._holders.setdefault(tenure.office, []).append(person)

    def get(self, office_id: str) -> Office | None:
        """Return the office with that id."""
        return self._offices.get(office_id)

    def holders(self, office_id: str, at: date | None = None) -> list[Person]:
        """Return who held the office on a day, newest first; without a day, when the data was checked."""
        day = at or self._as_of
        found = []
        for person in dict.fromkeys(self._holders.get(office_id, ())):
            for tenure in person.tenures:
                if tenure.office == office_id and tenure.covers(day):
                    found.append((tenure.since, person))
                    break
        return [person for _, person in sorted(found, key=lambda one: one[0], reverse=True)]

    def named(self, words: Sequence[str]) -> list[tuple[int, int, Office]]:
        """Return the offices named in the words of a text as (first, end, office), in order of the text."""
        kept = [(word_key(word), position) for position, word in enumerate(words)]
        kept = [(key, position) for key, position in kept if key not in _LINKS]
        keys = [key for key, _ in kept]
        found: list[tuple[int, int, Office]] = []
        start = 0
        while start < len(keys):
            match = next(self._at(keys, start), None)
            if match is None:
                start += 1
                continue
            end, office = match
            found.append((kept[start][1], kept[end - 1][1] + 1, office))
            start = end
        return found

    def _at(self, keys: Sequence[str], start: int) -> Iterator[tuple[int, Office]]:
        for end, places in self._places.at(keys, start):
            for length in range(self._longest, 0, -1):
                office = self._match(places, tuple(keys[end : end + length]), length)
                if office:
                    yield end + length, office
        for length in range(self._longest, 0, -1):
            words = tuple(keys[start : start + length])
            if len(words) == length and start + length < len(keys) and words in self._words:
                for end, places in self._places.at(keys, start + length):
                    office = self._match(places, words, length)
                    if office:
                        yield end, office

    def _match(self, places: list[str], words: tuple[str, ...], length: int) -> Office | None:
        if len(words) < length:
            return None
        for kind in self._words.get(words, ()):
            for place in places:
                office = self._offices.get(f"{place.lower()}-{kind}")
                if office is not None:
                    return office
        return None

    def resolve(self, name: str) -> Office | None:
        """Return the office that ``name`` names as a whole, for example "Kazakh president" or its id."""
        name = name.strip()
        if name in self._offices:
            return self._offices[name]
        words = TOKEN.findall(name)
        while words and word_key(words[0]) in _LINKS:
            words = words[1:]
        for first, end, office in self.named(words):
            if first == 0 and end == len(words):
                return office
        return None
