"""Reading the overlay files that people edit, with the file and line of whatever is wrong."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.places.folding import fold_name

FOLDER = Path(__file__).parent / "overlay"
_CODE = re.compile(r"^[A-Z]{2}$")
_PLACE = re.compile(r"^[A-Z]{2}(-[A-Z]{2,3})?$")
_MEMBER = re.compile(r"^([A-Z]{2})(?: (-|\d{4}-\d\d-\d\d) (-|\d{4}-\d\d-\d\d))?$")
_REGION_KEYS = {"name", "continent", "cldr", "derive", "members", "names", "adjectives", "other", "within"}
_CONTINENTS = {"africa", "americas", "asia", "europe"}


class OverlayError(ValueError):
    """An overlay line that cannot be used; the message begins with ``file:line``."""


@dataclass(frozen=True, slots=True)
class Word:
    """A name as an overlay writes it, with its marks read."""

    text: str
    weak: bool = False
    capitals: bool = False
    plural: bool = False
    prefix: bool = False
    """The first part of a compound: "Sino-"."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an overlay table."""

    file: str
    line: int
    cells: tuple[str, ...]

    def fail(self, problem: str) -> OverlayError:
        """Return the error that says what is wrong with this line."""
        return OverlayError(f"{self.file}:{self.line}: {problem}")

    def country(self, cell: int = 0) -> str:
        """Return a cell that must be a country code."""
        if not _CODE.match(self.cells[cell]):
            raise self.fail(f"{self.cells[cell]!r} is no country code")
        return self.cells[cell]

    def words(self, cell: int) -> list[Word]:
        """Return the names of a cell, separated by semicolons."""
        if cell >= len(self.cells):
            return []
        words = []
        for written in self.cells[cell].split(";"):
            name = written.strip()
            if not name:
                raise self.fail("an empty name between semicolons")
            bare = name.rstrip("!~*-")
            marks = name[len(bare) :]
            words.append(Word(bare, "!" in marks, "~" in marks, "*" in marks, "-" in marks))
        return words


def table(name: str, columns: int, folder: Path = FOLDER) -> list[Row]:
    """Return the rows of a tab-separated overlay; each must have at least ``columns`` cells."""
    rows = []
    for number, line in enumerate((folder / name).read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        row = Row(name, number, tuple(cell.strip() for cell in line.split("\t")))
        if len(row.cells) < columns or not all(row.cells[:columns]):
            raise row.fail(f"needs {columns} cells separated by tabs")
        rows.append(row)
    return rows


def phrases(name: str, folder: Path = FOLDER) -> list[str]:
    """Return the lines of a list, comments left out; a phrase that stands twice is an error."""
    seen: dict[str, int] = {}
    for number, line in enumerate((folder / name).read_text("utf-8").splitlines(), 1):
        phrase = line.strip()
        if not phrase or phrase.startswith("#"):
            continue
        if phrase in seen:
            raise OverlayError(f"{name}:{number}: {phrase!r} stands on line {seen[phrase]} already")
        seen[phrase] = number
    return list(seen)


@dataclass(frozen=True, slots=True)
class Region:
    """A region of ``regions.toml``; members are (country, since, until), dates as written or empty."""

    id: str
    name: str
    continent: str
    cldr: str
    derive: bool
    within: str
    members: tuple[tuple[str, str, str], ...]
    names: tuple[Word, ...]
    other: tuple[Word, ...]


def _marked(names: list[str]) -> tuple[Word, ...]:
    return tuple(Word(n.rstrip("!~"), "!" in n[-2:], "~" in n[-2:]) for n in names)


def _members(fail: str, written: list[str]) -> Iterator[tuple[str, str, str]]:
    for one in written:
        match = _MEMBER.match(one)
        if match is None:
            raise OverlayError(f'{fail}: member {one!r} is not "CODE" or "CODE since until"')
        code, since, until = match.groups(default="-")
        yield code, since.strip("-") and since, until.strip("-") and until


def _region(where: str, region_id: str, said: dict[str, Any]) -> Region:
    unknown = set(said) - _REGION_KEYS
    if unknown:
        raise OverlayError(f"{where}: unknown key {sorted(unknown)[0]!r}")
    if said.get("continent") not in _CONTINENTS or not said.get("names") or not said.get("name"):
        raise OverlayError(f"{where}: needs a name, names and a continent of {sorted(_CONTINENTS)}")
    return Region(
        id=region_id,
        name=said["name"],
        continent=said["continent"],
        cldr=said.get("cldr", ""),
        derive=said.get("derive", False),
        within=said.get("within", ""),
        members=tuple(_members(where, said.get("members", []))),
        names=_marked(said["names"] + said.get("adjectives", [])),
        other=_marked(said.get("other", [])),
    )


@dataclass(frozen=True, slots=True)
class ContextRule:
    """An ambiguous name of ``contexts.toml``: its default and, for each reading, what it means and its cues."""

    name: str
    default: str
    readings: tuple[dict[str, Any], ...]


def contexts(folder: Path = FOLDER) -> list[ContextRule]:
    """Return the context rules, in the order of the file."""
    said, lines = _toml("contexts.toml", folder)
    rules = []
    for name, rule in said.items():
        where = f"contexts.toml:{lines.get(f'[{name}]', 1)}"
        readings = tuple(
            {
                "means": r.get("means"),
                "places": r.get("places", []),
                "words": [fold_name(word) for word in r.get("words", [])],
                "congruent": r.get("congruent", True),
            }
            for r in rule.get("readings", [])
        )
        for meant in [rule.get("default"), *(r["means"] for r in readings)]:
            if not isinstance(meant, str) or (meant and not _CODE.match(meant)):
                raise OverlayError(f"{where}: {meant!r} is no country code")
        rules.append(ContextRule(name, rule["default"], readings))
    return rules


def _toml(name: str, folder: Path) -> tuple[dict[str, Any], dict[str, int]]:
    text = (folder / name).read_text("utf-8")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OverlayError(f"{name}: {error}") from error
    return said, {line.strip(): number for number, line in enumerate(text.splitlines(), 1)}


def regions(folder: Path = FOLDER) -> list[Region]:
    """Return the regions, in the order of the file."""
    name = "regions.toml"
    said, lines = _toml(name, folder)
    return [_region(f"{name}:{lines.get(f'[{key}]', 1)}", key, value) for key, value in said.items()]


def place_id(row: Row) -> str:
    """Return the first cell, a country or a state such as US-GA."""
    if not _PLACE.match(row.cells[0]):
        raise row.fail(f"{row.cells[0]!r} is no country or state code")
    return row.cells[0]
