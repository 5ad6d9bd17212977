"""Any number of stories that share few words, so that none is taken for a duplicate of another."""

import random
from datetime import UTC, datetime

from fakes.stories import raw_story
from shared.events import RawStory

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
_COUNTRIES = (
    "Kazakhstan",
    "Norway",
    "Peru",
    "Kenya",
    "Japan",
    "Brazil",
    "Poland",
    "Vietnam",
    "Egypt",
    "Canada",
)


def varied_story(number: int) -> RawStory:
    """Return story ``number``: the same one every time. Every tenth is about Kazakhstan."""
    chance = random.Random(number)
    words = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(30)]
    country = _COUNTRIES[number % len(_COUNTRIES)]
    return raw_story(
        f"story-{number:06}",
        text=f"{country} opened a {words[0]} in its capital, officials said. {' '.join(words[1:])} {number}.",
        first_seen_at=datetime.now(UTC).replace(microsecond=0),
    )
