"""An operator's watch list: actors to add, actors and phrases to suppress; a broken file changes nothing.

The file has the tables of the actors' own data files, and ``suppress``::

    [[organisation]]
    id = "aral-fisheries-union"
    name = "Aral Fisheries Union"
    kind = "organisation"
    aliases = ["AFU"]

    [[suppress]]
    phrase = "Wagner opera"
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from shared.actors.dataset import ActorData, read_data
from shared.actors.directory import Actors, load_common_words
from shared.actors.entries import ActorDataError, Problem

T = TypeVar("T")


def load_watched(path: Path | None) -> Actors:
    """Return the listed actors with the watch list at ``path`` on top.

    Raises ActorDataError, which names the line of each problem.
    """
    return Actors(_data(path), load_common_words())


def _data(path: Path | None) -> ActorData:
    try:
        return read_data(overlay=path)
    except OSError as error:
        raise ActorDataError(
            [Problem(path.name if path else "", 1, f"cannot be read: {error.strerror}")]
        ) from error


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells one state of the file from another."""

    changed: int
    size: int


class Watched(Generic[T]):
    """Something built from the actors, rebuilt when the watch list changes: a tagger, or the directory.

    A file that is invalid or cannot be read is refused with its problems, and what was built last stays in force.
    """

    def __init__(self, path: Path, build: Callable[[Actors], T]) -> None:
        """Build it once. A watch list that is broken from the start is refused too: the listed actors remain."""
        self._path = path
        self._build = build
        self._stamp: _Stamp | None = None
        self.problems: tuple[Problem, ...] = ()
        self.current = build(load_watched(None))
        self.refresh()

    def refresh(self) -> bool:
        """Look at the file again; return whether something new is in force. ``problems`` says why not."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self.current = self._build(load_watched(self._path if stamp else None))
        except ActorDataError as error:
            self.problems = error.problems
            return False
        self.problems = ()
        return True

    def _look(self) -> _Stamp | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return _Stamp(status.st_mtime_ns, status.st_size)
