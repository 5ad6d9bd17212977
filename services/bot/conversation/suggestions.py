"""What may have been meant by a name that is not known."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from services.bot.conversation.cleaning import fold
from services.bot.conversation.ports import Actor, Actors, Place, Places
from services.bot.conversation.texts import LANGUAGES
from services.bot.conversation.topics import Topic

#: No more are offered than can be read at a glance.
MOST = 3

#: Shorter words resemble too many names.
SHORTEST_NAME = 3

#: Words of a question that are compared with names; comparing takes milliseconds each.
MOST_WORDS = 6

#: How alike a word of several and a name must be, 0 to 100 (normalised indel similarity).
CLOSE = 75

#: How alike a word must be that is rather a word of the question than a misspelt name.
SURE = 84

#: How alike a word that stands alone must be; one letter of four may be wrong.
LIKE = 70

#: Letters left out, added, changed or swapped in a mistyped name of up to so many letters.
MOST_SLIPS = ((5, 1), (9, 2), (math.inf, 3))

#: What resembles a word much less than something else does is not offered.
NEAR = 10

#: A word of several must be this long, or "гора" would be a misspelt country.
SHORTEST_OF_SEVERAL = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A topic of one name that may have been meant, and the words of the question beside it."""

    topic: Topic
    rest: str = ""


def suggest(
    words: str, places: Places, actors: Actors, *, close: bool = False, sure: Collection[str] = ()
) -> list[Suggestion]:
    """Return what a name may have been meant for, best first; for several words also any one of them.

    A single word of several must come close to a name, or every unusual word would resemble some country. With
    ``close``, so must a word that stands alone. Of several words those that are ``sure`` are no misspelt names.
    """
    parts = words.split()
    found = _suggest(words, places, actors)
    whole = [each for each, likeness in found if likeness >= SURE or not close]
    if len(parts) <= 1:
        return whole
    several: list[tuple[float, Suggestion]] = []
    for number, part in enumerate(parts[:MOST_WORDS]):
        if len(part) >= SHORTEST_OF_SEVERAL and part not in sure:
            rest = " ".join(parts[:number] + parts[number + 1 :])
            several += [
                (likeness, Suggestion(each.topic, rest))
                for each, likeness in _suggest(part, places, actors)
                if likeness >= CLOSE
            ]
    several.sort(key=lambda each: -each[0])
    return ([each for _likeness, each in several] or whole)[:MOST]


def _suggest(name: str, places: Places, actors: Actors) -> list[tuple[Suggestion, float]]:
    """Return what resembles a name, with how much (0 to 100), best first; what resembles it much less is left out."""
    if len(name) < SHORTEST_NAME:
        return []
    found = [
        (
            Suggestion(Topic(places=(place,))),
            max(places.likeness(name, place.id), _likeness(name, _names(place, places))),
        )
        for place in places.suggest(name, MOST)
    ]
    found += [
        (Suggestion(Topic(actors=(actor,))), _likeness(name, _names(actor, actors)))
        for actor in actors.suggest(name, MOST)
    ]
    found.sort(key=lambda each: -each[1])
    return [each for each in found if each[1] >= max(LIKE, found[0][1] - NEAR)][:MOST]


def _names(item: Place | Actor, vocabulary: Places | Actors) -> list[str]:
    """Return what an item is called in every language that can be spoken: names are mistyped in any of them.

    Places and people also go by a part of their name: "Rahmonn" means Emomali Rahmon.
    """
    known = (vocabulary.localized(item.id, language) for language in LANGUAGES)
    names = [item.name, *(name for name in known if name)]
    by_parts = item.kind in {"country", "region", "person"}
    return [*names, *(part for name in names if by_parts for part in name.split())]


def _likeness(name: str, known: Sequence[str]) -> float:
    """Return how like a name is to the likest of those known, 0 when it takes more slips to mistype any of them so.

    Letters in common are not enough: "weather" has all of "Weah".
    """
    typed = fold(name)
    slips = next(most for length, most in MOST_SLIPS if len(typed) <= length)
    return max(
        fuzz.ratio(typed, other) if OSA.distance(typed, other, score_cutoff=slips) <= slips else 0.0
        for other in map(fold, known)
    )
