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
    """Return story ``number``, about 1 kB of text. What it tells of has a name that few other stories use."""
    chance = random.Random(number)

    def word(syllables: int) -> str:
        return "".join(chance.choices(_SYLLABLES, k=syllables))

    sentences = [
        f"{chance.choice(_SUBJECTS)} in {chance.choice(_PLACES)} {chance.choice(_VERBS)} the {word(4)} {word(3)}"
        f" worth {chance.randint(2, 900)} million near {word(3).capitalize()}, said {word(2).capitalize()}"
        f" {word(3).capitalize()}."
        for _ in range(9)
    ]
    return RawStory(
        story_id=f"story-{number:08}",
        source=Source(id="bench", name="Bench", kind="feed"),
        title=f"{chance.choice(_PLACES)}: {chance.choice(_SUBJECTS).lower()} and the {word(4)} {word(3)}",
        text=" ".join(sentences),
        first_seen_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
