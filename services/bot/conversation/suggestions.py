"""What may have been meant by a name that is not known."""

from dataclasses import dataclass

from rapidfuzz import fuzz

from services.bot.conversation.cleaning import fold
from services.bot.conversation.ports import Actors, Places
from services.bot.conversation.topics import Topic

#: No more are offered than can be read at a glance.
MOST = 3

#: Shorter words resemble too many names.
SHORTEST_NAME = 3

#: Words of a question that are compared with names; comparing takes milliseconds each.
MOST_WORDS = 6

#: How alike a word of several and a name must be, 0 to 100 (normalised indel similarity).
CLOSE = 75


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A topic of one name that may have been meant, and the words of the question beside it."""

    topic: Topic
    rest: str = ""


def suggest(words: str, places: Places, actors: Actors) -> list[Suggestion]:
    """Return what a name may have been meant for, best first; for several words also any one of them.

    A single word of several must come close to a name, or every unusual word would resemble some country.
    """
    parts = words.split()
    if len(parts) <= 1:
        return _suggest(words, places, actors)
    found = []
    for number, part in enumerate(parts[:MOST_WORDS]):
        rest = " ".join(parts[:number] + parts[number + 1 :])
        found += [
            Suggestion(each.topic, rest)
            for each in _suggest(part, places, actors)
            if fuzz.ratio(fold(part), fold(each.topic.name)) >= CLOSE
        ]
    return (found or _suggest(words, places, actors))[:MOST]


def _suggest(name: str, places: Places, actors: Actors) -> list[Suggestion]:
    if len(name) < SHORTEST_NAME:
        return []
    found = [Suggestion(Topic(places=(place,))) for place in places.suggest(name, MOST)]
    found += [Suggestion(Topic(actors=(actor,))) for actor in actors.suggest(name, MOST)]
    likeness = {id(each): _likeness(name, each.topic.name) for each in found}
    found.sort(key=lambda each: -likeness[id(each)])
    close = [each for each in found if likeness[id(each)] >= CLOSE]
    return (close or found)[:MOST]


def _likeness(name: str, known: str) -> float:
    """Compare with the whole name and with each of its words: "Rahmonn" means Emomali Rahmon."""
    typed = fold(name)
    return max(fuzz.ratio(typed, fold(part)) for part in (known, *known.split()))
