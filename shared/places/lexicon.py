"""The compiled lexicon: every name, what it may mean, and how strictly it must be written.

The file is gzipped text, one record a line, fields split by tabs; the first field says what the record is:

``V`` version · ``P`` place (id, kind, English name, continent) · ``L`` display names (id, ``language=name`` …) ·
``M`` member (region, country, from, until) · ``D`` the regions that are derived from their members' stories ·
``U`` part of (region, region) · ``S`` name (folded, sense …) · ``W`` a word list (name, words) · ``X`` context rules
of a name (folded, JSON).

A sense is ``place/kind/case/ending/languages``; see ``Sense``. It is written by ``services.enrich.lexicon``.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from shared.places.model import Place

PATH = Path(__file__).parent / "data" / "lexicon.tsv.gz"


class Sense(NamedTuple):
    """One thing that a name may mean."""

    place: str
    """Country code, region id, ``US-GA`` for a United States state and what lies in it, or empty (a blocker)."""
    kind: str
    """name, alias, code, demonym, capital, city0-city4 (by size), state, abbr, metonym, leader, region, block."""
    case: str
    """``u`` begins with a capital, ``c`` all capitals, ``x`` any case (scripts without case, lower-case demonyms)."""
    ending: str
    """What may follow directly: ``s`` nothing, ``t`` Turkic suffixes, ``y`` Cyrillic endings, ``n`` anything (CJK)."""
    languages: frozenset[str]
    """Languages of the text in which alone the name counts; empty for all."""

    country: str = ""
    """The country that this sense speaks for; empty for a region or a blocker."""

    @property
    def weak(self) -> bool:
        """Say whether it counts only beside other evidence."""
        return self.kind.endswith("?")

    @property
    def plain(self) -> str:
        """Return the kind without the mark of weakness."""
        return self.kind.rstrip("?")


def make_sense(
    place: str, kind: str, case: str, ending: str, languages: frozenset[str] = frozenset()
) -> Sense:
    """Build a sense; the country follows from the place and the kind."""
    country = "" if kind.rstrip("?") in ("region", "block") else place[:2]
    return Sense(place, kind, case, ending, languages, country)


class Membership(NamedTuple):
    """A country's time in a region; None is open."""

    country: str
    since: date | None
    until: date | None


class Reading(NamedTuple):
    """One reading of an ambiguous name, and what in a story speaks for it."""

    means: str
    """A country, or empty: no place at all."""
    places: frozenset[str]
    words: tuple[str, ...]
    """Folded words and phrases, each with a space at its ends."""
    congruent: bool
    """That the story names this country by another name speaks for the reading."""


class Context(NamedTuple):
    """How to decide an ambiguous name; ``default`` where nothing speaks for any reading."""

    default: str
    readings: tuple[Reading, ...]


@dataclass(slots=True)
class Lexicon:
    """Everything the compiled file says."""

    version: int = 0
    places: dict[str, Place] = field(default_factory=dict)
    names: dict[str, tuple[Sense, ...]] = field(default_factory=dict)
    localized: dict[str, str] = field(default_factory=dict)
    """By place the display names as the record has them: taken apart they would fill three megabytes."""
    members: dict[str, list[Membership]] = field(default_factory=dict)
    derived: frozenset[str] = frozenset()
    within: dict[str, str] = field(default_factory=dict)
    """The region that a region is a part of."""
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def _context(said: dict[str, Any]) -> Context:
    readings = tuple(
        Reading(r["means"], frozenset(r["places"]), tuple(f" {word} " for word in r["words"]), r["congruent"])
        for r in said["readings"]
    )
    return Context(said["default"], readings)


class _Reader:
    """Builds a lexicon from its records; equal senses share one object."""

    def __init__(self) -> None:
        self.lexicon = Lexicon()
        self._senses: dict[str, Sense] = {}
        self._meanings: dict[str, tuple[Sense, ...]] = {}

    def _sense(self, written: str) -> Sense:
        place, kind, case, ending, languages = written.split("/")
        return make_sense(
            place, kind, case, ending, frozenset(languages.split(",")) if languages else frozenset()
        )

    def _meaning(self, written: str) -> tuple[Sense, ...]:
        known = self._meanings.get(written)
        if known is None:
            senses = []
            for one in written.split("\t"):
                if one not in self._senses:
                    self._senses[one] = self._sense(one)
                senses.append(self._senses[one])
            known = self._meanings[written] = tuple(senses)
        return known

    def read(self, line: str) -> None:
        kind, _, rest = line.partition("\t")
        if kind == "S":
            name, _, senses = rest.partition("\t")
            self.lexicon.names[name] = self._meaning(senses)
            return
        fields = rest.split("\t")
        if kind == "P":
            place_id, which, name, continent = fields
            self.lexicon.places[place_id] = Place(
                place_id, "region" if which == "region" else "country", name, continent
            )
        elif kind == "L":
            self.lexicon.localized[fields[0]] = rest
        elif kind == "M":
            self.lexicon.members.setdefault(fields[0], []).append(
                Membership(fields[1], _day(fields[2]), _day(fields[3]))
            )
        elif kind == "D":
            self.lexicon.derived = frozenset(fields)
        elif kind == "W":
            self.lexicon.words[fields[0]] = frozenset(fields[1:])
        elif kind == "U":
            self.lexicon.within[fields[0]] = fields[1]
        elif kind == "X":
            self.lexicon.contexts[fields[0]] = _context(json.loads(fields[1]))
        elif kind == "V":
            self.lexicon.version = int(fields[0])


def parse(lines: Iterable[str]) -> Lexicon:
    """Build a lexicon from the records of a compiled file."""
    reader = _Reader()
    for line in lines:
        reader.read(line.rstrip("\n"))
    return reader.lexicon


def _lines(path: Path) -> Iterator[str]:
    # Line by line: all at once they would leave holes in the memory of a process that runs for months.
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        yield from lines


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Return the lexicon that ships with Dateline, read once."""
    return parse(_lines(PATH))
