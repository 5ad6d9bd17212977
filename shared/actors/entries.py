"""One data file as its entries, each with the line it begins on, and what is wrong with them."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_FIELDS: Mapping[str, Mapping[str, type]] = {
    "person": {
        "id": str, "name": str, "country": str, "aliases": list, "called": list, "known_as": list, "offices": list,
    },
    "organisation": {
        "id": str, "name": str, "kind": str, "country": str, "aliases": list, "weak": list, "near": list, "not": list,
    },
    "suppress": {"id": str, "phrase": str},
}  # fmt: skip
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "person": ("id", "name"),
    "organisation": ("id", "name"),
    "suppress": (),
}


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

    def refuse_other_tables(self) -> None:
        """Note every table that no entry is read from: a slip there would silently change nothing."""
        for name in self.tables.keys() - _FIELDS.keys():
            line = next(iter(self.lines(f"[[{name}]]") or self.lines(f"[{name}]")), 1)
            self.problem(line, f"unknown table {name!r}; known are {', '.join(_FIELDS)}")

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
        for key in _REQUIRED[table]:
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
