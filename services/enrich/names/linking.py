"""Who of the listed people a name means.

A full name links by any of its spellings, or by a like spelling when given name and family name agree and the story
speaks for it. A family name alone links only to whoever holds the office and only on a day when that is so.
"""

from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz

from services.enrich.names.mentions import Mention
from shared.actors.dataset import ActorData
from shared.actors.model import Person, Tenure
from shared.actors.spelling import name_keys, romanised, skeleton

#: How alike (0-100) two spellings of a given name must be to be one name.
GIVEN_NAME_RATIO = 70.0
_WHOLE_NAME_RATIO = 78.0
_ALIAS, _SPELLING, _OFFICE, _HOLDER, _IN_LIST = 0.98, 0.86, 0.92, 0.8, 0.7
#: An undated story may be of any year; holders of long ago are not meant without their full name.
_UNDATED_SINCE = date(2014, 1, 1)
#: A score below which the surroundings speak for a place: "born in Churchill, Manitoba".
_PLACE_LIKE = -1.0
_HISTORY_UNTIL = date(1995, 1, 1)


@lru_cache(maxsize=2_048)
def known_keys(person: Person) -> frozenset[tuple[str, ...]]:
    """Return the short names that mean the person while in office, as keys."""
    return frozenset(name_keys(name) for name in person.known_as)


