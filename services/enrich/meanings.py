"""What the lexicon's senses of a name amount to, worked out once for each combination and not for every mention."""

from collections.abc import Sequence
from functools import cache

from shared.places.lexicon import Sense

#: Readings that speak for a country by themselves.
_STRONG = frozenset(("name", "code", "demonym", "capital", "metonym", "leader", "state", "city4", "prefix"))
#: Of these a namesake elsewhere takes nothing away.
_OUTRIGHT = _STRONG - {"city4"}
#: Readings that a person's surname or given name may look like.
_LIKE_PERSONS = frozenset(
    ("name", "capital", "state", "admin", "metonym", "city0", "city1", "city2", "city3", "city4")
)
#: The endings that names in Latin letters may have.
_LATIN = frozenset("st")
CITY_RANK = {
    "capital": 6,
    "city4": 5,
    "city3": 4,
    "city2": 3,
    "city1": 2,
    "city0": 1,
    "admin": 3,
    "state": 6,
}
#: How evidence calls a reading, where it does not call it the same.
_EVIDENCE_KIND = {f"city{size}": "city" for size in range(5)} | {
    "abbr": "state",
    "admin": "state",
    "admin?": "state",
}


_STATE = ("state", "abbr")


@cache
def _shared(names: frozenset[str]) -> frozenset[str]:
    """Return the one set that is equal to another: most meanings have the same few of them."""
    return names


class Meaning:
    """What a name may mean, and what follows from that alone. Never changed once built, but for what it remembers."""

    __slots__ = (
        "_languages",
        "_read",
        "abbreviation",
        "apart",
        "blocked",
        "city",
        "demonym",
        "doubtful",
        "endings",
        "only_region",
        "outright",
        "personal",
        "prefix",
        "ranked",
        "region",
        "senses",
        "spelled_out",
        "states",
        "towns",
        "usual",
    )

    def __init__(self, senses: tuple[Sense, ...]) -> None:
        kinds = {sense.plain for sense in senses}
        self.senses = senses
        self.endings = _shared(frozenset(sense.ending for sense in senses))
        self.usual = all(sense.case == "u" and not sense.languages for sense in senses)
        """Every sense counts in any language, where it is written with a capital."""
        self.blocked = bool(senses) and senses[0].kind == "block"
        self.only_region = kinds == {"region"}
        self.region = any(sense.kind == "region" for sense in senses)
        self.abbreviation = "abbr" in kinds
        self.prefix = "prefix" in kinds
        self.doubtful = self.abbreviation or self.prefix or self.blocked or not senses
        """What stands around it may rule out some of it, or all."""
        self.demonym = "demonym" in kinds
        self.personal = bool(kinds & _LIKE_PERSONS) and senses[0].ending in _LATIN
        """It looks like a person's name."""
        self.city = any(sense.kind in CITY_RANK for sense in senses)
        self.states = _shared(frozenset(s.place for s in senses if s.kind in _STATE and len(s.place) > 2))
        """The states that it may mean."""
        self.towns = _shared(
            frozenset(s.place for s in senses if len(s.place) > 2 and s.plain in CITY_RANK)
            if len(countries(senses)) == 1
            else frozenset()
        )
        """The states that a town of that name lies in; none where there is a namesake in another country."""
        self.ranked = tuple(sorted(((rank(sense), sense) for sense in senses), key=_greatest_first))
        """Its senses, the biggest city first, each after its rank."""
        self.outright = _outright(senses)
        """The country that it means whatever the story says, and the kind of evidence; None where that depends."""
        self.spelled_out = self._without("abbr")
        """What is left where it cannot be an abbreviation."""
        self.apart = self._without("prefix")
        """What is left where no hyphen follows."""
        self._languages = _shared(frozenset(language for sense in senses for language in sense.languages))
        self._read: dict[tuple[str, bool, bool], Meaning | None] = {}

    def read(self, language: str, capitals: bool, capital: bool) -> "Meaning | None":
        """Return what it means in a language, written all in ``capitals`` or with a ``capital``; itself when all."""
        key = (language if language in self._languages else "", capitals, capital)
        if key not in self._read:
            left = tuple(sense for sense in self.senses if _counts(sense, language, capitals, capital))
            same = len(left) == len(self.senses)
            self._read[key] = self if same else Meaning(left) if left else None
        return self._read[key]

    def _without(self, ruled_out: str) -> "Meaning":
        left = tuple(sense for sense in self.senses if sense.kind != ruled_out)
        return self if len(left) == len(self.senses) else Meaning(left)


def _counts(sense: Sense, language: str, capitals: bool, capital: bool) -> bool:
    if sense.languages and language not in sense.languages:
        return False
    return sense.case == "x" or (capitals if sense.case == "c" else capital)


def _outright(senses: tuple[Sense, ...]) -> tuple[str, str] | None:
    strong = [sense for sense in senses if sense.kind in _STRONG]
    if not strong:
        return None
    alone = strong[0].kind in _OUTRIGHT or len(countries(senses)) == 1
    return (strong[0].country, kind(strong[0])) if alone and len(countries(strong)) == 1 else None


def countries(senses: Sequence[Sense]) -> set[str]:
    """Return the countries that senses speak for."""
    return {sense.country for sense in senses}


def rank(sense: Sense) -> int:
    """Return how big a city is, as against its namesakes."""
    return CITY_RANK.get(sense.plain, 0)


def _greatest_first(ranked: tuple[int, Sense]) -> tuple[int, str]:
    size, sense = ranked
    return -size, sense.place


def kind(sense: Sense) -> str:
    """Return how evidence calls a sense."""
    return _EVIDENCE_KIND.get(sense.kind) or sense.plain
