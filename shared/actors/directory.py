"""The directory of listed actors, as the conversation asks it."""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import islice

from rapidfuzz import fuzz, process

from shared.actors.dataset import DATA, ActorData, read_data
from shared.actors.model import Actor, FoundActor, Office, Organisation, Person
from shared.actors.offices import Offices
from shared.actors.phrases import PhraseIndex
from shared.actors.spelling import TOKEN, fold, word_key

#: How like a known name (0-100) a mistyped one must be to be suggested.
SUGGESTION_CUTOFF = 72.0
#: Readers write short names in lower case; these are words first.
_SHORTEST_LOWER_CASE = 4
#: A name in Russian letters alone: neither Latin ones nor those that only other languages write.
_RUSSIAN = re.compile(r"(?=.*[а-яё])[^A-Za-zҐ-ӿґєії]+", re.IGNORECASE)


class Actors:
    """Listed people and organisations; immutable once built and cheap to share."""

    def __init__(self, data: ActorData, common_words: frozenset[str] = frozenset()) -> None:
        """Index ``data``; ``common_words`` are never taken for a name unless written with a capital."""
        self.data = data
        self._common = common_words
        self._by_id: dict[str, Actor] = {person.actor.id: person.actor for person in data.people.values()}
        self._by_id |= {one.actor.id: one.actor for one in data.organisations.values()}
        self._offices = Offices(data)
        self._names: PhraseIndex[Person | Organisation] = PhraseIndex()
        self._short: PhraseIndex[Person] = PhraseIndex()
        self._spelled: dict[str, list[str]] = {}
        for person in data.people.values():
            self._index(person, person.aliases)
            for name in person.called:
                self._short.add(name, person)
                self._spelled.setdefault(fold(name), []).append(person.actor.id)
        for organisation in data.organisations.values():
            self._index(organisation, (*organisation.aliases, *organisation.weak))

    def _index(self, entry: Person | Organisation, aliases: Iterable[str]) -> None:
        for alias in aliases:
            self._names.add(alias, entry)
            self._spelled.setdefault(fold(alias), []).append(entry.actor.id)

    def get(self, actor_id: str) -> Actor | None:
        """Return the actor with that id; an office's id gives the office by its name, so that it can be shown."""
        actor = self._by_id.get(actor_id)
        office = self._offices.get(actor_id) if actor is None else None
        return actor if office is None else _shown(office)

    def localized(self, actor_id: str, language: str) -> str | None:
        """Return how a language calls the actor or office, None where it is not known. Only Russian is, so far."""
        if language != "ru":
            return None
        if (office := self._offices.get(actor_id)) is not None:
            return self._office_in_russian(office)
        entry = self.data.people.get(actor_id) or self.data.organisations.get(actor_id)
        return next((alias for alias in entry.aliases if _RUSSIAN.fullmatch(alias)), None) if entry else None

    def _office_in_russian(self, office: Office) -> str | None:
        title = next((word for word in office.kind.words if _RUSSIAN.fullmatch(word)), None)
        country = self.data.countries.get(office.country or "")
        if title is None or country is None or not country.russian:
            return None
        return f"{title[0].upper()}{title[1:]} ({country.russian[0]})"

    def holders(self, office_id: str, at: date | None = None) -> list[Actor]:
        """Return who held an office on a day (without a day: now, as far as the data knows), newest first."""
        return [person.actor for person in self._offices.holders(office_id, at)]

    def offices_of(self, actor_id: str, at: date | None = None) -> list[Office]:
        """Return the offices that a person held on a day (without a day: holds, as far as the data knows)."""
        person = self.data.people.get(actor_id)
        return [
            self.data.offices[tenure.office]
            for tenure in (person.tenures if person else ())
            if tenure.covers(at or self.data.as_of)
        ]

    def expand(self, followed: str, at: date | None = None) -> frozenset[str]:
        """Return the actor ids that a followed id stands for on a day: itself, or the holders of an office."""
        if followed in self._by_id:
            return frozenset((followed,))
        return frozenset(actor.id for actor in self.holders(followed, at))

    def resolve(self, name: str, at: date | None = None) -> list[Actor]:
        """Return whom ``name`` may mean: one, several to choose from (the likelier first), or none.

        An id, an alias in any spelling the data knows, a surname, or an office (its holder on ``at``).
        """
        name = name.strip()
        if name in self._by_id:
            return [self._by_id[name]]
        for written in (name, name.removeprefix("the ").removeprefix("The ")):
            entries = self._exact_case_first(self._names.exactly(written), written)
            if entries:
                return self._ranked(entries, at)
        office = self._offices.resolve(name)
        if office is not None:
            return self.holders(office.id, at)
        return self._ranked(self._short.exactly(name), at)

    def _exact_case_first(
        self, entries: list[Person | Organisation], written: str
    ) -> list[Person | Organisation]:
        exact: list[Person | Organisation] = [
            entry
            for entry in entries
            if isinstance(entry, Organisation) and written in (*entry.aliases, *entry.weak)
        ]
        return exact or entries

    def _ranked(self, entries: Iterable[Person | Organisation], at: date | None) -> list[Actor]:
        def standing(entry: Person | Organisation) -> tuple[bool, bool, date]:
            if not isinstance(entry, Person):
                return (False, False, date.min)
            now = [tenure for tenure in entry.tenures if tenure.covers(at or self.data.as_of)]
            head = any(self.data.offices[tenure.office].kind.head for tenure in now)
            return (
                not head,
                not now,
                date.fromordinal(date.max.toordinal() - (entry.last_known or date.min).toordinal()),
            )

        return [entry.actor for entry in sorted(dict.fromkeys(entries), key=standing)]

    def find(self, text: str, at: date | None = None) -> list[FoundActor]:
        """Return the actors named in a question, longest match, in order of the text.

        Names count in lower case too, but not words that are names only when written so ("who", "may"). A short
        name that several share yields one result for each of them over the same span, the likeliest first.
        """
        tokens = list(islice(TOKEN.finditer(text), 2000))
        words = [token[0] for token in tokens]
        keys = [word_key(word) for word in words]
        offices = {first: (end, office) for first, end, office in self._offices.named(words)}
        found: list[FoundActor] = []
        position = 0
        while position < len(tokens):
            end, actors = self._named_at(words, keys, position, at)
            if not actors and position in offices:
                end, office = offices[position]
                actors = self.holders(office.id, at)
            if actors:
                first, last = tokens[position].start(), _end_of(words[end - 1], tokens[end - 1].end())
                found += [FoundActor(actor, first, last, text[first:last]) for actor in actors]
            position = end if actors else position + 1
        return found

    def find_offices(self, text: str) -> list[FoundActor]:
        """Return the offices named in a question, as what ``get`` shows them as, in order of the text."""
        tokens = list(islice(TOKEN.finditer(text), 2000))
        words = [token[0] for token in tokens]
        found = []
        for first, last, office in self._offices.named(words):
            start, end = tokens[first].start(), _end_of(words[last - 1], tokens[last - 1].end())
            found.append(FoundActor(_shown(office), start, end, text[start:end]))
        return found

    def _named_at(
        self, words: list[str], keys: list[str], start: int, at: date | None
    ) -> tuple[int, list[Actor]]:
        for end, entries in self._names.at(keys, start):
            wanted = [
                entry for entry in entries if end - start > 1 or self._meant(words[start], keys[start], entry)
            ]
            if wanted:
                return end, self._ranked(wanted, at)
        for end, people in self._short.at(keys, start):
            if end - start > 1 or self._meant(words[start], keys[start], None):
                return end, self._ranked(people, at)
        return start + 1, []

    def _meant(self, word: str, key: str, entry: Person | Organisation | None) -> bool:
        """Tell whether one word is a name: acronyms that are words need their capitals, others a clear form."""
        if isinstance(entry, Organisation):
            aliases = (*entry.aliases, *entry.weak)
            if any(alias == word for alias in aliases):
                return True
            return key not in self._common and len(key) >= 2
        return key not in self._common and (not word[0].islower() or len(key) >= _SHORTEST_LOWER_CASE)

    def suggest(self, name: str, limit: int = 3) -> list[Actor]:
        """Return actors whose names are like ``name``, best first; mistyped or half remembered.

        A word of the language is none of these: "weather" means nobody.
        """
        typed = fold(name[:100]).strip()
        if typed in self._common:
            return []
        found: dict[str, None] = {}
        matches = process.extract(
            typed,
            self._spelled.keys(),
            scorer=fuzz.ratio,
            limit=limit * 4,
            score_cutoff=SUGGESTION_CUTOFF,
        )
        for spelled, _, _ in matches:
            found.update(dict.fromkeys(self._spelled[spelled]))
        return [self._by_id[actor_id] for actor_id in islice(found, limit)]


def _shown(office: Office) -> Actor:
    return Actor(office.id, office.name, "government", office.country)


def _end_of(word: str, end: int) -> int:
    return end - 2 if word.endswith(("'s", "’s")) else end


@lru_cache(maxsize=1)
def load_common_words() -> frozenset[str]:
    """Return English words that are names only when something says so, folded."""
    return frozenset((DATA / "common_words.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def load_actors() -> Actors:
    """Return the directory of the data that ships with Dateline, read once."""
    return Actors(read_data(), load_common_words())