class Linker:
    """Links names to the listed people."""

    def __init__(self, data: ActorData, risky: Collection[str]) -> None:
        """``risky`` are words and given names: as a family name alone they mean nobody without a title."""
        self._data = data
        self._risky = risky
        self._by_family: dict[str, list[tuple[Person, tuple[str, ...]]]] = {}
        for person in data.people.values():
            for alias in person.aliases:
                keys = name_keys(alias)
                if len(keys) > 1:
                    for family in {skeleton(keys[-1]), skeleton(keys[0])}:
                        self._by_family.setdefault(family, []).append((person, keys))

    def choose(self, people: Iterable[str], at: date | None, countries: Collection[str]) -> Person:
        """Return the likeliest of several people with the same full name."""
        found = [self._data.people[person_id] for person_id in people]
        return max(
            found, key=lambda person: (bool(self._held(person, at)), person.actor.country in countries)
        )

    def full_name(
        self, mention: Mention, at: date | None, countries: Collection[str]
    ) -> tuple[Person, float] | None:
        """Return whom a name of two words or more means, with the confidence, or None."""
        keys = tuple(key for key in mention.keys if key[:1].isalnum())
        if len(keys) < 2:
            return None
        best: tuple[Person, float] | None = None
        for family in {skeleton(keys[-1]), skeleton(keys[0])}:
            for person, alias in self._by_family.get(family, ()):
                confidence = self._alike(keys, alias)
                if (
                    confidence
                    and self._supported(person, mention, at, countries, confidence)
                    and (best is None or confidence > best[1])
                ):
                    best = person, confidence
        return best

    def _alike(self, keys: tuple[str, ...], alias: tuple[str, ...]) -> float:
        """Return how surely two full names are spellings of one, 0 when they are not."""
        written, known = [romanised(key) for key in keys], [romanised(key) for key in alias]
        if written[0] == known[0] and written[-1] == known[-1]:
            return _ALIAS - 0.03 if len(written) != len(known) else _ALIAS
        if skeleton(keys[-1]) != skeleton(alias[-1]) or _feminine(keys[-1]) != _feminine(alias[-1]):
            return 0.0
        given = fuzz.ratio(written[0], known[0])
        if skeleton(keys[0])[:1] != skeleton(alias[0])[:1] or given < GIVEN_NAME_RATIO:
            return 0.0
        return _SPELLING if fuzz.ratio(" ".join(written), " ".join(known)) >= _WHOLE_NAME_RATIO else 0.0

    def _supported(
        self, person: Person, mention: Mention, at: date | None, countries: Collection[str], confidence: float
    ) -> bool:
        """Tell whether the story speaks for the person: their country, their office, or an exact name in their time."""
        if person.actor.country in countries or self._office(person, mention, at) is not None:
            return True
        return confidence >= _ALIAS - 0.03 and not person.tenures

    def family_name(
        self,
        people: Iterable[str],
        mention: Mention,
        at: date | None,
        countries: Collection[str],
        *,
        past: bool,
        vouched: bool,
    ) -> tuple[Person, float] | None:
        """Return the holder of an office whom a family name alone means on the day of the story, or None.

        ``vouched`` tells that something beside the name shows that it is a person's.
        """
        candidates = [self._data.people[person_id] for person_id in dict.fromkeys(people)]
        if mention.offices:
            return self._by_office(candidates, mention, at, countries, past=past)
        found = []
        for person in candidates:
            held = self._held(person, at)
            head = any(self._data.offices[tenure.office].kind.head for tenure in held)
            in_time = bool(held) or (_historic(person) and mention.score > _PLACE_LIKE)
            known = in_time and mention.keys in known_keys(person)
            if known or (
                head
                and person.actor.country in countries
                and (vouched or mention.keys[-1] not in self._risky)
            ):
                found.append((known, head, person))
        if not found:
            return None
        known, head, person = max(found, key=lambda one: (one[2].actor.country in countries, one[1]))
        if (
            len([one for one in found if one[1]]) > 1
            and not known
            and len({one[2].actor.country for one in found}) == 1
        ):
            return None
        return person, _HOLDER + (0.05 if person.actor.country in countries and known else 0.0)

    def only_head(self, people: Iterable[str], at: date | None) -> tuple[Person, float] | None:
        """Return the only head of state or government among people of one name on that day, or None."""
        heads = [
            person
            for person in (self._data.people[person_id] for person_id in dict.fromkeys(people))
            if at is not None
            and any(self._data.offices[tenure.office].kind.head for tenure in person.held(at))
        ]
        return (heads[0], _IN_LIST) if len(heads) == 1 else None

    def _by_office(
        self,
        candidates: list[Person],
        mention: Mention,
        at: date | None,
        countries: Collection[str],
        *,
        past: bool,
    ) -> tuple[Person, float] | None:
        found = []
        for person in candidates:
            tenure = self._office(person, mention, at, past=past)
            if tenure is not None:
                office = self._data.offices[tenure.office]
                place = mention.country or next(
                    (code for code in (office.country, office.body) if code in countries), None
                )
                found.append((place is not None, tenure.since, person))
        if not found:
            return None
        near, _, person = max(found, key=lambda one: one[:2])
        if not near and len(found) > 1:
            return None
        return person, _OFFICE if near else _OFFICE - 0.07

    def _office(
        self, person: Person, mention: Mention, at: date | None, *, past: bool = False
    ) -> Tenure | None:
        """Return the tenure that the office before the name speaks of, or None."""
        tenures = self._held(person, at)
        if past:
            tenures = tuple(tenure for tenure in person.tenures if at is None or tenure.since <= at)
        for tenure in tenures:
            office = self._data.offices[tenure.office]
            if office.kind.id in mention.offices and mention.country in (
                None,
                office.country,
                office.body,
                person.actor.country,
            ):
                return tenure
        return None

    def _held(self, person: Person, at: date | None) -> tuple[Tenure, ...]:
        if at is not None:
            return person.held(at)
        return tuple(
            tenure for tenure in person.tenures if tenure.until is None or tenure.until >= _UNDATED_SINCE
        )


def _historic(person: Person) -> bool:
    """Tell whether the person's time is so long over that the name alone is history's: Lenin, Churchill."""
    return bool(person.tenures) and all(one.until and one.until < _HISTORY_UNTIL for one in person.tenures)


def _feminine(key: str) -> bool:
    """Tell whether a Slavic family name in Latin letters is a woman's: Aliyeva is not Aliyev."""
    return key.isascii() and key.endswith(("ova", "eva", "ina", "aya"))
