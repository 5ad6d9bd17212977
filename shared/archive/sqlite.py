"""The archive in one SQLite file: nothing to install, for one machine.

One process writes; any number of processes read at the same time (write-ahead log), this one included: reads have
connections and threads of their own and never wait for a write. Not for network file systems.

What differs from Elasticsearch, within the port's promises: a search sees a story at once; English words are reduced
to stems by Porter's algorithm (M. F. Porter, "An algorithm for suffix stripping", 1980) and a prefix is compared
with stems; Chinese and Japanese texts are only found by the beginning of a run of characters.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from shared.archive import sqlite_queries as queries
from shared.archive import sqlite_writes as writes
from shared.archive.cursor import Position, decode_cursor, encode_cursor, question_digest
from shared.archive.document import page_size, story_of, time_zone
from shared.archive.port import (
    PAGE_LIMIT,
    ArchiveUnavailable,
    BadCursor,
    CountBy,
    Filter,
    Health,
    Hit,
    HitPage,
    Page,
    PutResult,
    SearchOrder,
)
from shared.archive.query import parse_query
from shared.archive.sqlite_queries import Statement
from shared.archive.sqlite_schema import open_for_reading, open_for_writing
from shared.archive.sqlite_snippets import snippets
from shared.events import Cluster, EnrichedStory

_READERS = 2
_STORIES_KEPT = 256

_Result = TypeVar("_Result")
_Row = tuple[Any, ...]


class SqliteArchive:
    """A ``StoryArchive`` in the file ``path``. With ``read_only`` another process must have created it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._writer: sqlite3.Connection | None = None
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._closed = False
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="archive-write")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="archive-read")

    async def setup(self) -> None:
        """Open the file, and create it unless ``read_only``."""
        await self._run(self._writing, self._open)

    async def put(self, batch: Sequence[EnrichedStory]) -> list[PutResult]:
        """Store a batch in one transaction."""
        return await self._write(lambda writer: [writes.put(writer, story) for story in batch])

    async def get(self, story_id: str) -> EnrichedStory | None:
        """Return the newest revision of a story."""
        rows = await self._read(queries.one(story_id))
        return _story(rows[0]) if rows else None

    async def history(self, story_id: str) -> list[EnrichedStory]:
        """Return the revisions of a story that a newer one replaced, newest first."""
        return [_story(row) for row in await self._read(queries.replaced(story_id, PAGE_LIMIT))]

    async def recluster(self, story_id: str, cluster: Cluster) -> bool:
        """Move a story to another cluster. Another process may be writing meanwhile: this waits for it."""
        return await self._write(lambda writer: writes.recluster(writer, story_id, cluster))

    async def latest(
        self,
        where: Filter,
        *,
        limit: int = 5,
        cursor: str | None = None,
        before: datetime | None = None,
        collapse: bool = True,
    ) -> Page:
        """Return the newest stories that match."""
        question = question_digest("latest", where, collapse=collapse)
        after = decode_cursor(cursor, question) if cursor else None
        size = page_size(limit)
        statement = queries.page(where, after=after, before=before, limit=size + 1, collapse=collapse)
        rows = await self._read(statement)
        return Page([_story(row) for row in rows[:size]], _next(rows, size, question))

    async def search(
        self,
        text: str,
        where: Filter,
        *,
        order: SearchOrder = "newest",
        limit: int = 5,
        cursor: str | None = None,
        before: datetime | None = None,
        collapse: bool = True,
    ) -> HitPage:
        """Search titles and texts. By relevance there is one page: scores shift as stories arrive."""
        query = parse_query(text)
        if cursor and order == "relevance":
            raise BadCursor("A list by relevance has no further pages.")
        question = question_digest("search", where, text=repr(query), collapse=collapse)
        after = decode_cursor(cursor, question) if cursor else None
        size = page_size(limit)
        statement = queries.search_page(
            query, where, order=order, after=after, before=before, limit=size + 1, collapse=collapse
        )
        rows = await self._read(statement)
        stories = [_story(row) for row in rows[:size]]
        passages = await self._run(self._reading, lambda: snippets(queries.match_expression(query), stories))
        further = None if order == "relevance" else _next(rows, size, question)
        return HitPage([Hit(*pair) for pair in zip(stories, passages, strict=True)], further)

    async def cluster(self, cluster_id: str, *, limit: int = PAGE_LIMIT) -> list[EnrichedStory]:
        """Return the tellings of one event, newest first."""
        return [_story(row) for row in await self._read(queries.cluster_page(cluster_id, page_size(limit)))]

    async def clusters(self, cluster_ids: Sequence[str]) -> dict[str, list[EnrichedStory]]:
        """Return the tellings of several events, each newest first."""
        ids = list(dict.fromkeys(cluster_ids))
        found = await self._read_each([queries.cluster_page(each, PAGE_LIMIT) for each in ids])
        return {each: [_story(row) for row in rows] for each, rows in zip(ids, found, strict=True)}

    async def counts(
        self, where: Filter, by: CountBy, *, zone: str = "UTC", top: int = 10, collapse: bool = True
    ) -> dict[str, int]:
        """Count stories or clusters by day or tag. Raises ``ValueError`` for an unknown time zone."""
        if by != "day":
            return dict(await self._read(queries.tag_counts(where, by, top=max(top, 1), collapse=collapse)))
        local, days = time_zone(zone), dict[str, set[object]]()
        told = await self._read(queries.buckets(where, collapse=collapse))
        for start, rows in groupby(told, key=itemgetter(0)):
            day = datetime.fromtimestamp(start / 1000, UTC).astimezone(local).date().isoformat()
            days.setdefault(day, set()).update(row[1] for row in rows)
        return {day: len(stories) for day, stories in days.items()}

    async def total(self, where: Filter, *, collapse: bool = False) -> int:
        """Count the stories that match, or the clusters, exactly."""
        return int((await self._read(queries.total(where, collapse=collapse)))[0][0])

    async def refresh(self) -> None:
        """Do nothing: what is stored is visible."""

    async def health(self) -> Health:
        """Say whether the file can be read, and how many stories it holds."""
        try:
            stories = await self.total(Filter())
        except ArchiveUnavailable as error:
            return Health(False, str(error))
        return Health(True, f"SQLite archive, {stories} stories", {"path": str(self._path)})

    async def close(self) -> None:
        """Finish what is running and close the file."""
        self._closed = True
        await asyncio.to_thread(self._close)

    # --- below here: in the threads ----------------------------------------------------------------------------

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
        if self._closed:
            raise ArchiveUnavailable(f"the archive {self._path} is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except sqlite3.Error as error:
            raise ArchiveUnavailable(f"the archive {self._path} cannot be used now: {error}") from error
        except OSError as error:
            raise ArchiveUnavailable(f"the archive {self._path} cannot be opened: {error}") from error

    async def _write(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do some work in one transaction: all of it or nothing."""
        if self._read_only:
            raise ArchiveUnavailable(f"{self._path} was opened for reading only")

        def within() -> _Result:
            if (writer := self._writer) is None:
                raise ArchiveUnavailable(f"the archive {self._path} is not open")
            writer.execute("BEGIN IMMEDIATE")
            try:
                result = work(writer)
                writer.execute("COMMIT")
            except BaseException:
                writer.rollback()
                raise
            return result

        return await self._run(self._writing, within)

    async def _read(self, statement: Statement) -> list[_Row]:
        return (await self._read_each([statement]))[0]

    async def _read_each(self, statements: Sequence[Statement]) -> list[list[_Row]]:
        """Ask several questions in one turn of a thread: the way there costs more than most answers."""

        def work() -> list[list[_Row]]:
            with self._reader() as connection:
                return [connection.execute(*statement).fetchall() for statement in statements]

        return await self._run(self._reading, work)

    def _open(self) -> None:
        if self._writer is None and not self._read_only:
            self._writer = open_for_writing(self._path)
        with self._reader():
            return  # it can be read

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """Give a connection of this thread's own for the moment; there are never more than threads."""
        try:
            connection = self._readers.get_nowait()
        except Empty:
            # Opened when first needed: a reader may be there before index has made the file.
            connection = open_for_reading(self._path)
        try:
            yield connection
        finally:
            self._readers.put(connection)

    def _close(self) -> None:
        self._writing.shutdown()
        self._reading.shutdown()
        with contextlib.suppress(Empty):
            while True:
                self._readers.get_nowait().close()
        if self._writer is not None:
            self._writer.close()  # the last: it folds the write-ahead log back into the file
            self._writer = None


def _story(row: _Row) -> EnrichedStory:
    _, _, title, text, rest = row
    return _put_together(rest, title, text)


# The newest stories are what everybody asks for. They never change once made, so all may share one.
_put_together = lru_cache(_STORIES_KEPT)(story_of)


def _next(rows: Sequence[_Row], size: int, question: bytes) -> str | None:
    if len(rows) <= size:
        return None
    story_id, dated_at = rows[size - 1][:2]
    return encode_cursor(Position(dated_at, story_id), question)
