"""What a question is about: the places and the people named in it."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.bot.conversation.articles import the
from services.bot.conversation.cleaning import fold
from services.bot.conversation.ports import Actor, Actors, Place, Places
from services.bot.conversation.qualifiers import ALL_OF, FILLERS
from services.bot.conversation.texts import _, either

#: A topic of more names than this is a pasted list.
MOST_NAMES = 10

_TARGET = re.compile(r"(?<!\S)(?P<kind>country|region|actor):(?P<id>[\w.:-]+)", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s,;?!()«»“”\"]+")
_INDICATOR_A = 0x1F1E6
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_PREPOSITION = re.compile(
    r"(?:^|\s)(?:in|on|about|from|for|of|в|во|на|о|об|про|из|по)\s+(?:the\s+)?$", re.IGNORECASE
)
#: Ends of Russian surnames of women; without the last letter they are those of men.
_FEMININE = ("ова", "ева", "ина", "ына")
#: Ways to name a place by who acts for it or lives there. An actor of that very name is meant rather: "Putin",
#: "the Kremlin", "Houthis".
_STAND_INS = ("leader", "metonym", "demonym")


@dataclass(frozen=True, slots=True)
class Topic:
    """Places and actors, each once, in the order named. False when neither these nor what is left out is named."""

    places: tuple[Place, ...] = ()
    actors: tuple[Actor, ...] = ()
    alike: frozenset[str] = frozenset()
    """Ids of actors that were named by a name they share: one of them is meant."""
    together: bool = False
    """A story must have every one of the names, not any of those of a kind."""
    without: "Topic | None" = None
    """What a story must not mention."""

    def __bool__(self) -> bool:
        return bool(self.places or self.actors or self.without)

    @property
    def countries(self) -> tuple[Place, ...]:
        """The countries among the places."""
        return tuple(place for place in self.places if place.kind == "country")

    @property
    def regions(self) -> tuple[Place, ...]:
        """The regions among the places."""
        return tuple(place for place in self.places if place.kind == "region")

    @property
    def name(self) -> str:
        """How to say the topic: "the Sahel", "Russia or Uzbekistan", "Kazakhstan and Vladimir Putin", "" when empty.

        Of what is of one kind any may be in a story, of each kind something must be (see ``Filter``).
        """
        kinds = (self.countries, self.regions, self.actors)
        if self.together:
            names = [the(item.name) for items in kinds for item in items]
        else:
            names = [either([the(item.name) for item in items]) for items in kinds if items]
        name = functools.reduce(
            lambda one, other: _("{one} and {other}", one=one, other=other), names or [""]
        )
        if self.without is None:
            return name
        others = either([the(item.name) for item in (*self.without.places, *self.without.actors)])
        return (
            _("{name} without {others}", name=name, others=others)
            if name
            else _("everything but {others}", others=others)
        )

    @property
    def label(self) -> str:
        """The names alone, as they stand on a button: "United States, Mexico"."""
        return ", ".join(item.name for item in (*self.places, *self.actors))

    @property
    def terms(self) -> tuple[str, ...]:
        """How a command writes the topic: ids for places, ``actor:id`` for actors."""
        return (*(place.id for place in self.places), *(f"actor:{actor.id}" for actor in self.actors))

    @property
    def written(self) -> tuple[str, ...]:
        """How a command writes all of it: the terms, and what is left out or holds for them together."""
        without = [f"without {term}" for term in self.without.terms] if self.without else []
        return (*self.terms, *without, *([ALL_OF] if self.together else []))

    @property
    def targets(self) -> tuple[str, ...]:
        """How subscriptions write the topic: ``country:KZ``, ``region:central-asia``, ``actor:id``."""
        places = (f"{place.kind}:{place.id}" for place in self.places)
        return (*places, *(f"actor:{actor.id}" for actor in self.actors))

    def with_(self, other: "Topic") -> "Topic":
        """Return a topic of everything named in either."""
        places = {place.id: place for place in (*self.places, *other.places)}
        actors = {actor.id: actor for actor in (*self.actors, *other.actors)}
        return replace(
            self, places=tuple(places.values()), actors=tuple(actors.values()), alike=self.alike | other.alike
        )

    def leaving_out(self, other: "Topic") -> "Topic":
        """Return the topic without what is named in another."""
        return replace(self, without=(self.without or NO_TOPIC).with_(other)) if other else self

    def each(self) -> "list[Topic]":
        """Return a topic of one name for every name."""
        return [Topic(places=(place,)) for place in self.places] + [
            Topic(actors=(actor,)) for actor in self.actors
        ]


#: Nothing named.
NO_TOPIC = Topic()


@dataclass(frozen=True, slots=True)
class _Named:
    start: int
    end: int
    place: Place | None = None
    actor: Actor | None = None
    weak: bool = False
    office: bool = False


def find_topic(
    text: str, places: Places, actors: Actors, *, ids: bool = False, only_after_preposition: bool = False
) -> tuple[Topic, str]:
    """Find the places and actors named in a text; returns them and the text without them.

    With ``ids``, words that are ids of places count too. Only commands are read so: in a sentence "IT" is no Italy.
    """
    whole = text.strip(" ?!.,")
    if not only_after_preposition and (place := _whole(whole, places, actors)) is not None:
        return Topic(places=(place,)), ""
    known = _targets(text, places, actors) + _flags(text, places) + _found(text, places, actors)
    named = _longest(known + (_ids(text, places) if ids else []))
    if only_after_preposition:
        named = [_with_preposition(name, text) for name in named if _PREPOSITION.search(text[: name.start])]
    found = Topic(
        places=tuple({name.place.id: name.place for name in named if name.place}.values())[:MOST_NAMES],
        actors=_actors(named, actors)[:MOST_NAMES],
        alike=_alike(named),
    )
    return found, _blanked(text, named)


def _actors(named: Sequence[_Named], actors: Actors) -> tuple[Actor, ...]:
    """Return the actors named. "Kazakh president Tokayev" is one person; without the name it is the office."""
    people = {name.actor.id for name in named if name.actor and not name.office}
    meant = (
        name.actor
        for name in named
        if name.actor and not (name.office and people & actors.expand(name.actor.id))
    )
    return tuple({actor.id: actor for actor in meant}.values())


def _alike(named: Sequence[_Named]) -> frozenset[str]:
    """Return the ids of actors that only share a name here; who is also named alone is sure."""
    spans: dict[tuple[int, int], set[str]] = {}
    for name in named:
        if name.actor is not None:
            spans.setdefault((name.start, name.end), set()).add(name.actor.id)
    sure = {actor_id for ids in spans.values() if len(ids) == 1 for actor_id in ids}
    return frozenset(actor_id for ids in spans.values() if not ids & sure for actor_id in ids if len(ids) > 1)


def _whole(text: str, places: Places, actors: Actors) -> Place | None:
    """Resolve a text that is nothing but a name. Small words that happen to be codes ("no", "is") are no names."""
    if not text or _is_small_word(text):
        return None
    if actors.find(text) and any(item.kind in _STAND_INS for item in places.find(text)):
        return None
    return places.get(text) or places.resolve(text)


def _is_small_word(text: str) -> bool:
    return fold(text) in FILLERS and not text.isupper()


def _targets(text: str, places: Places, actors: Actors) -> list[_Named]:
    """Targets as buttons write them: ``actor:vladimir-putin``."""
    named = []
    for found in _TARGET.finditer(text):
        kind, key = found["kind"].lower(), found["id"]
        actor = actors.get(key) if kind == "actor" else None
        place = places.get(key) if kind != "actor" else None
        if actor or place:
            named.append(_Named(found.start(), found.end(), place, actor))
    return named


def _flags(text: str, places: Places) -> list[_Named]:
    """Flag emojis: two regional indicators that spell a country's code."""
    named = []
    for found in _FLAG.finditer(text):
        code = "".join(chr(ord(char) - _INDICATOR_A + ord("A")) for char in found[0])
        if (place := places.get(code)) is not None:
            named.append(_Named(found.start(), found.end(), place))
    return named


