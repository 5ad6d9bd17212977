"""Compiling the lexicon: sources and overlays in, the records of ``shared/places/data`` out.

Deterministic: the same sources and overlays give the same lines.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from services.enrich.lexicon import inflection, overlays, sources
from services.enrich.lexicon.entries import Entries, script
from shared.places.folding import fold_name
from shared.places.lexicon import Sense

#: Raise by one whenever the meaning of tags changes, so that stored stories can be seen to need it.
VERSION = 1
_CITIES_PER_NAME = 4
_SHORTEST_CITY = 4
_SURE_ADMIN = 6


def _cyrillic_forms(language: str, written: str, *, people: bool = False) -> Iterator[str]:
    if language in ("ru", "uk") and script(written) == "CYRILLIC":
        yield from inflection.russian_people(written) if people else inflection.russian_phrase(written)
    else:
        yield written


def _english(entries: Entries) -> None:
    for row in overlays.table("names_en.tsv", 2):
        for word in row.words(1):
            kind = "code" if word.capitals else "name"
            entries.add(word.text, row.country(), kind, weak=word.weak, capitals=word.capitals)
    for row in overlays.table("demonyms_en.tsv", 2):
        for word in row.words(1):
            for text in (word.text, word.text + "s") if word.plural else (word.text,):
                entries.add(text, row.country(), "prefix" if word.prefix else "demonym", weak=word.weak)
    for name, kind in (("metonyms.tsv", "metonym"), ("capitals.tsv", "capital"), ("leaders.tsv", "leader")):
        for row in overlays.table(name, 2):
            for word in row.words(1):
                entries.add(word.text, row.country(), kind, weak=word.weak, capitals=word.capitals)
    for row in overlays.table("states.tsv", 2):
        place = overlays.place_id(row)
        for word in row.words(1):
            entries.add(word.text, place, "state", weak=word.weak)
        for word in row.words(2) if len(row.cells) > 2 and row.cells[2] else ():
            entries.add(word.text, place, "abbr")


def _other_languages(entries: Entries) -> None:
    for row in overlays.table("names_other.tsv", 4):
        language, kind = row.cells[0], row.cells[2]
        for word in row.words(3):
            for form in _cyrillic_forms(language, word.text):
                entries.add(
                    form, row.country(1), "code" if word.capitals else kind, language=language, weak=word.weak,
                    capitals=word.capitals, plain=form != word.text,
                )  # fmt: skip
    for row in overlays.table("leaders_ru.tsv", 2):
        for word in row.words(1):
            for form in inflection.russian_noun(word.text):
                entries.add(form, row.country(), "leader", language="ru", weak=word.weak, plain=True)


def _people_forms(language: str, written: str) -> Iterator[str]:
    if "|" in written:
        stem, _, endings = written.partition("|")
        yield from (stem + ending.strip() for ending in endings.split(","))
    elif language == "ar":
        yield from inflection.arabic_relational(written)
    else:
        yield from _cyrillic_forms(language, written, people=True)


def _people(entries: Entries) -> None:
    for row in overlays.table("adjectives.tsv", 3):
        language = row.cells[0]
        for word in row.words(2):
            for form in _people_forms(language, word.text):
                entries.add(
                    form, row.country(1), "demonym", language=language, weak=word.weak, any_case=True,
                    plain=language in ("ru", "uk"),
                )  # fmt: skip


def _cldr(entries: Entries, codes: dict[str, str]) -> None:
    for language, code, name in sources.cldr_names(codes):
        if any(character.isdigit() for character in name):
            continue
        kind = "name" if len(code) == 2 else "region"
        for form in _cyrillic_forms(language, name):
            entries.add(form, code, kind, language=language, plain=form != name)
    english = {
        word.text for row in overlays.table("capitals.tsv", 2) for word in row.words(1) if not word.weak
    }
    for language, code, name in sources.cldr_cities(english):
        for form in _cyrillic_forms(language, name):
            entries.add(form, code, "capital", language=language, plain=form != name)


def _regions(entries: Entries, regions: list[overlays.Region]) -> None:
    for region in regions:
        for word in region.names:
            entries.add(
                word.text,
                region.id,
                "region",
                weak=word.weak,
                capitals=word.capitals,
                any_case=word.text.islower(),
            )
        for word in region.other:
            russian = script(word.text) == "CYRILLIC"
            lower = word.text[:1].islower()
            for form in _region_forms(word.text) if russian else (word.text,):
                entries.add(
                    form, region.id, "region", language="ru" if russian else "mul", weak=word.weak,
                    capitals=word.capitals, any_case=lower,
                )  # fmt: skip


def _region_forms(written: str) -> Iterator[str]:
    if written[:1].islower() and written.endswith("ский"):
        yield from inflection.russian_people(written)
    else:
        yield from inflection.russian_phrase(written)


def _places_within(entries: Entries) -> None:
    skip = {fold_name(w) for name in ("common_words.txt", "given_names.txt") for w in overlays.phrases(name)}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for country, name in sources.subdivisions():
        found[name].add(country)
    for name, codes in sorted(found.items()):
        if fold_name(name) in skip or entries.has_strong(name):
            continue
        for code in sorted(codes):
            entries.add(name, code, "admin", weak=len(codes) > 1 or len(name) < _SURE_ADMIN)
    cities: defaultdict[str, dict[str, sources.City]] = defaultdict(dict)
    for city in sources.cities():
        where = city.state or city.country
        known = cities[city.name].get(where)
        if known is None or known.size < city.size:
            cities[city.name][where] = city
    for name, namesakes in sorted(cities.items()):
        if len(name) < _SHORTEST_CITY or fold_name(name) in skip:
            continue
        namesake = entries.has_strong(name)
        for city in sorted(namesakes.values(), key=lambda c: (-c.size, c.country, c.state))[
            :_CITIES_PER_NAME
        ]:
            if not namesake or (city.state and entries.means_city(name)):
                entries.add(name, city.state or city.country, f"city{city.size}")


def _blockers(entries: Entries) -> None:
    for phrase in overlays.phrases("blockers_en.txt"):
        entries.add(phrase, "", "block")
    for phrase in overlays.phrases("blockers_other.txt"):
        for form in _region_forms(phrase) if script(phrase) == "CYRILLIC" else (phrase,):
            entries.add(form, "", "block", language="mul")


def collect() -> tuple[Entries, list[overlays.Region]]:
    """Read every source and overlay; raise ``OverlayError`` for a line that cannot be used."""
    entries = Entries(overlays.phrases("gated.txt"))
    regions = overlays.regions()
    codes = {code: code for code in sources.countries()}
    theirs = codes | {region.cldr: region.id for region in regions if region.cldr}
    _english(entries)
    for code, name in sources.iso_names():
        entries.add(name, code, "name")
    _blockers(entries)
    _regions(entries, regions)
    _other_languages(entries)
    _people(entries)
    _cldr(entries, theirs)
    _places_within(entries)
    return entries, regions


def _sense(sense: Sense) -> str:
    return "/".join((sense.place, sense.kind, sense.case, sense.ending, ",".join(sorted(sense.languages))))


def _names(entries: Entries) -> Iterator[str]:
    for name, senses in sorted(entries.names.items()):
        blocked = [key for key in senses if not key[0]]
        yield "\t".join(["S", name, *(_sense(senses[key]) for key in blocked or sorted(senses))])


def lines() -> Iterator[str]:
    """Yield the records of the compiled file, in a fixed order."""
    entries, regions = collect()
    countries = sources.countries()
    yield f"V\t{VERSION}"
    for code, name in countries.items():
        yield f"P\t{code}\tcountry\t{name}\t"
    for region in regions:
        yield f"P\t{region.id}\tregion\t{region.name}\t{region.continent}"
    display: defaultdict[str, dict[str, str]] = defaultdict(dict)
    codes = {code: code for code in countries} | {region.cldr: region.id for region in regions if region.cldr}
    for place, language, name in sources.cldr_display(codes):
        display[place].setdefault(language, name)
    for place, names in sorted(display.items()):
        yield "\t".join(["L", place, *(f"{language}={name}" for language, name in sorted(names.items()))])
    for region in regions:
        yield from (f"M\t{region.id}\t{code}\t{since}\t{until}" for code, since, until in region.members)
    yield "\t".join(["D", *(region.id for region in regions if region.derive)])
    yield from (f"U\t{region.id}\t{region.within}" for region in regions if region.within)
    for words in ("given_names", "name_like"):
        yield "\t".join(["W", words, *sorted({fold_name(w) for w in overlays.phrases(f"{words}.txt")})])
    for rule in overlays.contexts():
        said = json.dumps({"default": rule.default, "readings": rule.readings}, ensure_ascii=False)
        yield f"X\t{fold_name(rule.name)}\t{said}"
    yield from _names(entries)


def write(path: Path) -> int:
    """Compile to ``path`` and return the number of records."""
    records = list(lines())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(records) + "\n").encode("utf-8"), 9, mtime=0))
    return len(records)


def differs(path: Path) -> list[str]:
    """Return the first records in which the file at ``path`` differs from what would be compiled now."""
    if not path.exists():
        return [f"{path.name} is not there"]
    old = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    new = list(lines())
    changes = sorted(set(old) ^ set(new))
    return changes or ([] if old == new else ["the order of the records"])
