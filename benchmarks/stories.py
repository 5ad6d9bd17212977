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


#: Countries, each with its code, whose names say nothing else.
COUNTRIES = (
    "Argentina AR, Armenia AM, Australia AU, Austria AT, Azerbaijan AZ, Belgium BE, Bolivia BO, Brazil BR, "
    "Bulgaria BG, Canada CA, Chile CL, Colombia CO, Croatia HR, Denmark DK, Ecuador EC, Egypt EG, Ethiopia ET, "
    "Finland FI, Ghana GH, Greece GR, Hungary HU, Iceland IS, Indonesia ID, Ireland IE, Japan JP, Kazakhstan KZ, "
    "Kenya KE, Kyrgyzstan KG, Latvia LV, Lithuania LT, Malaysia MY, Mongolia MN, Morocco MA, Nepal NP, Norway NO, "
    "Peru PE, Poland PL, Tajikistan TJ, Uzbekistan UZ, Vietnam VN"
).split(", ")


def about_a_country(number: int) -> tuple[str, dict[str, str]]:
    """Return the mark of a story by which it is known again, and the story as it can be pushed.

    It is about the country that stands at its number in the circle of ``COUNTRIES``.
    """
    country, mark = COUNTRIES[number % len(COUNTRIES)].rpartition(" ")[0], f"Measure{number}x"
    words = [
        word for word in varied(number).text.split() if word.isalpha() and word.islower() and len(word) > 5
    ]
    half = len(words) // 2
    return mark, {
        "title": f"{mark} {' '.join(words[:6])} in {country}",
        "text": f"In {country}, {' '.join(words[:half])}. {country} {' '.join(words[half:])}.",
    }
