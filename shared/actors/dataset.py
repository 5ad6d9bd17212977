"""Reading and checking the actors' data files; every problem is told with its file and line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

from shared.actors.entries import ActorDataError, Entries, Problem
from shared.actors.model import Actor, CountryWords, Office, OfficeKind, Organisation, Person, Tenure
from shared.actors.spelling import fold, is_latin, skeleton
from shared.events import ActorKind

DATA = Path(__file__).parent / "data"

_OFFICE = re.compile(r"(?P<kind>[a-z-]+)(?:@(?P<body>[a-z0-9-]+))? (?P<since>[\d-]+)\.\.(?P<until>[\d-]*)")
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


@dataclass(slots=True)
class ActorData:
    """Everything that the files say."""

    people: dict[str, Person] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    offices: dict[str, Office] = field(default_factory=dict)
    countries: dict[str, CountryWords] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    """Phrases that name nobody, whatever they look like."""
    as_of: date = date.min
    """The day up to which tenures were checked."""


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
    """What a person is called for short: as the file says, or the last word; and that name's other spellings."""
    if called is None:
        called = name.split()[-1:] if " " in name else []
    if not called:
        return ()
    family_first = name.split(maxsplit=1)[0] == called[0]
    parts = [alias.split()[0 if family_first else -1] for alias in aliases if " " in alias]
    other = [part for part in parts if not is_latin(part) or skeleton(part) == skeleton(called[0])]
    return tuple(dict.fromkeys((*called, *other)))


def _in_every_spelling(known_as: list[str], short: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``known_as`` and the short names that are the same name in another spelling or script."""
    sounds = {skeleton(name) for name in known_as}
    same = [name for name in short if sounds and (not is_latin(name) or skeleton(name) in sounds)]
    return tuple(dict.fromkeys((*known_as, *same)))


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
            _in_every_spelling(row.get("known_as", []), short),
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

    def collect(self, overlay: Path | None) -> ActorData:
        extra = [Entries(overlay, overlay.name)] if overlay is not None else []
        organisations = [
            self._open(path) for path in sorted(self.folder.glob("organisations/*.toml"))
        ] + extra
        people = [self._open(path) for path in sorted(self.folder.glob("people/*.toml"))] + extra
        for entries in organisations:
            self._organisations(entries)
        for entries in people:
            self._people(entries)
        for entries in extra:
            entries.refuse_other_tables()
            self._suppress(entries)
        self.problems += [
            one for entries in dict.fromkeys((*organisations, *people)) for one in entries.problems
        ]
        if self.problems:
            raise ActorDataError(self.problems)
        return self.data

    def _organisations(self, entries: Entries) -> None:
        for line, organisation in read_organisations(entries):
            if self._claim(entries, line, organisation.actor):
                self.data.organisations[organisation.actor.id] = organisation

    def _suppress(self, entries: Entries) -> None:
        """Take out what an overlay suppresses; the names of a suppressed actor then name nobody."""
        blocked: set[str] = set()
        for line, row in entries.each("suppress"):
            actor_id, phrase = row.get("id"), row.get("phrase")
            if (actor_id is None) == (phrase is None):
                entries.problem(line, "suppress needs either an id or a phrase")
            elif phrase is not None:
                blocked.add(phrase)
            elif actor_id in self.data.people:
                blocked.update(self.data.people.pop(actor_id).aliases)
            elif actor_id in self.data.organisations:
                organisation = self.data.organisations.pop(actor_id)
                blocked.update((*organisation.aliases, *organisation.weak))
            else:
                entries.problem(line, f"id {actor_id!r} is nobody's")
        self.data.blocked = frozenset(blocked)

    def _people(self, entries: Entries) -> None:
        for line, person, offices in read_people(entries, self.kinds):
            if not self._claim(entries, line, person.actor):
                continue
            self.data.people[person.actor.id] = person
            for kind, body in offices:
                self._office(entries, line, kind, body, person.actor.country)

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


def read_data(folder: Path = DATA, overlay: Path | None = None) -> ActorData:
    """Read every data file in ``folder``, and an operator's ``overlay`` that adds to them or suppresses.

    Raises ActorDataError naming file and line of each problem, and OSError for a file that cannot be read.
    """
    return _Collector(folder).collect(overlay)
