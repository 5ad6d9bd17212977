"""Time zones by the names that people have for them: a zone, a city, a country, a distance from UTC."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

from services.bot.conversation.cleaning import fold
from services.bot.conversation.ports import Places
from services.bot.conversation.texts import LANGUAGES

#: Zones offered when a name leaves a choice.
MOST = 12

_OFFSET = re.compile(r"(?:utc|gmt)?\s*(?P<sign>[+\-−–])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?$")
#: Directories and entries of the zone database that are no place or stand for another entry.
_NO_PLACE = ("posix", "right", "Etc/", "SystemV/", "US/", "Canada/", "Mexico/", "Brazil/", "Chile/")


def zones_named(text: str, places: Places, at: datetime) -> list[str]:
    """Return the IANA names of the zones that a text may mean, best first; one when it is clear, none when unknown.

    ``at`` is the present: zones of one country that go together now and in half a year count as one.
    """
    said = fold(text).strip()
    exact = _by_name().get(said.replace(" ", "_"))
    if exact is not None:
        return [exact]
    offset = _OFFSET.match(said)
    if offset is not None:
        return _with_offset(offset, at)
    city = _by_city().get(said.replace("_", " "))
    if city is not None:
        return [city]
    place = places.resolve(text.strip())
    zones = [] if place is None else _of_country(place.id, places)
    declined = [
        zone for zone in zones if any(_is_declined(said, name) for name in _cities_of().get(zone, ()))
    ]
    return declined[:1] or _distinct(zones, at)[:MOST]


def _is_declined(said: str, city: str) -> bool:
    """Say whether a word may be a form of the name of a city: «в Ташкенте»."""
    return said.startswith(city[:-1]) and len(said) <= len(city) + 2


def _of_country(code: str, places: Places) -> list[str]:
    """Return the zones of a country: that of its capital first, then as the zone database orders them."""

    def is_capital(zone: str) -> bool:
        return any(named.kind == "capital" for named in places.find(_city_of(zone)))

    return sorted(_by_country().get(code, ()), key=is_capital, reverse=True)


def _distinct(zones: Iterable[str], at: datetime) -> list[str]:
    """Return one zone for each way the clocks go."""
    known: dict[tuple[timedelta | None, timedelta | None], str] = {}
    for zone in zones:
        if zone in available_timezones():
            here = ZoneInfo(zone)
            later = at + timedelta(days=182)
            known.setdefault((at.astimezone(here).utcoffset(), later.astimezone(here).utcoffset()), zone)
    return list(known.values())


def _with_offset(found: re.Match[str], at: datetime) -> list[str]:
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    ahead = found["sign"] == "+"
    if minutes == 0:
        # the zone database counts these the other way round
        name = f"Etc/GMT{'-' if ahead else '+'}{hours}" if hours else "UTC"
        return [name] if name in available_timezones() else []
    distance = timedelta(hours=hours, minutes=minutes) * (1 if ahead else -1)
    fitting = (
        zone for zone in sorted(_by_city().values()) if at.astimezone(ZoneInfo(zone)).utcoffset() == distance
    )
    return _distinct(fitting, at)[:MOST]


@cache
def _by_name() -> Mapping[str, str]:
    """Return every zone by its folded name."""
    return {
        fold(zone): zone for zone in sorted(available_timezones()) if not zone.startswith(("posix", "right"))
    }


@cache
def _by_city() -> Mapping[str, str]:
    """Return zones by the city that they are named after, in every language of the interface."""
    cities: dict[str, str] = {}
    zones = [zone for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith(_NO_PLACE)]
    for zone in zones:
        cities.setdefault(fold(_city_of(zone)), zone)
    for language in LANGUAGES:
        named = Locale(language).time_zones
        for zone in zones:
            city = named.get(zone, {}).get("city")
            if city:
                cities.setdefault(fold(str(city)), zone)
    return cities


@cache
def _cities_of() -> Mapping[str, Sequence[str]]:
    """Return the folded names of the city that each zone is named after."""
    names: dict[str, list[str]] = {}
    for name, zone in _by_city().items():
        names.setdefault(zone, []).append(name)
    return names


@cache
def _by_country() -> Mapping[str, Sequence[str]]:
    """Return the zones of every country by its code, as the zone database lists them."""
    zones: dict[str, list[str]] = {}
    for row in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not row.startswith("#"):
            code, _position, zone = row.split("\t")[:3]
            zones.setdefault(code, []).append(zone)
    return zones


def _city_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
