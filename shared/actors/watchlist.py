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

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from shared.actors.dataset import ActorData, read_data
from shared.actors.directory import Actors, load_common_words
from shared.actors.entries import ActorDataError, Problem
from shared.actors.model import Actor, FoundActor, Office

T = TypeVar("T")

#: Seconds between two looks at the file.
LOOK_EVERY = 15.0

log = structlog.get_logger(__name__)


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

    async def keep_fresh(self, stop: asyncio.Event, every: float = LOOK_EVERY) -> None:
        """Refresh every so many seconds until the event is set, in a thread: reading takes a second or two."""
        self.tell()
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), every)
            except TimeoutError:
                before = self.problems
                if await asyncio.to_thread(self.refresh):
                    log.info("watch list in force", file=str(self._path))
                elif self.problems is not before:
                    self.tell()

    def tell(self) -> None:
        """Log what is wrong with the file, or that it is missing."""
        if self._stamp is None:
            log.warning("watch list is missing", file=str(self._path))
        for problem in self.problems:
            log.error("watch list refused, the last good one stays in force", problem=str(problem))

    def _look(self) -> _Stamp | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return _Stamp(status.st_mtime_ns, status.st_size)


class WatchedActors:
    """The directory as the watch list makes it at the time; the questions are those of ``Actors``."""

    def __init__(self, path: Path) -> None:
        self.watched = Watched(path, lambda actors: actors)

    def get(self, actor_id: str) -> Actor | None:
        """Return the actor, or the office, with that id."""
        return self.watched.current.get(actor_id)

    def localized(self, actor_id: str, language: str) -> str | None:
        """Return how a language calls the actor, None where it is not known."""
        return self.watched.current.localized(actor_id, language)

    def offices_of(self, actor_id: str, at: date | None = None) -> list[Office]:
        """Return the offices that a person held on a day."""
        return self.watched.current.offices_of(actor_id, at)

    def expand(self, followed: str, at: date | None = None) -> frozenset[str]:
        """Return the actor ids that a followed id stands for on a day."""
        return self.watched.current.expand(followed, at)

    def resolve(self, name: str, at: date | None = None) -> list[Actor]:
        """Return whom ``name`` may mean."""
        return self.watched.current.resolve(name, at)

    def find(self, text: str, at: date | None = None) -> list[FoundActor]:
        """Return the actors named in a question."""
        return self.watched.current.find(text, at)

    def find_offices(self, text: str) -> list[FoundActor]:
        """Return the offices named in a question."""
        return self.watched.current.find_offices(text)

    def suggest(self, name: str, limit: int = 3) -> list[Actor]:
        """Return actors whose names are like ``name``."""
        return self.watched.current.suggest(name, limit)
