"""Any number of stories of a news agency's size, for measuring; the same ones every time."""

import random
from datetime import UTC, datetime

from shared.events import RawStory, Source

_PLACES = (
    "Kazakhstan",
    "Norway",
    "Peru",
    "Kenya",
    "Tokyo",
    "Brazil",
    "Warsaw",
    "Vietnam",
    "Egypt",
    "Ottawa",
    "Georgia",
)
_SUBJECTS = (
    "The government",
    "A court",
    "The central bank",
    "Farmers",
    "The navy",
    "Two ministers",
    "Scientists",
)
_VERBS = ("approved", "rejected", "postponed", "praised", "questioned", "expanded", "suspended", "signed")
_OBJECTS = (
    "a pipeline",
    "the budget",
    "a vaccine",
    "new tariffs",
    "a border treaty",
    "the harvest plan",
    "a satellite",
)
_SYLLABLES = (
    "ba",
    "do",
    "ki",
    "lu",
    "me",
    "no",
    "pra",
    "sto",
    "ti",
    "vel",
    "zan",
    "gri",
    "fu",
    "hol",
    "jem",
    "qua",
)


def varied(number: int) -> RawStory:
    """Return story ``number``, about 1 kB of text."""
    chance = random.Random(number)
    sentences = []
    for _ in range(9):
        name = "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
        sentences.append(
            f"{chance.choice(_SUBJECTS)} in {chance.choice(_PLACES)} {chance.choice(_VERBS)} {chance.choice(_OBJECTS)}"
            f" worth {chance.randint(2, 900)} million near {name}, said {name} "
            f"{''.join(chance.choices(_SYLLABLES, k=2)).capitalize()}."
        )
    return RawStory(
        story_id=f"story-{number:08}",
        source=Source(id="bench", name="Bench", kind="feed"),
        title=f"{chance.choice(_PLACES)}: {chance.choice(_SUBJECTS).lower()} and {chance.choice(_OBJECTS)}",
        text=" ".join(sentences),
        first_seen_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
