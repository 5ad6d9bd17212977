"""A small vocabulary of places and people, for tests of the conversation."""

import difflib
import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class FakePlace:
    id: str
    kind: str
    name: str
    flag: str


@dataclass(frozen=True, slots=True)
class FakeFoundPlace:
    place: FakePlace
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class FakeActor:
    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class FakeFoundActor:
    actor: FakeActor
    start: int
    end: int


def _country(code: str, name: str) -> FakePlace:
    return FakePlace(code, "country", name, "".join(chr(0x1F1E6 + ord(letter) - 65) for letter in code))


PLACES = {
    place.id: place
    for place in (
        _country("KZ", "Kazakhstan"),
        _country("UZ", "Uzbekistan"),
        _country("TJ", "Tajikistan"),
        _country("GE", "Georgia"),
        _country("RU", "Russia"),
        _country("IT", "Italy"),
        _country("NO", "Norway"),
        FakePlace("central-asia", "region", "Central Asia", "🌏"),
        FakePlace("middle-east", "region", "Middle East", "🌍"),
    )
}
NAMES = {
    r"kazakhstan(?:'s)?|kazakh|astana|казахстан(?:а|е|ом|у)?|астана": ("KZ", "name"),
    r"uzbekistan|tashkent|узбекистан(?:а|е|ом|у)?": ("UZ", "name"),
    r"tajikistan|таджикистан(?:а|е|ом|у)?": ("TJ", "name"),
    r"georgia|грузи[ияюей]+": ("GE", "name"),
    r"russia|росси[ияюей]+": ("RU", "name"),
    r"putin": ("RU", "leader"),
    r"italy": ("IT", "name"),
    r"norway": ("NO", "name"),
    r"central asia|центральн(?:ая|ой|ую) ази[ияюей]+": ("central-asia", "name"),
    r"middle east": ("middle-east", "name"),
}
RUSSIAN = {
    "KZ": "Казахстан",
    "UZ": "Узбекистан",
    "TJ": "Таджикистан",
    "GE": "Грузия",
    "RU": "Россия",
    "central-asia": "Центральная Азия",
}
ACTORS = {"vladimir-putin": FakeActor("vladimir-putin", "Vladimir Putin", "person")}


class FakePlaces:
    """Nine places."""

    def get(self, place_id: str) -> FakePlace | None:
        return PLACES.get(place_id)

    def resolve(self, name: str) -> FakePlace | None:
        if name.upper() in PLACES:
            return PLACES[name.upper()]
        for pattern, (key, _) in NAMES.items():
            if re.fullmatch(pattern, name, re.IGNORECASE):
                return PLACES[key]
        return None

    def find(self, text: str) -> list[FakeFoundPlace]:
        found = [
            FakeFoundPlace(PLACES[key], match.start(), match.end(), kind)
            for pattern, (key, kind) in NAMES.items()
            for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
        ]
        return sorted(found, key=lambda each: each.start)

    def suggest(self, name: str, limit: int = 3) -> list[FakePlace]:
        known = {place.name.casefold(): place for place in PLACES.values()}
        known |= {russian.casefold(): PLACES[key] for key, russian in RUSSIAN.items()}
        close = difflib.get_close_matches(name.casefold(), known, n=limit, cutoff=0.75)
        return [known[each] for each in close]

    def likeness(self, name: str, place_id: str) -> float:
        known = [PLACES[place_id].name, RUSSIAN.get(place_id, "")]
        return 100 * max(
            difflib.SequenceMatcher(None, name.casefold(), each.casefold()).ratio() for each in known
        )

    def members(self, region_id: str) -> frozenset[str]:
        return frozenset({"KZ", "UZ", "TJ"}) if region_id == "central-asia" else frozenset()

    def regions_of(self, code: str) -> frozenset[str]:
        return frozenset({"central-asia"}) if code in {"KZ", "UZ", "TJ"} else frozenset()

    def localized(self, place_id: str, language: str) -> str:
        russian = RUSSIAN.get(place_id) if language == "ru" else None
        return russian or (PLACES[place_id].name if place_id in PLACES else place_id)


class FakeActors:
    """One president."""

    def get(self, actor_id: str) -> FakeActor | None:
        return ACTORS.get(actor_id)

    def resolve(self, name: str) -> list[FakeActor]:
        return [actor for actor in ACTORS.values() if actor.name.casefold() == name.casefold()]

    def find(self, text: str) -> list[FakeFoundActor]:
        return [
            FakeFoundActor(ACTORS["vladimir-putin"], match.start(), match.end())
            for match in re.finditer(r"(?<!\w)(?:vladimir )?putin(?!\w)", text, re.IGNORECASE)
        ]

    def find_offices(self, text: str) -> list[FakeFoundActor]:
        return []

    def expand(self, followed: str, at: date | None = None) -> frozenset[str]:
        return frozenset((followed,))

    def suggest(self, name: str, limit: int = 3) -> list[FakeActor]:
        known = {actor.name.casefold(): actor for actor in ACTORS.values()}
        close = difflib.get_close_matches(name.casefold(), known, n=limit, cutoff=0.8)
        return [known[each] for each in close]

    def localized(self, actor_id: str, language: str) -> str | None:
        return "Владимир Путин" if (actor_id, language) == ("vladimir-putin", "ru") else None