def _ids(text: str, places: Places) -> list[_Named]:
    words = [found for found in _TOKEN.finditer(text) if not _is_small_word(found[0])]
    # small letters tell a code only where all words are codes: "kz and uz"
    codes = len(words) > 1 and all(len(found[0]) == 2 and places.get(found[0].upper()) for found in words)
    return [
        _Named(found.start(), found.end(), place)
        for found in words
        if (place := places.get(found[0].upper() if codes else found[0])) is not None
    ]


def _found(text: str, places: Places, actors: Actors) -> list[_Named]:
    named = [
        _Named(item.start, item.end, place=item.place, weak=item.kind in _STAND_INS)
        for item in places.find(text)
        if not _is_small_word(text[item.start : item.end])
    ]
    offices = [
        _Named(item.start, item.end, actor=item.actor, office=True) for item in actors.find_offices(text)
    ]
    spans = {(office.start, office.end) for office in offices}
    people = [
        _Named(item.start, item.end, actor=item.actor)
        for item in actors.find(text)
        if not _of_another_gender(text[item.start : item.end], item.actor.id, actors)
    ]
    return named + offices + [name for name in people if (name.start, name.end) not in spans]


def _of_another_gender(typed: str, actor_id: str, actors: Actors) -> bool:
    """Say whether a Russian surname is typed in a form that is only masculine, and the actor has the feminine one."""
    surname = fold(actors.localized(actor_id, "ru") or "").rpartition(" ")[2]
    return surname.endswith(_FEMININE) and fold(typed) in {surname[:-1], f"{surname[:-1]}ым"}


def _longest(named: Sequence[_Named]) -> list[_Named]:
    """Keep the longest of names that overlap; a place before an actor, unless the actor is meant rather."""
    kept: list[_Named] = []
    for name in sorted(
        named, key=lambda item: (item.start - item.end, item.weak, item.place is None, item.start)
    ):
        same_span = [other for other in kept if (other.start, other.end) == (name.start, name.end)]
        ambiguous_actor = bool(same_span) and all(other.actor and name.actor for other in same_span)
        if ambiguous_actor or not any(name.start < other.end and other.start < name.end for other in kept):
            kept.append(name)
    return sorted(kept, key=lambda item: item.start)


def _with_preposition(name: _Named, text: str) -> _Named:
    before = _PREPOSITION.search(text[: name.start])
    return name if before is None else replace(name, start=before.start())


def _blanked(text: str, named: Sequence[_Named]) -> str:
    for name in reversed(named):
        text = f"{text[: name.start]} {text[name.end :]}"
    return text
