"""Reading and checking the actors' data files; every problem is told with its file and line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from shared.actors.model import Actor, CountryWords, Office, OfficeKind, Organisation, Person, Tenure
from shared.actors.spelling import fold, is_latin, skeleton
from shared.events import ActorKind

DATA = Path(__file__).parent / "data"

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_OFFICE = re.compile(r"(?P<kind>[a-z-]+)(?:@(?P<body>[a-z0-9-]+))? (?P<since>[\d-]+)\.\.(?P<until>[\d-]*)")
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_FIELDS: Mapping[str, Mapping[str, type]] = {
    "person": {
        "id": str, "name": str, "country": str, "aliases": list, "called": list, "known_as": list, "offices": list,
    },
    "organisation": {
        "id": str, "name": str, "kind": str, "country": str, "aliases": list, "weak": list, "near": list, "not": list,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a data file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ActorDataError(ValueError):
    """The data cannot be used; ``problems`` say why, each with file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class ActorData:
    """Everything that the files say."""

    people: dict[str, Person] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    offices: dict[str, Office] = field(default_factory=dict)
    countries: dict[str, CountryWords] = field(default_factory=dict)
    as_of: date = date.min
    """The day up to which tenures were checked."""


class Entries:
    """The tables of one TOML file, each with the line it begins on."""

    def __init__(self, path: Path, name: str) -> None:
        """Read ``path``, called ``name`` in messages; raises ActorDataError when it is no UTF-8 TOML."""
        self.file = name
        self.problems: list[Problem] = []
        try:
            self._text = path.read_bytes().decode("utf-8")
            self.tables: dict[str, Any] = tomllib.loads(self._text)
        except UnicodeDecodeError as error:
            raise ActorDataError([Problem(name, 1, f"not UTF-8: {error.reason}")]) from error
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found[1]) if found else self._text.count("\n") + 1
            raise ActorDataError([Problem(name, line, f"not TOML: {error}")]) from error

    def lines(self, header: str) -> list[int]:
        """Return the line numbers of every ``header`` in the file, in order."""
        wanted = re.compile(rf"\s*{re.escape(header)}\s*(?:#.*)?$")
        return [number for number, line in enumerate(self._text.split("\n"), 1) if wanted.match(line)]

    def each(self, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the well-formed entries of ``[[table]]`` with their lines; the others become problems."""
        rows = self.tables.get(table, [])
        lines = self.lines(f"[[{table}]]")
        if not isinstance(rows, list) or len(lines) != len(rows):
            self.problem(1, f"{table} must be written as [[{table}]] tables")
            return
        for line, row in zip(lines, rows, strict=True):
            if self._well_formed(table, line, row):
                yield line, row

    def _well_formed(self, table: str, line: int, row: dict[str, Any]) -> bool:
        before = len(self.problems)
        fields = _FIELDS[table]
        for key, value in row.items():
            if key not in fields:
                self.problem(line, f"unknown field {key!r}")
            elif not isinstance(value, fields[key]) or (
                isinstance(value, list) and not all(isinstance(one, str) and one.strip() for one in value)
            ):
                self.problem(line, f"{key} must be {'a list of texts' if fields[key] is list else 'a text'}")
        for key in ("id", "name"):
            if not row.get(key):
                self.problem(line, f"{key} is missing")
        if isinstance(row.get("id"), str) and not _ID.fullmatch(row["id"]):
            self.problem(line, f"id {row['id']!r} must be lower-case words joined by hyphens")
        if isinstance(row.get("country"), str) and not _COUNTRY.fullmatch(row["country"]):
            self.problem(line, f"country {row['country']!r} must be an ISO 3166-1 alpha-2 code")
        return len(self.problems) == before

    def problem(self, line: int, message: str) -> None:
        """Note something wrong at ``line``."""
        self.problems.append(Problem(self.file, line, message))


def _first_day(written: str) -> date | None:
    parts = _DAY.fullmatch(written)
    try:
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)) if parts else None
    except ValueError:
        return None


def _last_day(written: str) -> date | None:
    """The end of what was written: "2024" means until the last day of that year."""
    parts = _DAY.fullmatch(written)
    first = _first_day(written)
    if parts is None or first is None or parts[3]:
        return first
    following = (
        date(first.year + 1, 1, 1)
        if parts[2] is None or first.month == 12
        else date(first.year, first.month + 1, 1)
    )
    return following - timedelta(days=1)


def _short_names(name: str, aliases: tuple[str, ...], called: list[str] | None) -> tuple[str, ...]:
    """What a person is called for short: as the file says, or the last word; in other scripts the same word."""
    if called is None:
        called = name.split()[-1:] if " " in name else []
    if not called:
        return ()
    family_first = name.split()[0] == called[0]
    other = [
        alias.split()[0 if family_first else -1] for alias in aliases if " " in alias and not is_latin(alias)
    ]
    return tuple(dict.fromkeys((*called, *other)))


def _in_every_script(known_as: list[str], short: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``known_as`` and the short names that are the same name in another script."""
    sounds = {skeleton(name) for name in known_as}
    return (*known_as, *(name for name in short if not is_latin(name) and sounds))


def read_people(
    entries: Entries, kinds: Mapping[str, OfficeKind]
) -> Iterator[tuple[int, Person, list[tuple[str, str | None]]]]:
    """Yield each person with the line and the (kind, organisation) of every office held."""
    for line, row in entries.each("person"):
        country = row.get("country")
        tenures: list[Tenure] = []
        offices: list[tuple[str, str | None]] = []
        for written in row.get("offices", []):
            parts = _OFFICE.fullmatch(written)
            since = _first_day(parts["since"]) if parts else None
            until = _last_day(parts["until"]) if parts and parts["until"] else None
            if (
                parts is None
                or since is None
                or (parts["until"] and until is None)
                or (until and until < since)
            ):
                entries.problem(line, f"office {written!r} must read KIND[@ORGANISATION] FROM..[UNTIL]")
            elif parts["kind"] not in kinds:
                entries.problem(line, f"office {parts['kind']!r} is not in offices.toml")
            elif parts["body"] is None and country is None:
                entries.problem(line, f"office {written!r} needs a country or an organisation")
            else:
                offices.append((parts["kind"], parts["body"]))
                tenures.append(
                    Tenure(f"{parts['body'] or str(country).lower()}-{parts['kind']}", since, until)
                )
        name = row["name"]
        aliases = (name, *row.get("aliases", []))
        short = _short_names(name, aliases, row.get("called"))
        person = Person(
            Actor(row["id"], name, "person", country),
            aliases,
            short,
            _in_every_script(row.get("known_as", []), short),
            tuple(tenures),
        )
        yield line, person, offices


def read_organisations(entries: Entries) -> Iterator[tuple[int, Organisation]]:
    """Yield each organisation with its line."""
    for line, row in entries.each("organisation"):
        name, weak = row["name"], tuple(row.get("weak", []))
        if row.get("kind") not in get_args(ActorKind) or row.get("kind") == "person":
            entries.problem(line, f"kind {row.get('kind')!r} is none of {', '.join(get_args(ActorKind)[1:])}")
            continue
        # A name with a remark, "Labour Party (UK)", is for display: nobody writes it in a story.
        own = () if "(" in name or name in weak else (name,)
        near = frozenset(fold(word) for word in row.get("near", []))
        actor = Actor(row["id"], name, row["kind"], row.get("country"))
        yield (
            line,
            Organisation(actor, (*own, *row.get("aliases", [])), weak, near, tuple(row.get("not", []))),
        )


def read_office_kinds(entries: Entries) -> dict[str, OfficeKind]:
    """Return the kinds of offices by id."""
    return {
        kind: OfficeKind(
            kind, row["title"], tuple(fold(word) for word in row["words"]), row.get("head", False)
        )
        for kind, row in entries.tables.items()
    }


def read_countries(entries: Entries) -> dict[str, CountryWords]:
    """Return the words for each country by code."""
    return {
        code: CountryWords(
            code, *(tuple(row.get(part, [])) for part in ("names", "adjectives", "capitals", "russian"))
        )
        for code, row in entries.tables.items()
    }


class _Collector:
    """Puts the files together and finds what no single file shows: ids used twice, offices of nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.data = ActorData(countries=read_countries(self._open(folder / "countries.toml")))
        self.kinds = read_office_kinds(self._open(folder / "offices.toml"))
        self.data.as_of = self._as_of(self._open(folder / "about.toml"))
        self._ids: dict[str, str] = {}

    def _as_of(self, about: Entries) -> date:
        day = about.tables.get("as_of")
        if isinstance(day, date):
            return day
        raise ActorDataError([Problem(about.file, 1, "as_of must be a date")])

    def _open(self, path: Path) -> Entries:
        return Entries(path, path.relative_to(self.folder).as_posix())

    def _claim(self, entries: Entries, line: int, actor: Actor) -> bool:
        if actor.id in self._ids:
            entries.problem(line, f"id {actor.id!r} is used already at {self._ids[actor.id]}")
            return False
        self._ids[actor.id] = f"{entries.file}:{line}"
        return True

    def collect(self) -> ActorData:
        files = [self._open(path) for path in sorted(self.folder.glob("organisations/*.toml"))]
        for entries in files:
            for line, organisation in read_organisations(entries):
                if self._claim(entries, line, organisation.actor):
                    self.data.organisations[organisation.actor.id] = organisation
            self.problems += entries.problems
        for path in sorted(self.folder.glob("people/*.toml")):
            self._people(self._open(path))
        if self.problems:
            raise ActorDataError(self.problems)
        return self.data

    def _people(self, entries: Entries) -> None:
        for line, person, offices in read_people(entries, self.kinds):
            if not self._claim(entries, line, person.actor):
                continue
            self.data.people[person.actor.id] = person
            for kind, body in offices:
                self._office(entries, line, kind, body, person.actor.country)
        self.problems += entries.problems

    def _office(self, entries: Entries, line: int, kind: str, body: str | None, country: str | None) -> None:
        if body is not None:
            organisation = self.data.organisations.get(body)
            if organisation is None:
                entries.problem(line, f"office of {body!r}, which is no organisation here")
                return
            where, country = organisation.actor.name, organisation.actor.country
        else:
            words = self.data.countries.get(country or "")
            where = words.names[0] if words else str(country)
        office_id = f"{body or str(country).lower()}-{kind}"
        title = self.kinds[kind].title
        self.data.offices[office_id] = Office(
            office_id, f"{title} of {where}", self.kinds[kind], country, body
        )


def read_data(folder: Path = DATA) -> ActorData:
    """Read every data file in ``folder``; raises ActorDataError naming file and line of each problem."""
    return _Collector(folder).collect()
