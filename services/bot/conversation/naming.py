"""Places and people under the names that the reader's language has for them, and what follows are called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.bot.conversation.articles import the
from services.bot.conversation.ports import Actor, Actors, Desk, FoundActor, FoundPlace, Place, Places
from services.bot.conversation.texts import DEFAULT, _, speaker
from services.bot.keywords import NO_WORDS, Keywords
from services.bot.subscriptions import target_of, words_of


@dataclass(frozen=True, slots=True)
class Named:
    """A place or an actor under the name that it has in the language spoken. Actors have no flag."""

    id: str
    kind: str
    name: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class _FoundPlace:
    place: Named
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _FoundActor:
    actor: Named
    start: int
    end: int


class SpokenPlaces:
    """``Places`` whose names are those of the language spoken now (see ``texts.speaking``)."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def get(self, place_id: str) -> Place | None:
        """Return the place with exactly this id."""
        return self._named(self._places.get(place_id))

    def resolve(self, name: str) -> Place | None:
        """Return the place of this name, in any known language and case."""
        return self._named(self._places.resolve(name))

    def find(self, text: str) -> Sequence[FoundPlace]:
        """Return every place named in a short question, in order."""
        return [
            _FoundPlace(self._name(each.place), each.start, each.end, each.kind)
            for each in self._places.find(text)
        ]

    def suggest(self, name: str, limit: int = 3) -> Sequence[Place]:
        """Return places with a similar name, best first."""
        return [self._name(place) for place in self._places.suggest(name, limit)]

    def likeness(self, name: str, place_id: str) -> float:
        """Return how like the likest name of a place a misspelt one is, 0 to 100."""
        return self._places.likeness(name, place_id)

    def members(self, region_id: str) -> frozenset[str]:
        """Return the codes of the countries of a region."""
        return self._places.members(region_id)

    def regions_of(self, code: str) -> frozenset[str]:
        """Return the ids of the regions that a country belongs to."""
        return self._places.regions_of(code)

    def localized(self, place_id: str, language: str) -> str:
        """Return the display name in a language, in English where that is not known, else the id."""
        return self._places.localized(place_id, language)

    def _named(self, place: Place | None) -> Place | None:
        return None if place is None else self._name(place)

    def _name(self, place: Place) -> Named:
        language, name = speaker().language, place.name
        if language != DEFAULT:
            # the vocabulary knows every country's names; the catalogue has what it lacks or puts too stiffly
            known = self._places.localized(place.id, language)
            said = _(name.replace("{", "{{").replace("}", "}}"))
            name = said if said != name else known
        return Named(place.id, place.kind, name, place.flag)


class SpokenActors:
    """``Actors`` whose names are those of the language spoken now, where one is known."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors

    def get(self, actor_id: str) -> Actor | None:
        """Return the actor with exactly this id."""
        actor = self._actors.get(actor_id)
        return None if actor is None else self._name(actor)

    def resolve(self, name: str) -> Sequence[Actor]:
        """Return every actor of this name."""
        return self._names(self._actors.resolve(name))

    def find(self, text: str) -> Sequence[FoundActor]:
        """Return every actor named in a short question, in order; several over one span share that name."""
        return self._found(self._actors.find(text))

    def find_offices(self, text: str) -> Sequence[FoundActor]:
        """Return every office ("president of Kazakhstan") named in a short question, shown as an actor."""
        return self._found(self._actors.find_offices(text))

    def expand(self, followed: str, at: date | None = None) -> frozenset[str]:
        """Return the ids that an id stands for on a day: itself, or those of the holders of an office."""
        return self._actors.expand(followed, at)

    def suggest(self, name: str, limit: int = 3) -> Sequence[Actor]:
        """Return actors with a similar name, best first."""
        return self._names(self._actors.suggest(name, limit))

    def localized(self, actor_id: str, language: str) -> str | None:
        """Return the name in a language, None where it is not known."""
        return self._actors.localized(actor_id, language)

    def _names(self, actors: Iterable[Actor]) -> list[Named]:
        return [self._name(actor) for actor in actors]

    def _found(self, found: Iterable[FoundActor]) -> list[_FoundActor]:
        return [_FoundActor(self._name(each.actor), each.start, each.end) for each in found]

    def _name(self, actor: Actor) -> Named:
        known = self._actors.localized(actor.id, speaker().language)
        return Named(actor.id, actor.kind, known or actor.name)


def name_of(desk: Desk, key: str) -> str:
    """Return the name of a follow, its words behind it; its id when the target is no longer known."""
    kind, _, item_id = target_of(key).partition(":")
    item = desk.actors.get(item_id) if kind == "actor" else desk.places.get(item_id)
    return with_words(item.name if item is not None else item_id, words_of(key))


def said_of(desk: Desk, key: str) -> str:
    """Return the name of a follow as it stands in a sentence, as ``name_of``."""
    return with_words(the(name_of(desk, target_of(key))), words_of(key))


def with_words(name: str, words: Keywords | str = NO_WORDS) -> str:
    """Return the name of a target with words behind it: "Kazakhstan +uranium"."""
    return f"{name} {words}".rstrip()


def flag_of(desk: Desk, key: str) -> str:
    """Return the flag of a follow's place with a space, "" for an actor."""
    kind, _, item_id = target_of(key).partition(":")
    place = None if kind == "actor" else desk.places.get(item_id)
    return f"{place.flag} " if place is not None else ""


def term(key: str, *, mentions: bool = False) -> str:
    """Write a follow as commands do: country codes bare, the rest whole, "all" for every mention."""
    target, words = target_of(key).removeprefix("country:"), words_of(key)
    return " ".join(part for part in (target, "all" if mentions else "", words) if part)
