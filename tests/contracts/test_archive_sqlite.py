"""What only the SQLite archive does: one file, one writer, any number of readers, and no loss when it is killed."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.stories import NOON, enriched_story
from shared.archive import sqlite_queries as queries
from shared.archive.port import ArchiveUnavailable, Filter
from shared.archive.query import parse_query
from shared.archive.sqlite import SqliteArchive
from shared.events import Cluster

TESTS = Path(__file__).parent.parent

#: Stores batches of 20 and says the number of each once it is acknowledged.
WRITER = """
import asyncio, itertools, pathlib, sys
sys.path[:0] = [sys.argv[2], str(pathlib.Path(sys.argv[2]).parent)]
from fakes.stories import enriched_story
from shared.archive.sqlite import SqliteArchive

async def main():
    archive = SqliteArchive(pathlib.Path(sys.argv[1]))
    await archive.setup()
    for batch in itertools.count():
        text = f"batch{batch} " + "steppe " * 200
        await archive.put([enriched_story(f"s{batch}-{n}", text=text) for n in range(20)])
        print(batch, flush=True)

asyncio.run(main())
"""


@contextlib.contextmanager
def writer(path):
    """Another process that writes until it is killed."""
    command = [sys.executable, "-c", WRITER, str(path), str(TESTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def acknowledged(process, batches):
    """Wait until so many more batches are acknowledged; return the number of the last one."""
    lines = [await asyncio.to_thread(process.stdout.readline) for _ in range(batches)]
    return int(lines[-1])


async def test_another_process_reads_while_one_writes(tmp_path):
    path = tmp_path / "archive.db"
    with writer(path) as process:
        last = await acknowledged(process, 1)
        reader = SqliteArchive(path, read_only=True)
        await reader.setup()
        for _ in range(20):
            last = await acknowledged(process, 1)
            assert await reader.get(f"s{last}-19") is not None
            assert await reader.total(Filter()) % 20 == 0
            assert (await reader.search(f"batch{last}", Filter())).hits
        await reader.close()


@pytest.mark.parametrize("batches", [1, 7, 30])
async def test_a_killed_writer_leaves_every_acknowledged_batch(tmp_path, batches):
    path = tmp_path / "archive.db"
    with writer(path) as process:
        await acknowledged(process, batches)
        os.kill(process.pid, signal.SIGKILL)
        # Batches that were acknowledged between our last look and the kill count as well.
        told, _ = await asyncio.to_thread(process.communicate)
    last = max([batches - 1, *map(int, told.split())])

    archive = SqliteArchive(path)
    await archive.setup()
    stored = await archive.total(Filter())
    for batch in range(last + 1):
        assert await archive.get(f"s{batch}-19") is not None
    await archive.close()

    assert stored % 20 == 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.execute("INSERT INTO story_text(story_text, rank) VALUES ('integrity-check', 1)")


async def test_what_was_stored_is_there_after_a_restart(tmp_path):
    first = SqliteArchive(tmp_path / "new folder" / "archive?#%.db")
    await first.setup()
    await first.put([enriched_story("a")])
    await first.close()

    second = SqliteArchive(tmp_path / "new folder" / "archive?#%.db")
    await second.setup()
    kept = await second.get("a")
    await second.close()

    assert kept == enriched_story("a")
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == ["archive?#%.db"]


async def test_reads_do_not_wait_for_a_write(tmp_path):
    path = tmp_path / "archive.db"
    archive = SqliteArchive(path)
    await archive.setup()
    await archive.put([enriched_story("a")])
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(archive.put([enriched_story("b")]))

        assert (await archive.latest(Filter())).stories == [enriched_story("a")]
        assert not waiting.done()
        other.execute("ROLLBACK")
        assert [result.status for result in await waiting] == ["stored"]
    await archive.close()


async def test_a_reader_cannot_write_nor_create(tmp_path):
    path = tmp_path / "archive.db"
    reader = SqliteArchive(path, read_only=True)

    with pytest.raises(ArchiveUnavailable):
        await reader.setup()
    with pytest.raises(ArchiveUnavailable):
        await reader.put([enriched_story("a")])
    await reader.close()
    assert not path.exists()


async def test_a_file_that_is_no_archive_of_ours_is_refused(tmp_path):
    (tmp_path / "text.db").write_text("not a database, and long enough to be read as one " * 100)
    with contextlib.closing(sqlite3.connect(tmp_path / "newer.db")) as newer:
        newer.execute("PRAGMA user_version = 99")

    for name, said in (("text.db", "not a database"), ("newer.db", "format 99")):
        archive = SqliteArchive(tmp_path / name)
        with pytest.raises(ArchiveUnavailable, match=said):
            await archive.setup()
        await archive.close()


async def test_a_batch_that_fails_midway_leaves_nothing_behind(tmp_path):
    path = tmp_path / "archive.db"
    archive = SqliteArchive(path)
    await archive.setup()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute(
            "CREATE TRIGGER full AFTER INSERT ON story WHEN new.id = 'b'"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(ArchiveUnavailable, match="full"):
        await archive.put([enriched_story("a"), enriched_story("b")])

    assert await archive.total(Filter()) == 0
    await archive.close()


async def test_a_file_of_the_first_format_is_brought_up_to_date(tmp_path):
    path = tmp_path / "archive.db"
    before = SqliteArchive(path)
    await before.setup()
    await before.put([enriched_story("a")])
    await before.close()
    with contextlib.closing(sqlite3.connect(path)) as older:
        older.execute("DROP TABLE replaced")
        older.execute("PRAGMA user_version = 1")

    archive = SqliteArchive(path)
    await archive.setup()
    await archive.put([enriched_story("a", revision=1)])

    assert await archive.history("a") == [enriched_story("a")]
    await archive.close()


def steps(path, statement):
    """The instructions of SQLite's machine that a question takes, in thousands."""
    taken = []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.set_progress_handler(lambda: taken.append(1) and None, 1000)
        connection.execute(*statement).fetchall()
    return len(taken)


@pytest.mark.parametrize("where", [Filter(), Filter(countries=["KZ"]), Filter(countries=["KZ", "NO"])])
async def test_what_a_question_costs_grows_no_faster_than_the_archive(tmp_path, where):
    path = tmp_path / "archive.db"
    archive = SqliteArchive(path)
    await archive.setup()
    cost = []
    for turn in range(2):
        first = turn * 1000
        # Every other one tells again what the one before told.
        told = [
            enriched_story(
                f"s{number}",
                cluster=Cluster(id=f"s{number // 2 * 2}"),
                published_at=NOON - timedelta(minutes=number),
            )
            for number in range(first, first + 1000)
        ]
        await archive.put(told)
        page = {"after": None, "before": None, "limit": 6, "collapse": True}
        asked = {
            "page": queries.page(where, **page),
            "search": queries.search_page(parse_query("happened"), where, order="relevance", **page),
            "total": queries.total(where, collapse=True),
            "days": queries.buckets(where, collapse=True),
            "tags": queries.tag_counts(where, "country", top=10, collapse=True),
        }
        cost.append({what: steps(path, statement) for what, statement in asked.items()})
    await archive.close()

    assert all(cost[1][what] <= 3 * max(cost[0][what], 10) for what in cost[0]), cost
    assert cost[1]["page"] <= 10
